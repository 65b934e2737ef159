"""Scores a feed with Ray Data on a laptop: python3 python/examples/ray_feed.py [FEED.parquet OUTPUT]

Needs ray[data]. On a cluster: `ray.init()` without `num_cpus` joins it; the wheel goes into the image or `runtime_env={"pip": [...]}`; own models and packs stand
at the same path on every node. Each task has one core and one thread; a process that has the model keeps it for all tasks that come its way.
"""

import sys

import ray

import netral
from netral.arrow import score_batches

ray.init(num_cpus=2, include_dashboard=False)
feed = ray.data.read_parquet(sys.argv[1]) if len(sys.argv) > 2 else ray.data.read_csv("examples/feed.csv")
options = {"text": "text", "scorer": netral.Scorer(threads=1)}
scored = feed.map_batches(score_batches, batch_format="pyarrow", batch_size=10_000, zero_copy_batch=True, fn_kwargs=options)
if len(sys.argv) > 2:
    scored.write_parquet(sys.argv[2])
else:
    for row in scored.take_all():
        if row["netral"]["band"] == "likely":
            print(row["id"], row["netral"]["partisan"], row["text"])
ray.shutdown()
