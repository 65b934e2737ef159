"""Scores a feed in a lazy Polars query: python3 python/examples/polars_feed.py

On a larger machine nothing changes but `threads`: Polars hands over whole columns, and the scorer shares them among its threads. A feed that does not fit
into memory goes by parts (`pl.scan_parquet(...)`, `collect_batches` or `sink_parquet`).
"""

from functools import partial

import polars as pl

import netral
from netral.arrow import series, series_dtype

scorer = netral.Scorer(threads=2)
feed = pl.scan_csv("examples/feed.csv", schema_overrides={"id": pl.String})
scored = feed.with_columns(pl.col("text").map_batches(partial(series, scorer=scorer), return_dtype=series_dtype()).alias("netral"))
likely = scored.filter(pl.col("netral").struct.field("band") == "likely").select("id", "text", pl.col("netral").struct.field("partisan"))
print(likely.sort("partisan", descending=True).collect())
