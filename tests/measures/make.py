"""Makes the reference figures in this folder: scikit-learn's measures, and intervals and a paired test by SciPy's bootstrap.

usage: python3 tests/measures/make.py     (numpy, scipy and scikit-learn from PyPI; written with 2.4.6, 1.17.1 and 1.7.2)

gold.jsonl holds 400 rows without a meaning in 80 groups; ties.csv and smooth.jsonl what two systems say of them, the first
rounded so that many rows share a probability. expected.json holds what other tools compute from the three.
"""

import json
import pathlib

import numpy as np
from scipy import stats
from sklearn import metrics

HERE = pathlib.Path(__file__).resolve().parent
EPS = 1e-9
rng = np.random.default_rng(7)
groups = rng.integers(0, 80, 400)
label = (rng.random(400) < 0.25 + 0.1 * (groups % 3 == 0)).astype(int)
latent = 1.4 * label + rng.normal(size=400) + 0.5 * rng.normal(size=80)[groups]
squash = lambda x: 1 / (1 + np.exp(-x))
said = {"ties": np.round(squash(1.2 * latent - 1.5), 2), "smooth": np.round(squash(latent + rng.normal(size=400) - 1.2), 9)}


def top(y, p, k):
    """Precision and recall of the k likeliest; of rows that share the last place, chance's average."""
    last = np.sort(p)[::-1][k - 1]
    sure, tied = p > last, p == last
    hits = y[sure].sum() + y[tied].sum() * (k - sure.sum()) / tied.sum()
    return hits / k, hits / y.sum()


def recall_at(y, p, rate):
    alarms, recall, _ = metrics.roc_curve(y, p, drop_intermediate=False)
    return recall[alarms <= rate + EPS].max()


def ece(y, p, bins=10):
    total = n = yes = sure = 0
    for q in np.unique(p):
        here = p == q
        n, yes, sure = n + here.sum(), yes + y[here].sum(), sure + p[here].sum()
        if n >= len(y) / bins:
            total, n, yes, sure = total + abs(sure - yes), 0, 0, 0
    return (total + abs(sure - yes)) / len(y)


def measures(y, p):
    found = (p >= 0.5).astype(int)
    precision, recall, _ = metrics.precision_recall_curve(y, p)
    out = {
        "AUC": metrics.roc_auc_score(y, p),
        "AP": metrics.average_precision_score(y, p),
        "F1": metrics.f1_score(y, found),
        "best F1": np.max(2 * precision * recall / np.maximum(precision + recall, EPS)),
        "precision": metrics.precision_score(y, found),
        "recall": metrics.recall_score(y, found),
    }
    for name, k in [("10", 10), ("50", 50), ("100", 100), ("1 %", -(-len(y) // 100))]:
        out[f"precision of the top {name}"], out[f"recall of the top {name}"] = top(y, p, k)
    return out | {
        "recall at 1 % false alarms": recall_at(y, p, 0.01),
        "recall at 5 % false alarms": recall_at(y, p, 0.05),
        "Brier": metrics.brier_score_loss(y, p),
        "log loss": metrics.log_loss(y, p),
        "ECE": ece(y, p),
        "kappa": metrics.cohen_kappa_score(y, found),
    }


def interval(statistic, *columns):
    result = stats.bootstrap(columns, statistic, paired=True, vectorized=False, n_resamples=5000, method="percentile", rng=np.random.default_rng(1))
    return [float(result.confidence_interval.low), float(result.confidence_interval.high)]


def by_group(statistic):
    members = [np.flatnonzero(groups == g) for g in np.unique(groups)]
    return interval(lambda drawn: statistic(np.concatenate([members[int(g)] for g in drawn])), np.arange(len(members)))


auc = lambda name: lambda rows: metrics.roc_auc_score(label[rows], said[name][rows])
right = {name: (p >= 0.5) == label for name, p in said.items()}
only = [int((right["ties"] & ~right["smooth"]).sum()), int((right["smooth"] & ~right["ties"]).sum())]
expected = {
    "measures": {name: {k: float(v) for k, v in measures(label, p).items()} for name, p in said.items()},
    "AUC by rows": interval(lambda y, p: metrics.roc_auc_score(y.astype(int), p), label, said["ties"]),
    "F1 by rows": interval(lambda y, p: metrics.f1_score(y.astype(int), p >= 0.5), label, said["ties"]),
    "AUC by groups": by_group(auc("ties")),
    "AUC difference by groups": by_group(lambda rows: auc("ties")(rows) - auc("smooth")(rows)),
    "McNemar": {"only": only, "p": float(stats.binomtest(only[0], sum(only)).pvalue)},
}
rows = [{"id": f"r{n}", "text": f"row {n}", "partisan": bool(y), "group": f"g{g}"} for n, (y, g) in enumerate(zip(label, groups))]
write = lambda name, text: (HERE / name).write_text(text, encoding="utf-8")
write("gold.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
write("ties.csv", "id,probability\n" + "".join(f"r{n},{said['ties'][n]:.2f}\n" for n in rng.permutation(400)))
write("smooth.jsonl", "".join(json.dumps({"score": float(p)}) + "\n" for p in said["smooth"]))
write("expected.json", json.dumps(expected, indent=1) + "\n")
