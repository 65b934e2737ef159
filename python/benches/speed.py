"""The wheel on one core beside the Rust library, fastText's Python binding and scikit-learn's hashing pipeline, in turn, several runs each. Prints medians and
ratios as Markdown.

usage: python3 python/benches/speed.py [--rows 50000] [--runs 5] [--core 1]

Builds the wheel and the bare library for release (some minutes), and makes a virtual environment in target/python/speed. Needs `taskset` and a C++ compiler.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import venv

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benches" / "peers"))
from run import SKLEARN  # noqa: E402: the same pipeline as beside the command

# Each prints texts per second; the first texts warm up what is loaded lazily.
NETRAL = """
import sys, time, netral, pyarrow as pa, pandas as pd
kind, evidence, feed = sys.argv[1], sys.argv[2] == "evidence", sys.argv[3]
texts = open(feed, encoding="utf-8").read().splitlines()
column = {"arrow": pa.array, "list": list, "pandas": lambda t: pd.Series(t, dtype=object)}[kind](texts)
scorer = netral.Scorer(threads=1)
scorer.score(texts[:1], evidence=evidence)
start = time.perf_counter()
scores = scorer.score(column, evidence=evidence)
seconds = time.perf_counter() - start
assert len(scores) == len(texts)
print(len(texts) / seconds)
"""
FASTTEXT = """
import sys, time, fasttext
model, feed = sys.argv[1:]
model = fasttext.load_model(model)
texts = open(feed, encoding="utf-8").read().splitlines()
start = time.perf_counter()
labels, found = model.predict(texts, k=2)
seconds = time.perf_counter() - start
assert len(labels) == len(texts)
print(len(texts) / seconds)
"""
TRAIN = """
import sys, fasttext
train, words, characters = sys.argv[1:]
fasttext.train_supervised(input=train, epoch=10, wordNgrams=2, verbose=0).save_model(words)
fasttext.train_supervised(input=train, epoch=10, wordNgrams=2, minn=2, maxn=5, verbose=0).save_model(characters)
"""


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--rows", type=int, default=50_000)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--core", default="1")
    options = options.parse_args()
    folder = ROOT / "target/python/speed"
    python = folder / "venv/bin/python"
    environment = {**os.environ, "RAYON_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}

    def call(*command, **how):
        return subprocess.run([str(part) for part in command], check=True, cwd=ROOT, **how)

    if not python.exists():
        venv.create(folder / "venv", with_pip=True)
        call(python, "-m", "pip", "install", "--quiet", "maturin", "pyarrow", "pandas", "scikit-learn==1.7.2", "fasttext==0.9.3")
    wheels = folder / "wheels"
    for old in wheels.glob("*.whl"):
        old.unlink()
    call(python, "-m", "maturin", "build", "--release", "--locked", "--quiet", "-m", "python/Cargo.toml", "-o", wheels)
    wheel = next(wheels.glob("*.whl"))
    # `bare` is the library without Python, from the same sources with the same options; by maturin's settings nothing is built twice.
    settings = {"PYO3_BUILD_EXTENSION_MODULE": "1", "PYO3_CONFIG_FILE": str(next((ROOT / "target/maturin").glob("pyo3-config-*abi3.txt")))}
    call("cargo", "build", "--release", "--locked", "-p", "netral-python", "--example", "bare", env={**os.environ, **settings})
    call(python, "-m", "pip", "install", "--quiet", "--force-reinstall", "--no-deps", wheel)
    call(sys.executable, ROOT / "benches/peers/feed.py", folder, options.rows)
    feed, train = folder / "feed.txt", folder / "train.txt"
    few = folder / "few.txt"
    few.write_text("".join(feed.read_text(encoding="utf-8").splitlines(keepends=True)[: options.rows // 10]), encoding="utf-8")
    models = [folder / "words.bin", folder / "characters.bin"]
    if not all(model.exists() for model in models):
        call(python, "-c", TRAIN, train, *models)

    def one(*command):
        out = call("taskset", "-c", options.core, *command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment).stdout
        return float(out.split()[-1])

    bare = ROOT / "target/release/examples/bare"
    tests = {
        "Rust library, without evidence": lambda: one(bare, feed, 1),
        "wheel, Arrow, without evidence": lambda: one(python, "-c", NETRAL, "arrow", "brief", feed),
        "Rust library, with evidence": lambda: one(bare, feed, 1, "--evidence"),
        "wheel, Arrow, with evidence": lambda: one(python, "-c", NETRAL, "arrow", "evidence", feed),
        "wheel, list, without evidence": lambda: one(python, "-c", NETRAL, "list", "brief", feed),
        "wheel, pandas objects, without evidence": lambda: one(python, "-c", NETRAL, "pandas", "brief", feed),
        "fastText binding, words and bigrams": lambda: one(python, "-c", FASTTEXT, models[0], feed),
        "fastText binding, characters": lambda: one(python, "-c", FASTTEXT, models[1], few),
        "scikit-learn hashing, words and bigrams": lambda: one(python, "-c", SKLEARN, "words", train, few),
        "scikit-learn hashing, characters": lambda: one(python, "-c", SKLEARN, "characters", train, few),
    }
    seen = {name: [] for name in tests}
    for turn in range(options.runs):
        for name, test in tests.items():
            seen[name].append(test())
            print(f"run {turn + 1}: {name}: {seen[name][-1]:,.0f}", file=sys.stderr)
    (folder / "seen.json").write_text(json.dumps(seen))
    median = {name: statistics.median(figures) for name, figures in seen.items()}
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "a processor")
    print(f"{cpu}, one core; {options.rows:,} texts (slow ones: {options.rows // 10:,}); median (lowest to highest) of {options.runs} runs in turn.\n")
    print("| | posts a second | wheel on Arrow without evidence / it |\n|---|---|---|")
    wheel_rate = median["wheel, Arrow, without evidence"]
    for name, rate in median.items():
        print(f"| {name} | {rate:,.0f} ({min(seen[name]):,.0f} to {max(seen[name]):,.0f}) | {wheel_rate / rate:.2f} |")
    # Neighbours in a run share its luck, so ratios are taken within runs.
    for form in ("without", "with"):
        own, rust = seen[f"wheel, Arrow, {form} evidence"], seen[f"Rust library, {form} evidence"]
        print(
            f"\nWithin runs, the wheel on Arrow {form} evidence reaches {100 * statistics.median(a / b for a, b in zip(own, rust)):.0f} % of the Rust library (median).",
            end="",
        )
    imports = [float(one(python, "-c", "import time; t = time.perf_counter(); import netral; print(time.perf_counter() - t)")) for _ in range(7)]
    print(f"\n\nThe wheel has {wheel.stat().st_size / 1e6:.2f} MB; `import netral` takes {statistics.median(imports):.3f} s (median of 7).")


if __name__ == "__main__":
    main()
