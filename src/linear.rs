//! Sparse rows, logistic regression by dual coordinate descent, and the linear model with one row of weights per feature.
//!
//! The estimator implements linfa's `Fit` and `Predict`, so that linfa's data sets and metrics work with it; linfa's own classifiers
//! take dense input only.

use linfa::dataset::{AsSingleTargets, DatasetBase, Records};
use linfa::traits::{Fit, PredictInplace};
use ndarray::Array1;

use crate::error::Error;

/// Sparse rows: compressed sparse row format, column indices ascending within a row.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Csr {
    starts: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f64>,
    width: usize,
}

impl Csr {
    pub(crate) fn new(width: usize) -> Self {
        Self { starts: vec![0], columns: Vec::new(), values: Vec::new(), width }
    }

    pub(crate) fn push(&mut self, row: impl IntoIterator<Item = (u32, f64)>) {
        for (column, value) in row {
            debug_assert!((column as usize) < self.width);
            self.columns.push(column);
            self.values.push(value);
        }
        self.starts.push(self.columns.len());
    }

    pub(crate) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    pub(crate) fn row(&self, i: usize) -> impl Iterator<Item = (u32, f64)> + '_ {
        let range = self.starts[i]..self.starts[i + 1];
        self.columns[range.clone()].iter().copied().zip(self.values[range].iter().copied())
    }

    /// The rows with the given numbers, in their order.
    pub(crate) fn select(&self, rows: &[usize]) -> Self {
        let mut out = Self::new(self.width);
        rows.iter().for_each(|&i| out.push(self.row(i)));
        out
    }
}

impl Records for Csr {
    type Elem = f64;

    fn nsamples(&self) -> usize {
        self.len()
    }

    fn nfeatures(&self) -> usize {
        self.width
    }
}

/// L2-regularised logistic regression, solved in the dual by coordinate descent.
///
/// Minimises ½‖w‖² + Σ cᵢ·ln(1 + exp(−yᵢ w·xᵢ)) after Yu, Huang and Lin, "Dual coordinate descent methods for logistic regression and
/// maximum entropy models", Machine Learning 85 (2011), algorithm 5. The intercept is a regularised constant column of size
/// [`INTERCEPT`]. One thread, fixed order of sums, a seeded permutation and `libm` logarithms: same input, same bits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Logistic {
    /// Weight of the loss against the norm; larger fits closer.
    pub(crate) c: f64,
    /// Largest dual gradient at which a sweep counts as converged.
    pub(crate) tolerance: f64,
    /// Sweeps over the data after which the solver stops in any case.
    pub(crate) sweeps: usize,
}

/// Value of the constant column: large enough that the norm hardly holds the intercept back.
const INTERCEPT: f64 = 2.0;

/// One fitted hyperplane.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plane {
    pub(crate) weights: Vec<f64>,
    pub(crate) bias: f64,
}

impl Plane {
    pub(crate) fn margin(&self, row: impl Iterator<Item = (u32, f64)>) -> f64 {
        row.fold(self.bias, |sum, (column, value)| sum + self.weights[column as usize] * value)
    }

    /// The plane with weights nearer to 0 than `least` set to 0.
    pub(crate) fn without_weights_below(mut self, least: f64) -> Self {
        self.weights.iter_mut().filter(|w| w.abs() < least).for_each(|w| *w = 0.0);
        self
    }

    /// The plane as an artefact holds it, in whole steps of its grid.
    pub(crate) fn on_grid(mut self, grid: f64) -> Self {
        self.weights.iter_mut().chain([&mut self.bias]).for_each(|w| *w = (*w / grid).round() * grid);
        self
    }
}

impl Logistic {
    /// Fits rows with the given labels and per-row shares of `c`.
    pub(crate) fn fit_weighted(&self, x: &Csr, y: &[bool], share: &[f64]) -> Plane {
        self.fit_from(x, y, share, &vec![0.0; y.len()], INTERCEPT)
    }

    /// Fits what is to be added to a plane with the given margins: the norm holds the sum to that plane. Its intercept stays.
    pub(crate) fn fit_around(&self, x: &Csr, y: &[bool], share: &[f64], margins: &[f64]) -> Plane {
        self.fit_from(x, y, share, margins, 0.0)
    }

    fn fit_from(&self, x: &Csr, y: &[bool], share: &[f64], margins: &[f64], intercept: f64) -> Plane {
        let n = x.len();
        let squares: Vec<f64> = (0..n).map(|i| intercept * intercept + x.row(i).map(|(_, v)| v * v).sum::<f64>()).collect();
        let bound: Vec<f64> = share.iter().map(|s| self.c * s).collect();
        // alpha[i] and bound[i] − alpha[i] are kept apart, since near a bound their difference would lose all digits.
        let mut alpha: Vec<[f64; 2]> = bound.iter().map(|&c| (1e-3 * c).min(1e-8)).zip(&bound).map(|(a, c)| [a, c - a]).collect();
        let mut w = vec![0.0; x.width];
        let mut bias = 0.0;
        for i in 0..n {
            step(&mut w, (&mut bias, intercept), x, i, if y[i] { alpha[i][0] } else { -alpha[i][0] });
        }
        let mut order: Vec<usize> = (0..n).filter(|&i| bound[i] > 0.0).collect();
        let mut random = SplitMix(n as u64);
        let mut inner = 1e-2;
        for _ in 0..self.sweeps {
            random.shuffle(&mut order);
            let (mut steepest, mut newtons) = (0.0f64, 0usize);
            for &i in &order {
                let sign = if y[i] { 1.0 } else { -1.0 };
                let c = bound[i];
                let a = squares[i];
                let b = sign * x.row(i).fold(margins[i] + bias * intercept, |sum, (k, v)| sum + w[k as usize] * v);
                // Solve for whichever of alpha and its complement is not near the bound.
                let flip = 0.5 * a * (alpha[i][1] - alpha[i][0]) + b < 0.0;
                let (side, b) = if flip { (1, -b) } else { (0, b) };
                let old = alpha[i][side];
                let mut z = if c - old < 0.5 * c { 0.1 * old } else { old };
                let gradient = |z: f64| a * (z - old) + b + libm::log(z / (c - z));
                let mut g = gradient(z);
                steepest = steepest.max(g.abs());
                let mut moved = false;
                for _ in 0..100 {
                    if g.abs() < inner {
                        break;
                    }
                    let next = z - g / (a + c / (c - z) / z);
                    z = if next <= 0.0 { 0.1 * z } else { next };
                    g = gradient(z);
                    newtons += 1;
                    moved = true;
                }
                if moved {
                    alpha[i][side] = z;
                    alpha[i][1 - side] = c - z;
                    let change = sign * (z - old);
                    step(&mut w, (&mut bias, intercept), x, i, if flip { -change } else { change });
                }
            }
            if steepest < self.tolerance {
                break;
            }
            if newtons <= order.len() / 10 {
                inner = (0.1 * inner).max(1e-8);
            }
        }
        Plane { weights: w, bias: bias * intercept }
    }
}

fn step(w: &mut [f64], (bias, intercept): (&mut f64, f64), x: &Csr, i: usize, by: f64) {
    *bias += by * intercept;
    x.row(i).for_each(|(k, v)| w[k as usize] += by * v);
}

impl<T: AsSingleTargets<Elem = bool>> Fit<Csr, T, Error> for Logistic {
    type Object = Plane;

    fn fit(&self, data: &DatasetBase<Csr, T>) -> Result<Plane, Error> {
        let y: Vec<bool> = data.as_single_targets().iter().copied().collect();
        let share = data.weights().map_or_else(|| vec![1.0; y.len()], |w| w.iter().map(|&s| f64::from(s)).collect());
        Ok(self.fit_weighted(data.records(), &y, &share))
    }
}

impl PredictInplace<Csr, Array1<f64>> for Plane {
    fn predict_inplace(&self, x: &Csr, margins: &mut Array1<f64>) {
        margins.iter_mut().enumerate().for_each(|(i, m)| *m = self.margin(x.row(i)));
    }

    fn default_target(&self, x: &Csr) -> Array1<f64> {
        Array1::zeros(x.len())
    }
}

impl From<linfa::Error> for Error {
    fn from(error: linfa::Error) -> Self {
        Self::new(error.to_string())
    }
}

/// Sebastiano Vigna's `SplitMix64`: a fixed stream, unlike those of `rand`, whose versions differ.
#[derive(Clone, Debug)]
pub(crate) struct SplitMix(pub(crate) u64);

impl SplitMix {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `n`, which is at least 1.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }

    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for i in (1..list.len()).rev() {
            list.swap(i, self.below(i + 1));
        }
    }
}

/// Places for heads in one row of weights: 48 bytes, six 16-byte vectors of sums.
pub(crate) const LANES: usize = 24;

/// Weights of all heads, one row per feature, in whole multiples of a grid step.
///
/// Weights and the values of features are whole numbers, so margins are sums of whole numbers: exact, and the same in any order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LinearModel {
    /// The size of one step of the grid.
    pub(crate) grid: f64,
    pub(crate) bias: Vec<i32>,
    weights: Vec<[i16; LANES]>,
    /// Features whose products certainly fit into 32 bits together.
    safe: usize,
}

impl LinearModel {
    /// Rows of weights with the zeros at their ends left out.
    ///
    /// # Panics
    /// There are more heads than [`LANES`], or a row is longer than that.
    pub(crate) fn new(grid: f64, bias: Vec<i32>, rows: impl IntoIterator<Item: AsRef<[i16]>>) -> Self {
        assert!(bias.len() <= LANES, "more than {LANES} heads");
        let mut weights: Vec<[i16; LANES]> = Vec::new();
        for row in rows {
            let mut lanes = [0; LANES];
            lanes[..row.as_ref().len()].copy_from_slice(row.as_ref());
            weights.push(lanes);
        }
        let largest = weights.iter().flatten().map(|w| i64::from(w.unsigned_abs())).max().unwrap_or(0).max(1);
        let safe = (i64::from(i32::MAX) / (largest * i64::from(i16::MAX))).max(1) as usize;
        Self { grid, bias, weights, safe }
    }

    /// Rounds fitted planes to the grid.
    pub(crate) fn from_planes(planes: &[Plane], grid: f64) -> Self {
        let round = |w: f64| (w / grid).round();
        let features = planes.first().map_or(0, |p| p.weights.len());
        let row = |f: usize| planes.iter().map(|p| round(p.weights[f]).clamp(-32767.0, 32767.0) as i16).collect::<Vec<_>>();
        Self::new(grid, planes.iter().map(|p| round(p.bias) as i32).collect(), (0..features).map(row))
    }

    /// The weights of one feature, one for each head.
    pub(crate) fn row(&self, feature: u32) -> &[i16] {
        &self.weights[feature as usize][..self.bias.len()]
    }

    /// The same up to the last weight that is not 0: what an artefact holds of them.
    pub(crate) fn written(&self, feature: u32) -> &[i16] {
        let row = self.row(feature);
        &row[..row.iter().rposition(|&w| w != 0).map_or(0, |last| last + 1)]
    }

    /// The margins of all heads for a row of (feature, value) whose length, in the same steps as its values, is `norm`:
    /// (bias + Σ weight · value / norm) · grid. Places behind the last head are 0.
    pub(crate) fn margins(&self, row: &[(u32, i16)], norm: f64) -> [f64; LANES] {
        let mut sums = [0i64; LANES];
        for part in row.chunks(self.safe) {
            let mut acc = [0i32; LANES];
            for &(feature, value) in part {
                let weights = &self.weights[feature as usize];
                for lane in 0..LANES {
                    acc[lane] += i32::from(weights[lane]) * i32::from(value);
                }
            }
            for lane in 0..LANES {
                sums[lane] += i64::from(acc[lane]);
            }
        }
        let mut margins = [0.0; LANES];
        for (head, &bias) in self.bias.iter().enumerate() {
            margins[head] = (f64::from(bias) + sums[head] as f64 / norm) * self.grid;
        }
        margins
    }

    /// What one feature of a row adds to a head's margin.
    pub(crate) fn push(&self, feature: u32, value: i16, norm: f64, head: usize) -> f64 {
        f64::from(self.row(feature)[head]) * f64::from(value) / norm * self.grid
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use linfa::traits::Predict;

    fn toy() -> (Csr, Vec<bool>) {
        let mut random = SplitMix(7);
        let mut x = Csr::new(20);
        let mut y = Vec::new();
        for _ in 0..300 {
            let label = random.below(2) == 1;
            let mut columns: Vec<u32> = (0..4).map(|_| random.below(20) as u32).collect();
            columns.push(u32::from(label != (random.below(10) > 1)));
            columns.sort_unstable();
            columns.dedup();
            x.push(columns.into_iter().map(|k| (k, 0.5)));
            y.push(label);
        }
        (x, y)
    }

    /// At the optimum the gradient of the primal objective is nothing.
    #[test]
    fn the_gradient_vanishes_at_the_solution() {
        let (x, y) = toy();
        let solver = Logistic { c: 1.5, tolerance: 1e-7, sweeps: 3000 };
        let plane = solver.fit_weighted(&x, &y, &vec![1.0; y.len()]);
        let mut gradient = plane.weights.clone();
        for (i, &label) in y.iter().enumerate() {
            let sign = if label { 1.0 } else { -1.0 };
            let p = 1.0 / (1.0 + (sign * plane.margin(x.row(i))).exp());
            x.row(i).for_each(|(k, v)| gradient[k as usize] -= 1.5 * sign * p * v);
        }
        assert!(gradient.iter().all(|g| g.abs() < 1e-4), "{gradient:?}");
    }

    /// The same for a plane around another: its own norm and the loss of both together.
    #[test]
    fn the_gradient_vanishes_around_another_plane() {
        let (x, y) = toy();
        let given: Vec<f64> = (0..y.len()).map(|i| (i % 7) as f64 / 3.0 - 1.0).collect();
        let plane = Logistic { c: 0.7, tolerance: 1e-7, sweeps: 3000 }.fit_around(&x, &y, &vec![1.0; y.len()], &given);
        let mut gradient = plane.weights.clone();
        for (i, &label) in y.iter().enumerate() {
            let sign = if label { 1.0 } else { -1.0 };
            let p = 1.0 / (1.0 + (sign * (given[i] + plane.margin(x.row(i)))).exp());
            x.row(i).for_each(|(k, v)| gradient[k as usize] -= 0.7 * sign * p * v);
        }
        assert!(gradient.iter().all(|g| g.abs() < 1e-4) && plane.bias == 0.0, "{gradient:?}");
    }

    #[test]
    fn margins_of_the_largest_weights_and_values_do_not_overflow() {
        let model = LinearModel::new(0.5, vec![1, -2], vec![vec![i16::MAX, i16::MIN]; 300]);
        let row: Vec<(u32, i16)> = (0..300).map(|f| (f, i16::MAX)).collect();
        let margins = model.margins(&row, 2.0);
        assert_eq!(margins[0], 0.5 * (1.0 + 300.0 * 32767.0 * 32767.0 / 2.0));
        assert_eq!(margins[1], 0.5 * (-2.0 - 300.0 * 32768.0 * 32767.0 / 2.0));
    }

    #[test]
    fn linfa_fits_and_predicts_through_its_traits() {
        let (x, y) = toy();
        let data = DatasetBase::new(x, Array1::from(y.clone()));
        let plane = Logistic { c: 1.0, tolerance: 1e-4, sweeps: 300 }.fit(&data).unwrap();
        let margins: Array1<f64> = plane.predict(&data);
        let right = margins.iter().zip(&y).filter(|(m, y)| (**m > 0.0) == **y).count();
        assert!(right > 200, "{right} of 300");
    }
}
