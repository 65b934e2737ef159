"""100,000 rows, bad ones among them, through Spark and Ray, also while a worker is killed. `.ci/long engines` runs this; it needs pyspark, ray and Java."""

import os
import signal
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import netral
from conftest import ROOT
from netral.arrow import ddl, score_batches
from test_parity import bits

pytest.importorskip("pyspark")
pytest.importorskip("ray")

ROWS = 100_000
OPTIONS = {"text": "text", "activity": "act", "parent": "of"}
# The worker that meets this row is killed, once.
FATAL = 51_234


@pytest.fixture(scope="module")
def feed(tmp_path_factory):
    """A feed as Parquet: posts as they come, every hundredth row without a text, too long, in another language or only passed on."""
    folder = tmp_path_factory.mktemp("feed")
    subprocess.run([sys.executable, ROOT / "benches/peers/feed.py", folder, str(ROWS)], check=True)
    texts = (folder / "feed.txt").read_text(encoding="utf-8").splitlines()
    acts, parents = ["post"] * ROWS, [None] * ROWS
    for n in range(0, ROWS, 500):
        texts[n : n + 5] = [None, "", "\u202e\u0007 .", "Сегодня хорошая погода в городе, и мы гуляли по парку весь день с детьми и собакой", None]
        acts[n + 4], parents[n + 4] = "share", texts[n + 5]
    for n in (7, FATAL + 1, ROWS - 1):
        texts[n] = "ayo coblos " * 100_000
    path = folder / "feed.parquet"
    table = pa.table({"id": pa.array(range(ROWS), pa.int64()), "text": texts, "act": acts, "of": pa.array(parents, pa.string())})
    pq.write_table(table, path, row_group_size=5_000)
    return path


@pytest.fixture(scope="module")
def expected(feed):
    table = score_batches(pq.read_table(feed), **OPTIONS)
    statuses = table.column("netral").combine_chunks().field("status").to_pylist()
    assert {s: statuses.count(s) for s in ("error", "empty")} == {"error": 3, "empty": 400}
    return table


@pytest.fixture(scope="module")
def spark():
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    # Two workers at a time; a task is tried up to four times.
    session = SparkSession.builder.master("local[2,4]").config("spark.ui.enabled", "false").config("spark.sql.files.maxPartitionBytes", "2m")
    session = session.config("spark.driver.memory", "2g").config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1").getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


@pytest.fixture(scope="module")
def ray():
    import ray

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    yield ray
    ray.shutdown()


def same(found, expected):
    """Equal row for row and bit for bit."""
    assert found.num_rows == expected.num_rows == ROWS
    found = found.sort_by("id")
    for start in range(0, ROWS, 10_000):
        one, other = (table.slice(start, 10_000).select(["id", "text", "netral"]).to_pylist() for table in (found, expected))
        assert [bits(row) for row in one] == [bits(row) for row in other]


def dying(marker):
    """Scores batches, but the first process that meets the fatal row is killed in the middle of its work."""

    def die(batch):
        if FATAL in batch.column("id").to_pylist():
            try:
                os.close(os.open(marker, os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                return
            os.kill(os.getpid(), signal.SIGKILL)

    def of_tables(table):
        die(table)
        return score_batches(table, **OPTIONS)

    def of_batches(batches):
        for batch in batches:
            die(batch)
            yield from score_batches([batch], **OPTIONS)

    return of_tables, of_batches


def by_spark(spark, feed, function, folder):
    from pyspark.sql.types import StructType

    frame = spark.read.parquet(str(feed))
    schema = StructType(frame.schema.fields + StructType.fromDDL(ddl()).fields)
    frame.mapInArrow(function, schema).write.parquet(str(folder))
    return pq.read_table(folder)


def by_ray(ray, feed, function):
    data = ray.data.read_parquet(str(feed)).map_batches(function, batch_format="pyarrow", batch_size=5_000)
    return pa.concat_tables(ray.get(data.to_arrow_refs()))


def test_spark_gives_every_row_the_score_of_the_bare_wheel(spark, feed, expected, tmp_path):
    scorer = netral.Scorer(threads=1)
    same(by_spark(spark, feed, lambda batches: score_batches(batches, scorer=scorer, **OPTIONS), tmp_path / "out"), expected)


def test_a_spark_worker_is_killed_and_the_job_is_whole(spark, feed, expected, tmp_path):
    marker = tmp_path / "killed"
    same(by_spark(spark, feed, dying(str(marker))[1], tmp_path / "out"), expected)
    assert marker.exists(), "no worker was killed"


def test_ray_gives_every_row_the_score_of_the_bare_wheel(ray, feed, expected):
    scorer = netral.Scorer(threads=1)
    same(by_ray(ray, feed, lambda table: score_batches(table, scorer=scorer, **OPTIONS)), expected)


def test_a_ray_worker_is_killed_and_the_job_is_whole(ray, feed, expected, tmp_path):
    marker = tmp_path / "killed"
    same(by_ray(ray, feed, dying(str(marker))[0]), expected)
    assert marker.exists(), "no worker was killed"


def test_the_examples_of_the_engines_run():
    for example in ("spark_feed.py", "ray_feed.py"):
        done = subprocess.run(
            [sys.executable, ROOT / "python/examples" / example], cwd=ROOT, capture_output=True, text=True, env={**os.environ, "PYSPARK_PYTHON": sys.executable}
        )
        assert done.returncode == 0, done.stderr[-2000:]
        assert "2026110100000000002" in done.stdout
