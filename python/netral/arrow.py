"""Scoring in engines that hand over Arrow: Spark's `mapInArrow`, Ray Data's `map_batches`, and whatever else has record batches.

    df.mapInArrow(partial(score_batches, text="text"), schema)                                         # PySpark
    ds.map_batches(score_batches, batch_format="pyarrow", fn_kwargs={"text": "text"})                  # Ray Data
    frame.with_columns(pl.col("text").map_batches(series, return_dtype=series_dtype()))                # Polars

It needs pyarrow (Polars does not).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import Scorer

if TYPE_CHECKING:
    import polars
    import pyarrow

__all__ = ["ddl", "schema", "score_batches", "series", "series_dtype"]

# An engine has one process for each core, so each process has one thread.
_THREADS = 1


def score_batches(
    batches: Any,
    text: str = "text",
    *,
    scorer: Scorer | None = None,
    activity: str | None = None,
    parent: str | None = None,
    links: str | None = None,
    time: str | None = None,
    evidence: bool = True,
    keep: list[str] | None = None,
    into: str = "netral",
) -> Any:
    """Puts a column `netral` with the scores beside the columns of a table, or of each record batch of an iterator.

    `text`, `activity`, `parent`, `links`, `time`: names of columns, as in `Scorer.score`. `scorer`: the shipped one on one thread by default; it
    travels to workers as paths and hashes, and is loaded once in each process. `keep`: the columns that are passed on, all by default. `into`:
    the name of the new column, a struct. Rows come out in their order, and every row comes out.
    """
    import pyarrow as pa

    scorer = Scorer(threads=_THREADS) if scorer is None else scorer
    others = {"activity": activity, "parent": parent, "links": links, "time": time}

    def scored(batch: pyarrow.Table) -> pyarrow.Table:
        columns = {name: batch.column(column) for name, column in others.items() if column is not None}
        table = pa.table(scorer.score(batch.column(text), evidence=evidence, **columns))
        field = pa.field(into, pa.struct(list(table.schema)), metadata=table.schema.metadata)
        kept = batch.select([name for name in (batch.column_names if keep is None else keep) if name != into])
        return kept.append_column(field, table.to_struct_array())

    if isinstance(batches, pa.Table):
        return scored(batches)
    if isinstance(batches, pa.RecordBatch):
        raise TypeError("a table or an iterator of record batches, not one batch: give [batch]")
    return (part for batch in batches for part in scored(pa.Table.from_batches([batch])).to_batches())


def schema(evidence: bool = True, scorer: Scorer | None = None) -> pyarrow.Schema:
    """The Arrow schema of a table of scores."""
    import pyarrow as pa

    return pa.schema((Scorer(threads=_THREADS) if scorer is None else scorer).score([], evidence=evidence))


def ddl(evidence: bool = True, into: str = "netral", scorer: Scorer | None = None) -> str:
    """The new column as Spark declares it: `netral STRUCT<status: STRING, …>`."""
    import pyarrow as pa

    def declared(kind: pyarrow.DataType) -> str:
        if pa.types.is_struct(kind):
            return "STRUCT<" + ", ".join(f"{field.name}: {declared(field.type)}" for field in kind) + ">"
        if pa.types.is_list(kind):
            return f"ARRAY<{declared(kind.value_type)}>"
        return {pa.string(): "STRING", pa.float64(): "DOUBLE", pa.int64(): "BIGINT"}[kind]

    return f"`{into}` {declared(pa.struct(list(schema(evidence, scorer))))}"


def series(texts: polars.Series, scorer: Scorer | None = None, evidence: bool = True) -> polars.Series:
    """The scores of a Polars series as a series of structs, for `map_batches`."""
    import polars as pl

    return pl.DataFrame((Scorer() if scorer is None else scorer).score(texts, evidence=evidence)).to_struct("netral")


def series_dtype(scorer: Scorer | None = None, evidence: bool = True) -> polars.Struct:
    """The type of what `series` gives, for `return_dtype`."""
    import polars as pl

    dtype = series(pl.Series("text", [], dtype=pl.String), scorer, evidence).dtype
    assert isinstance(dtype, pl.Struct)
    return dtype
