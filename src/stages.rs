//! The stages of scoring, one by one, for `benches/`. No part of the public face.

use crate::encode::{Encoder, Scratch};
use crate::model::Model;
use crate::pack::Packs;

/// The parts of a scorer with the memory of one thread.
pub struct Stages {
    model: Model,
    encoder: Encoder,
    scratch: Scratch,
}

impl Stages {
    /// With the shipped model and packs.
    pub fn shipped() -> Self {
        let model = Model::default();
        Self { encoder: model.encoder(&Packs::national()), model, scratch: Scratch::default() }
    }

    /// Folds a text the plain way: its bytes.
    pub fn fold(&self, text: &str) -> usize {
        self.encoder.folded(text).len()
    }

    /// Reads the units of a text the compiled way, before any is marked: how many there are.
    pub fn read(&mut self, text: &str) -> usize {
        self.encoder.read_units(text, &mut self.scratch);
        self.scratch.encoding.units.len()
    }

    /// Reads and marks: how many units are left.
    pub fn mark(&mut self, text: &str) -> usize {
        self.encoder.read_units(text, &mut self.scratch);
        self.encoder.mark_units(&mut self.scratch);
        self.scratch.encoding.units.len()
    }

    /// All of encoding: how many tokens there are.
    pub fn encode(&mut self, text: &str) -> usize {
        self.encoder.encode(text, &mut self.scratch);
        self.scratch.encoding.tokens.len()
    }

    /// The same the plain way.
    pub fn encode_plain(&mut self, text: &str) -> usize {
        self.encoder.encode_plain(text, &mut self.scratch);
        self.scratch.encoding.tokens.len()
    }

    /// Encodes and counts: how many features are known.
    pub fn count(&mut self, text: &str) -> usize {
        self.encoder.encode(text, &mut self.scratch);
        self.scratch.bag.fill(&self.scratch.encoding, &self.model.parts.vocabulary);
        self.scratch.bag.features.len()
    }

    /// Everything up to the margins: the partisan one.
    pub fn margin(&mut self, text: &str) -> f64 {
        self.count(text);
        self.model.parts.linear.margins(&self.scratch.bag.features, self.scratch.bag.norm)[0]
    }
}
