"""netral beside its peers on one core: fastText (word + bigram and character models), scikit-learn (hashed words and characters with SGD) and the
floor, each on the same feed, in turn, several runs each. Prints medians and ratios as Markdown.

usage: python3 benches/peers/run.py [--rows 200000] [--runs 5] [--folder target/peers]

Needs: `cargo`, `taskset`, Debian's `fasttext` (apt-get install fasttext). scikit-learn is installed into a virtual environment in the folder.
"""

import argparse
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time
import venv

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CORE = os.environ.get("CORE", "0")

SKLEARN = '''
import sys, time
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import SGDClassifier
from sklearn.pipeline import make_pipeline
kind, train, feed = sys.argv[1:]
rows = [line.rstrip("\\n").split(" ", 1) for line in open(train, encoding="utf-8")]
vectors = HashingVectorizer(ngram_range=(1, 2)) if kind == "words" else HashingVectorizer(analyzer="char_wb", ngram_range=(2, 5))
model = make_pipeline(vectors, SGDClassifier(loss="log_loss", random_state=1)).fit([r[1] for r in rows], [r[0] for r in rows])
posts = open(feed, encoding="utf-8").read().splitlines()
start = time.perf_counter()
model.predict_proba(posts)
print(len(posts) / (time.perf_counter() - start))
'''


def run(*command, stdin=None):
    """Seconds and standard output of a command on one core."""
    start = time.perf_counter()
    done = subprocess.run(["taskset", "-c", CORE, *map(str, command)], stdin=stdin and open(stdin), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start, done.stdout


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--rows", type=int, default=200_000)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--folder", type=pathlib.Path, default=ROOT / "target" / "peers")
    options = options.parse_args()
    folder = options.folder.resolve()
    subprocess.run(["cargo", "build", "--release", "--locked", "--example", "floor", "--example", "throughput", "--bin", "netral"], cwd=ROOT, check=True)
    binaries = ROOT / "target" / "release"
    subprocess.run([sys.executable, HERE / "feed.py", folder, str(options.rows)], check=True)
    few = folder / "few.txt"
    lines = (folder / "feed.txt").read_text(encoding="utf-8").splitlines(keepends=True)
    few.write_text("".join(lines[: options.rows // 10]), encoding="utf-8")
    (folder / "one.txt").write_text(lines[0], encoding="utf-8")
    (folder / "one.jsonl").write_text((folder / "feed.jsonl").open(encoding="utf-8").readline(), encoding="utf-8")
    for name, form in [("words", ["-wordNgrams", "2"]), ("characters", ["-wordNgrams", "2", "-minn", "2", "-maxn", "5"])]:
        if not (folder / f"{name}.bin").exists():
            train = ["fasttext", "supervised", "-input", folder / "train.txt", "-output", folder / name, "-epoch", "10", "-verbose", "0", *form]
            subprocess.run(train, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    python = folder / "venv" / "bin" / "python"
    if not python.exists():
        venv.create(folder / "venv", with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "scikit-learn==1.7.2"], check=True)

    def fasttext(name, file, rows):
        start, _ = run("fasttext", "predict-prob", folder / f"{name}.bin", folder / "one.txt")
        whole, _ = run("fasttext", "predict-prob", folder / f"{name}.bin", file)
        return rows / max(whole - start, 1e-3)

    def memory(*form):
        return float(run(binaries / "examples" / "throughput", folder / "feed.txt", 1, *form)[1].split()[-1])

    def score(*form):
        start, _ = run(binaries / "netral", "score", "--quiet", *form, folder / "one.jsonl")
        whole, _ = run(binaries / "netral", "score", "--quiet", *form, folder / "feed.jsonl")
        return options.rows / (whole - start)

    tests = {
        "fastText, words and bigrams: texts to probabilities": lambda: fasttext("words", folder / "feed.txt", options.rows),
        "fastText, characters: texts to probabilities": lambda: fasttext("characters", few, options.rows // 10),
        "scikit-learn, words and bigrams: texts in memory": lambda: float(run(python, "-c", SKLEARN, "words", folder / "train.txt", few)[1]),
        "scikit-learn, characters: texts in memory": lambda: float(run(python, "-c", SKLEARN, "characters", folder / "train.txt", few)[1]),
        "the floor: JSON lines read and written": lambda: options.rows / run(binaries / "examples" / "floor", stdin=folder / "feed.jsonl")[0],
        "netral, all heads, texts in memory": memory,
        "netral, with evidence, texts in memory": lambda: memory("--evidence"),
        "netral, JSON lines to JSON lines with evidence": score,
    }
    seen = {name: [] for name in tests}
    for turn in range(options.runs):
        for name, test in tests.items():
            seen[name].append(test())
            print(f"run {turn + 1}: {name}: {seen[name][-1]:,.0f}", file=sys.stderr)
    median = {name: statistics.median(figures) for name, figures in seen.items()}
    words, characters, floor = (next(v for n, v in median.items() if n.startswith(start)) for start in ("fastText, words", "fastText, characters", "the floor"))
    size = (folder / "feed.jsonl").stat().st_size / options.rows
    text = sum(len(line.encode()) - 1 for line in lines) / len(lines)
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.processor())
    print(f"{cpu}, one core; {options.rows:,} rows of {size:.0f} bytes with texts of {text:.0f}; median (lowest to highest) of {options.runs} runs in turn.\n")
    print("| | posts a second | / fastText words | / fastText characters | floor / it |\n|---|---|---|---|---|")
    for name, m in median.items():
        low, high = min(seen[name]), max(seen[name])
        print(f"| {name} | {m:,.0f} ({low:,.0f} to {high:,.0f}) | {m / words:.2f} | {m / characters:.2f} | {floor / m:.2f} |")


if __name__ == "__main__":
    main()
