"""The package says what the command line says, to the last bit."""

import json
import math
import subprocess

import polars as pl
import pyarrow as pa
import pytest

import netral
from conftest import ROOT
from netral.arrow import score_batches, series, series_dtype

# Keys of the command's result that are not columns.
ABOUT = {"model", "packs", "line", "notes", "text"}


@pytest.fixture(scope="module")
def corpus(command, tmp_path_factory):
    """The whole corpus with names in its slots, some rows beside it, and what the command says of them."""
    folder = tmp_path_factory.mktemp("corpus")
    rows = subprocess.run([command, "corpus", "fill", "corpus"], check=True, capture_output=True, cwd=ROOT).stdout.splitlines()
    texts = [json.loads(row)["text"] for row in rows] + ["", "a " * (1 << 19) + "b", "xx"]
    feed = folder / "feed.jsonl"
    feed.write_text("".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts), encoding="utf-8")
    done = subprocess.run([command, "score", "--quiet", "--as", "jsonl", feed], capture_output=True)
    assert done.returncode == 3, done.stderr
    return texts, [json.loads(line)["netral"] for line in done.stdout.splitlines()]


def as_written(p):
    """Four decimals, as the command writes probabilities."""
    whole, rest = divmod(p * 1e4, 1)
    return (whole + (rest >= 0.5)) / 1e4


def as_result(row):
    """A row of the table as the command's JSON."""
    if row["status"] == "error":
        return {"status": row["status"], "reason": row["reason"]}
    result = {name: value for name, value in row.items() if name not in ("reason", "scored", "parent", "links") or value}
    for heads in ("signals", "context"):
        result[heads] = {name: as_written(p) for name, p in (row[heads] or {}).items()}
    return result


def test_every_row_of_the_corpus_scores_as_by_the_command(corpus, scorer):
    texts, said = corpus
    assert len(texts) == len(said) > 22_000
    rows = scorer.score(texts).to_pylist()
    for text, row, result in zip(texts, rows, said):
        kept = result.get("text", text)
        if kept != text:
            # The command cleans a feed of markup; what it scored is what must agree.
            row = scorer.score(kept)[0]
        assert as_result(row) == {name: value for name, value in result.items() if name not in ABOUT}
    assert all(json.loads(scorer.score([]).metadata["netral.model"]) == result["model"] for result in said if "model" in result)


def test_polars_batches_and_threads_give_the_same_bits(corpus, scorer):
    texts, _ = corpus
    texts = texts[::12]
    whole = pa.table(scorer.score(texts))
    table = pa.table({"n": range(len(texts)), "text": texts})
    assert score_batches(table).column("netral").combine_chunks().flatten()[1].equals(whole.column("partisan").combine_chunks())
    parts = pa.Table.from_batches(score_batches(table.to_batches(1000)))
    assert bits(parts.column("netral").to_pylist()) == bits(whole.to_pylist())
    assert bits(pa.table(netral.Scorer(threads=3).score(texts)).to_pylist()) == bits(whole.to_pylist())
    frame = pl.DataFrame({"text": texts}).with_columns(pl.col("text").map_batches(series, return_dtype=series_dtype()).alias("netral"))
    assert bits(frame["netral"].to_list()) == bits(whole.to_pylist())


def bits(value):
    """The same with numbers as their bits, for equality that forgives nothing."""
    if isinstance(value, float):
        return math.copysign(1, value), value.hex()
    if isinstance(value, dict):
        return {name: bits(item) for name, item in value.items()}
    return [bits(item) for item in value] if isinstance(value, list) else value
