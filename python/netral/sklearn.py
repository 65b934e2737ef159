"""The model as a scikit-learn estimator: texts in, probabilities out."""

from __future__ import annotations

from typing import Any
from collections.abc import Mapping, Sequence

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from . import Model, Path, Scorer, train

__all__ = ["PostClassifier"]


class PostClassifier(ClassifierMixin, BaseEstimator):
    """Tells partisan posts from others.

    `fit` adapts `base` (`shipped`, a path or a `Model`) to texts and labels, of which 20 suffice, as far as they say something new; with `base=None`
    it trains afresh by `recipe`, for which some thousand are needed. Labels are two values, the second in order being the partisan one. `packs` and
    `threads` are those of `Scorer`. A text that cannot be scored has the probability 0.
    """

    def __init__(
        self,
        base: Model | Path | None = "shipped",
        recipe: Path | Mapping[str, Any] | None = None,
        packs: Path | Sequence[Path] | None = None,
        threads: int | None = None,
    ) -> None:
        self.base = base
        self.recipe = recipe
        self.packs = packs
        self.threads = threads

    def fit(self, X: Any, y: Any) -> PostClassifier:
        """Learns from texts `X` and their labels `y`."""
        texts, labels = _texts(X), np.asarray(y)
        if labels.ndim != 1 or len(labels) != len(texts):
            raise ValueError(f"{len(texts)} texts and labels of shape {labels.shape}")
        classes = np.unique(labels)
        if len(classes) != 2:
            raise ValueError(f"Only binary classification is supported. The labels have {len(classes)} values")
        rows = [{"text": text, "partisan": bool(label == classes[1])} for text, label in zip(texts, labels)]
        self.model_ = train(rows, base=self.base, recipe=self.recipe, packs=self.packs, threads=self.threads)
        self.classes_ = classes
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Probabilities of both classes, a row a text."""
        check_is_fitted(self, "model_")
        scorer = Scorer(self.model_, self.packs, threads=self.threads)
        partisan = np.nan_to_num(np.asarray(scorer.score(_texts(X), evidence=False)["partisan"]), nan=0.0)
        return np.column_stack([1 - partisan, partisan])

    def predict(self, X: Any) -> np.ndarray:
        """The likelier class of each text."""
        partisan = self.predict_proba(X)[:, 1] >= 0.5
        return self.classes_[partisan.astype(int)]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.input_tags.one_d_array = True
        tags.classifier_tags.multi_class = False
        return tags


def _texts(X: Any) -> list[str]:
    if isinstance(X, str):
        raise ValueError("a list of texts, not one text")
    texts = X.tolist() if hasattr(X, "tolist") else X.to_pylist() if hasattr(X, "to_pylist") else list(X)
    for text in texts:
        if not isinstance(text, str):
            raise ValueError(f"a text is a {type(text).__name__}, not a string")
    return texts
