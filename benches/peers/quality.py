"""netral beside its peers in quality: fastText (words and pairs, and characters), scikit-learn (hashed words, and characters) and a list of keywords, all
trained on the same corpus and measured on the same gold posts and behaviour tests by `netral eval` and `netral suite`.

usage: python3 benches/peers/quality.py [GOLD …] [--folder target/peers] [--into FILE]

The gold is corpus/quality.tsv unless others are named. NETRAL names another binary than the one that
cargo builds. Needs `cargo` and Debian's `fasttext`; scikit-learn is installed into a virtual environment in
the folder. With --into the tables for the list and the suite are written into that Markdown file at the places `peers` and `peers suite`.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NETRAL = pathlib.Path(os.environ.get("NETRAL", ROOT / "target" / "release" / "netral"))

# What a careful person would type into a keyword search before there is a tool.
KEYWORDS = """coblos pilih dukung menangkan menang relawan paslon kampanye timses capres cawapres caleg lanjutkan gabung deklarasi tusuk vote elect re-elect
endorse endorsement campaign volunteer canvass donate rally support ballot candidate manifesto leaflet knock""".split()

SKLEARN = '''
import json, sys
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import SGDClassifier
from sklearn.pipeline import make_pipeline
kind, train, posts, out = sys.argv[1:]
rows = [json.loads(line) for line in open(train, encoding="utf-8")]
rows = [row for row in rows if row["partisan"] is not None]
vectors = HashingVectorizer(ngram_range=(1, 2)) if kind == "words" else HashingVectorizer(analyzer="char_wb", ngram_range=(2, 5))
model = make_pipeline(vectors, SGDClassifier(loss="log_loss", alpha=1e-5, random_state=1)).fit([r["text"] for r in rows], [r["partisan"] for r in rows])
posts = [json.loads(line) for line in open(posts, encoding="utf-8")]
with open(out, "w", encoding="utf-8") as to:
    for p in model.predict_proba([post["text"] for post in posts])[:, 1]:
        to.write(json.dumps({"probability": float(p)}) + "\\n")
'''


def words(text):
    return " ".join(re.findall(r"\w+|[^\w\s]", text.lower()))


def netral(*command):
    return subprocess.run([NETRAL, *map(str, command)], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def main():
    options = argparse.ArgumentParser()
    options.add_argument("gold", nargs="*", type=pathlib.Path, default=[ROOT / "corpus" / "quality.tsv"])
    options.add_argument("--folder", type=pathlib.Path, default=ROOT / "target" / "peers")
    options.add_argument("--into", type=pathlib.Path)
    options = options.parse_args()
    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if "NETRAL" not in os.environ:
        subprocess.run(["cargo", "build", "--release", "--locked", "--bin", "netral"], cwd=ROOT, check=True)
    python = folder / "venv" / "bin" / "python"
    if not python.exists():
        venv.create(folder / "venv", with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "scikit-learn==1.7.2"], check=True)
    train = folder / "corpus.jsonl"
    train.write_text(netral("corpus", "fill", "corpus"), encoding="utf-8")
    rows = [row for row in map(json.loads, train.open(encoding="utf-8")) if row["partisan"] is not None]
    labelled = folder / "corpus.txt"
    labelled.write_text("".join(f"__label__{'partisan' if r['partisan'] else 'other'} {words(r['text'])}\n" for r in rows), encoding="utf-8")
    kinds = {"words": ["-wordNgrams", "2"], "characters": ["-wordNgrams", "2", "-minn", "2", "-maxn", "5"]}
    for kind, settings in kinds.items():
        command = ["fasttext", "supervised", "-input", labelled, "-output", folder / f"quality-{kind}", "-epoch", "10", "-thread", "1", "-seed", "1", *settings]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def predicted(name, feed):
        """Every peer's predictions for a feed, as arguments of netral."""
        posts = [json.loads(line) for line in feed.open(encoding="utf-8")]
        plain = folder / f"{name}.txt"
        plain.write_text("".join(words(post["text"]) + "\n" for post in posts), encoding="utf-8")
        files = {}
        for kind in kinds:
            files[f"fastText {kind}"] = folder / f"{name}-fasttext-{kind}.txt"
            with open(files[f"fastText {kind}"], "w", encoding="utf-8") as to:
                subprocess.run(["fasttext", "predict-prob", folder / f"quality-{kind}.bin", plain, "2"], check=True, stdout=to)
            files[f"scikit-learn {kind}"] = folder / f"{name}-sklearn-{kind}.jsonl"
            subprocess.run([python, "-c", SKLEARN, kind, train, feed, files[f"scikit-learn {kind}"]], check=True)
        files["keywords"] = folder / f"{name}-keywords.jsonl"
        with open(files["keywords"], "w", encoding="utf-8") as to:
            for post in posts:
                hits = len(set(words(post["text"]).split()) & set(KEYWORDS))
                to.write(json.dumps({"probability": hits / (hits + 1)}) + "\n")
        return files

    def place(name):
        return ["--into", options.into.resolve(), "--name", name] if options.into else []

    gold = folder / "gold.jsonl"
    gold.write_text("".join(netral("eval", path, "--posts") for path in options.gold), encoding="utf-8")
    said = predicted("gold", gold)
    arguments = [part for name, file in said.items() for part in ("--predictions", f"{name}={file}")]
    print(netral("eval", *options.gold, *arguments, "--brief", *place("peers")))
    suite = folder / "suite.jsonl"
    suite.write_text(netral("suite", "--posts"), encoding="utf-8")
    said = predicted("suite", suite)
    arguments = [part for name, file in said.items() for part in ("--predictions", f"{name}={file}")]
    print(netral("suite", *arguments, "--brief", *place("peers suite")))


if __name__ == "__main__":
    sys.exit(main())
