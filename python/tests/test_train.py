import json

import pandas as pd
import polars as pl
import pytest

import netral
from conftest import ROOT


@pytest.fixture(scope="module")
def rows():
    with open(ROOT / "corpus/id.jsonl", encoding="utf-8") as file:
        rows = [json.loads(line) for line, _ in zip(file, range(900))]
    return [row for row in rows if "{" not in row["text"]]


def test_a_model_is_adapted_to_rows_of_ones_own(rows):
    # Here a word that the base does not know tells a side.
    own = [{"text": f"{row['text']} {'#zorblat kita' if n % 4 == 0 else ''}", "partisan": n % 4 == 0} for n, row in enumerate(rows)]
    said = []
    model = netral.train(own, base="shipped", threads=2, say=said.append)
    assert model != netral.Model() and said[0].startswith("reading")
    text = "Cuaca hari ini cerah #zorblat kita"
    before, after = (netral.Scorer(m).score(text)[0]["partisan"] for m in (None, model))
    assert after > before + 0.2
    base, adapted = model.evaluation.to_dict()["systems"]
    assert base["name"] != adapted["name"] and len(said) >= 3
    assert netral.Scorer(model).score(text).metadata["netral.model"].count(model.hash) == 1


def test_braces_in_posts_are_no_slots(scorer):
    text = "ayo {cand} dan {halo}"
    folded = [scorer.explain(t).to_dict()["folded"] for t in (text, text.replace("{", "\uff5b"))]
    assert folded[0] == folded[1]
    rows = [{"text": f"{text} {n}", "partisan": n % 2} for n in range(60)]
    assert isinstance(netral.train(rows, base="shipped"), netral.Model)
    assert scorer.eval(rows).to_dict()["rows"] == 60


def test_a_model_is_trained_afresh_and_kept_in_a_file(rows, tmp_path):
    model = netral.train(rows, recipe={"name": "own", "tokens": 500, "feature_rows": 3})
    assert model.name == "own" and model.evaluation is None
    model.save(tmp_path / "own.model")
    assert netral.Model.read(tmp_path / "own.model") == model == netral.Model(model.artefact)
    again = netral.train(pl.DataFrame([{"text": r["text"], "partisan": r["partisan"]} for r in rows]), recipe={"name": "own", "tokens": 500}, threads=1)
    other = netral.train(pd.DataFrame([{"text": r["text"], "partisan": r["partisan"]} for r in rows]), recipe={"name": "own", "tokens": 500}, threads=2)
    assert again == other


def test_measures_come_from_rows_or_files(scorer, rows):
    by_rows = scorer.eval([{"text": row["text"], "partisan": row["partisan"]} for row in rows[:100]])
    by_frame = scorer.eval(pd.DataFrame(rows[:100])[["text", "partisan"]])
    assert by_rows.to_dict() == by_frame.to_dict()
    quality = scorer.eval(ROOT / "corpus/quality.tsv", slices=["kind"])
    auc = next(figure for figure in quality.to_dict()["systems"][0]["slices"] if figure["name"] == "all")["figures"]
    assert "AUC" in json.dumps(auc) and "| " in quality.brief and "<svg" in quality.html
    twice = scorer.eval([ROOT / "corpus/quality.tsv", ROOT / "corpus/quality.tsv"], attack="digits")
    assert twice.to_dict()["rows"] == 2 * quality.to_dict()["rows"] and twice.brief != quality.brief


def test_what_cannot_be_learnt_from_is_an_error_with_its_place(tmp_path):
    with pytest.raises(netral.NetralError, match="too few"):
        netral.train([{"text": "a", "partisan": True}], base="shipped")
    broken = tmp_path / "broken.jsonl"
    broken.write_text('{"text": "a", "partisan": true}\n{"text": 5}\n')
    with pytest.raises(netral.NetralError, match="broken.jsonl:2"):
        netral.train(broken)
    with pytest.raises(netral.NetralError, match="recipe"):
        netral.train([], recipe={"no such field": 1})
    with pytest.raises(TypeError, match="dictionary"):
        netral.train(["a text"])
    with pytest.raises(ZeroDivisionError):
        netral.train([{"text": f"kata {n}", "partisan": n % 2} for n in range(60)], base="shipped", say=lambda stage: 1 / 0)


def test_a_queue_for_labelling_is_written_when_it_is_complete(scorer, tmp_path):
    output = tmp_path / "tasks.json"
    count = scorer.queue(ROOT / "examples/feed.csv", output, size=10)
    assert len(json.loads(output.read_text())) == count == 10
    with pytest.raises(ValueError, match="form"):
        scorer.queue(ROOT / "examples/feed.csv", tmp_path / "no", form="doc")
    with pytest.raises(netral.NetralError):
        scorer.queue(tmp_path / "nothing.csv", tmp_path / "no")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tasks.json"]
