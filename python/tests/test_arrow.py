from functools import partial

import polars as pl
import pyarrow as pa
import pytest

import netral
from conftest import TEXTS
from netral.arrow import ddl, schema, score_batches, series, series_dtype


@pytest.fixture
def table():
    return pa.table({"id": range(len(TEXTS)), "text": TEXTS, "act": ["share"] * len(TEXTS), "of": TEXTS[::-1]})


def test_a_table_keeps_its_columns_and_gets_one(table, scorer):
    scored = score_batches(table)
    assert scored.column_names == ["id", "text", "act", "of", "netral"]
    assert scored.select(table.column_names) == table
    assert scored.column("netral").to_pylist() == scorer.score(TEXTS).to_pylist()
    assert scored.schema.field("netral").metadata[b"netral.model"] == scorer.score([]).metadata["netral.model"].encode()


def test_batches_come_out_as_they_come_in(table, scorer):
    taken = []

    def batches():
        for batch in table.to_batches(2):
            taken.append(batch.num_rows)
            yield batch

    scored = partial(score_batches, activity="act", parent="of", keep=["id"], into="said", evidence=False)(batches())
    first = next(scored)
    assert taken == [2] and first.column_names == ["id", "said"]
    whole = pa.Table.from_batches([first, *scored])
    assert whole.column("said").to_pylist() == scorer.score(TEXTS, activity="share", parent=TEXTS[::-1], evidence=False).to_pylist()
    assert whole.column("id").to_pylist() == list(range(len(TEXTS)))
    assert pa.Table.from_batches(score_batches([]), schema=pa.schema([])).num_rows == 0
    again = score_batches(score_batches(table))
    assert again.column_names == ["id", "text", "act", "of", "netral"]


def test_a_column_that_is_not_there_or_holds_no_text_is_an_error(table):
    with pytest.raises(KeyError):
        score_batches(table, "words")
    with pytest.raises(TypeError):
        score_batches(table, "id")
    with pytest.raises(TypeError, match="iterator"):
        score_batches(table.to_batches()[0])


def test_polars_scores_in_expressions_and_lazily(scorer):
    frame = pl.DataFrame({"text": TEXTS, "id": range(len(TEXTS))})
    lazy = frame.lazy().with_columns(pl.col("text").map_batches(partial(series, scorer=scorer), return_dtype=series_dtype()).alias("netral"))
    found = lazy.filter(pl.col("netral").struct.field("band").is_in(["likely", "review"])).sort("id").collect()
    assert found["netral"].to_list() == [row for row in scorer.score(TEXTS).to_pylist() if row["band"] in ("likely", "review")]
    assert found.schema["netral"] == series_dtype()


def test_spark_is_told_every_column(scorer):
    declared = ddl()
    assert declared.startswith("`netral` STRUCT<status: STRING, partisan: DOUBLE") and declared.count("<") == declared.count(">")
    for name in [*schema().names, *netral.SIGNALS, *netral.CONTEXTS]:
        assert f"{name}: " in declared
    assert "evidence" not in ddl(evidence=False)
