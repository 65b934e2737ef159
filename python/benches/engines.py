"""Rows a second through each engine beside the bare wheel, in one run: netral, and the engine with a function that does nothing. Prints Markdown.

usage: python3 python/benches/engines.py [--rows 200000] [--runs 3]

Runs in a virtual environment with the wheel (built for release), pyarrow, polars, pyspark and ray[data]; `.ci/long engines` makes one. Two cores.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--rows", type=int, default=200_000)
    options.add_argument("--runs", type=int, default=3)
    options = options.parse_args()
    os.environ["PYSPARK_PYTHON"] = sys.executable

    import polars as pl
    import pyarrow as pa
    import pyarrow.parquet as pq
    import ray
    from pyspark.sql import SparkSession
    from pyspark.sql.types import StructType

    import netral
    from netral.arrow import ddl, score_batches, series, series_dtype

    folder = pathlib.Path(tempfile.mkdtemp())
    subprocess.run([sys.executable, ROOT / "benches/peers/feed.py", folder, str(options.rows)], check=True)
    texts = (folder / "feed.txt").read_text(encoding="utf-8").splitlines()
    feed = folder / "feed.parquet"
    pq.write_table(pa.table({"id": range(len(texts)), "text": texts}), feed, row_group_size=10_000)

    spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").config("spark.sql.files.maxPartitionBytes", "4m")
    spark = spark.config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1").config("spark.driver.memory", "2g").getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    ray.data.DataContext.get_current().enable_progress_bars = False
    scorers = {threads: netral.Scorer(threads=threads) for threads in (1, 2)}
    frame = spark.read.parquet(str(feed))
    schema = StructType(frame.schema.fields + StructType.fromDDL(ddl(evidence=False)).fields)

    def bare(threads):
        table = pq.read_table(feed)
        return lambda: score_batches(table, scorer=scorers[threads], evidence=False).num_rows

    def polars(function, dtype):
        texts = pl.read_parquet(feed)
        return lambda: texts.lazy().with_columns(pl.col("text").map_batches(function, return_dtype=dtype).alias("netral")).collect().height

    def by_spark(function, schema):
        scored = frame.mapInArrow(function, schema)
        return lambda: scored.write.format("noop").mode("overwrite").save() or options.rows

    def by_ray(function):
        def work():
            data = ray.data.read_parquet(str(feed)).map_batches(function, batch_format="pyarrow", batch_size=10_000, zero_copy_batch=True)
            return sum(bundle.num_rows() for bundle in data.iter_internal_ref_bundles())

        return work

    one = scorers[1]
    tests = {
        "bare wheel, one thread": bare(1),
        "bare wheel, two threads": bare(2),
        "Polars, two threads": polars(lambda s: series(s, scorers[2], evidence=False), series_dtype(evidence=False)),
        "Spark local[2]": by_spark(lambda batches: score_batches(batches, scorer=one, evidence=False), schema),
        "Spark local[2], passing rows on": by_spark(lambda batches: batches, frame.schema),
        "Ray, two CPUs": by_ray(lambda table: score_batches(table, scorer=one, evidence=False)),
        "Ray, two CPUs, passing rows on": by_ray(lambda table: table),
    }
    seen = {name: [] for name in tests}
    for turn in range(options.runs + 1):
        for name, test in tests.items():
            start = time.perf_counter()
            assert test() == options.rows, name
            rate = options.rows / (time.perf_counter() - start)
            print(f"run {turn}: {name}: {rate:,.0f}", file=sys.stderr)
            # The first run starts workers and loads the model.
            if turn:
                seen[name].append(rate)
    median = {name: statistics.median(rates) for name, rates in seen.items()}
    two = median["bare wheel, two threads"]
    print(f"{options.rows:,} texts, two cores, without evidence; median (lowest to highest) of {options.runs} runs in turn after one to warm up.\n")
    print("| | rows a second | / bare wheel on two threads |\n|---|---|---|")
    for name, rate in median.items():
        print(f"| {name} | {rate:,.0f} ({min(seen[name]):,.0f} to {max(seen[name]):,.0f}) | {rate / two:.2f} |")
    print("\n| rows | engine | rows a second a core | core hours | cores for a night of 8 hours |\n|---|---|---|---|---|")
    for rows in (1e8, 1e9, 1e10):
        for name, cores in (("bare wheel, one thread", 1), ("Spark local[2]", 2), ("Ray, two CPUs", 2)):
            a_core = median[name] / cores
            hours = rows / a_core / 3600
            shown = f"{rows:,.0f} / {a_core:,.0f} / 3600 = {hours:,.1f}"
            print(f"| 10^{len(str(int(rows))) - 1} | {name} | {a_core:,.0f} | {shown} | {hours:,.1f} / 8 = {hours / 8:,.1f} |")
    ray.shutdown()
    spark.stop()


if __name__ == "__main__":
    main()
