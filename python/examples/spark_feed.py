"""Scores a feed with PySpark on a laptop: python3 python/examples/spark_feed.py [FEED.parquet OUTPUT]

Needs Java 17 or later, pyspark and pyarrow. On a cluster: take `local[2]` away and let spark-submit say where, install the wheel on every node
(`--archives` with a packed environment, or the image), and put own models and packs at the same path everywhere; a worker refuses others. One Python worker a
core and one thread a worker is right: leave `threads=1`. Parquet with texts of 150 bytes splits well at 100,000 rows a partition.
"""

import sys
from functools import partial

from pyspark.sql import SparkSession
from pyspark.sql.types import StructType

import netral
from netral.arrow import ddl, score_batches

# A task whose worker is killed is tried again, up to four times.
spark = SparkSession.builder.master("local[2,4]").appName("netral").config("spark.ui.enabled", "false").getOrCreate()
if len(sys.argv) > 2:
    feed = spark.read.parquet(sys.argv[1])
else:
    feed = spark.read.csv("examples/feed.csv", header=True, escape='"')
schema = StructType(feed.schema.fields + StructType.fromDDL(ddl()).fields)
scored = feed.mapInArrow(partial(score_batches, text="text", scorer=netral.Scorer(threads=1)), schema)
if len(sys.argv) > 2:
    scored.write.parquet(sys.argv[2])
else:
    scored.where("netral.band = 'likely'").select("id", "netral.partisan", "text").orderBy("netral.partisan", ascending=False).show(truncate=80)
spark.stop()
