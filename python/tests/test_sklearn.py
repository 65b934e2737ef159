import json
import pickle
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import check_estimator

from conftest import ROOT
from netral.sklearn import PostClassifier


@pytest.fixture(scope="module")
def posts():
    with open(ROOT / "corpus/en.jsonl", encoding="utf-8") as file:
        rows = [json.loads(line) for line, _ in zip(file, range(400))]
    rows = [row for row in rows if row["partisan"] is not None and "{" not in row["text"]]
    return np.array([row["text"] for row in rows], dtype=object), np.array(["partisan" if row["partisan"] else "other" for row in rows])


def test_it_passes_the_checks_of_estimators_of_texts():
    with warnings.catch_warnings():
        # Most checks want numbers, and say that they are left out.
        warnings.simplefilter("ignore")
        results = check_estimator(PostClassifier(), on_skip=None, on_fail=None)
    assert results and [r["check_name"] for r in results if r["status"] == "failed"] == []
    assert any(r["status"] == "passed" for r in results)


def test_it_fits_predicts_pickles_and_clones(posts):
    texts, labels = posts
    fitted = PostClassifier(threads=2).fit(texts, labels)
    proba = fitted.predict_proba(texts)
    assert list(fitted.classes_) == ["other", "partisan"] and proba.shape == (len(texts), 2)
    assert np.allclose(proba.sum(axis=1), 1) and roc_auc_score(labels == "partisan", proba[:, 1]) > 0.9
    assert (fitted.predict(texts) == np.where(proba[:, 1] >= 0.5, "partisan", "other")).all()
    assert (pickle.loads(pickle.dumps(fitted)).predict_proba(texts) == proba).all()
    with pytest.raises(NotFittedError):
        clone(fitted).predict(texts)
    assert PostClassifier(base=None).get_params() == {"base": None, "recipe": None, "packs": None, "threads": None}
    assert fitted.predict_proba([""])[0, 1] == 0


def test_it_works_in_pipelines_and_cross_validation(posts):
    texts, labels = posts
    pipeline = make_pipeline(FunctionTransformer(lambda texts: [text.lower() for text in texts]), PostClassifier())
    predicted = cross_val_predict(pipeline, texts, labels, cv=2)
    assert (predicted == labels).mean() > 0.8


def test_what_it_cannot_learn_from_is_a_value_error():
    for texts, labels in [(["a"] * 30, [0] * 30), (["a"] * 30, [0, 1, 2] * 10), (["a"] * 3, [0, 1]), ("a text", [0, 1]), ([1, 2], [0, 1])]:
        with pytest.raises(ValueError):
            PostClassifier().fit(texts, labels)
