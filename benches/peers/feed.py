"""Writes a feed to measure speed on: FOLDER/feed.jsonl (rows as an export has them), FOLDER/feed.txt (their texts, one a line)
and FOLDER/train.txt (fastText's form, for training the peers).

usage: feed.py FOLDER ROWS [SEED]

Texts are rows of this repository's corpus with slots filled by invented names; so that no reader can live on having seen a row before, every
text gets words that come once: links, handles, numbers and typing errors, as in real feeds.
"""

import json
import pathlib
import random
import re
import string
import sys

HERE = pathlib.Path(__file__).resolve().parents[2]
# Share of partisan posts: a busy campaign; an ordinary feed holds fewer.
PARTISAN = 0.05
SYLLABLES = "ba be bi bo da di do ga gi ha ja jo ka ki ku la li lo ma mi mu na ni no pa pi pu ra ri ro sa si su ta ti to wa wi ya yo zan tra ster wick ford".split()


# The same people come again and again in a feed.
NAMES = 5_000
people = []


def somebody(random):
    return random.choice(people)


def name(random):
    word = lambda: "".join(random.choice(SYLLABLES) for _ in range(random.randint(2, 4))).capitalize()
    return " ".join(word() for _ in range(random.randint(1, 2)))


def fill(text, random):
    names = {}

    def slot(match):
        kind = match[1].rstrip("2")
        if match[1] not in names:
            names[match[1]] = {
                "num": lambda: f"{random.randint(1, 5)}",
                "office": lambda: random.choice(["governor", "mayor", "bupati", "wali kota", "senator"]),
                "slogantag": lambda: "#" + somebody(random).replace(" ", "") + random.choice(["2024", "Menang", "ForAll"]),
                "camplink": lambda: f"https://{somebody(random).split()[0].lower()}.example/join",
                "handle": lambda: "@" + somebody(random).replace(" ", "").lower(),
            }.get(kind, lambda: somebody(random))()
        return names[match[1]]

    return re.sub(r"\{(\w+)\}", slot, text)


def wear(text, random):
    """Typing errors in 3 % of words, and in half of the texts a link or a handle that comes once."""

    def typo(word):
        if len(word) < 5 or not word.isalpha() or random.random() > 0.03:
            return word
        k = random.randrange(1, len(word) - 1)
        return random.choice([word[:k] + word[k + 1 :], word[:k] + word[k] + word[k:], word[: k - 1] + word[k] + word[k - 1] + word[k + 1 :]])

    text = re.sub(r"\w+", lambda m: typo(m[0]), text)
    if random.random() < 0.35:
        text += " https://t.co/" + "".join(random.choices(string.ascii_letters + string.digits, k=10))
    if random.random() < 0.25:
        text = f"@{somebody(random).split()[0].lower()}{random.randint(1, 99)} {text}"
    return text


def main(folder, rows, seed=7):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(int(seed))
    people.extend(name(rng) for _ in range(NAMES))
    corpus = []
    for file in ("id", "en"):
        corpus += [json.loads(line) for line in (HERE / "corpus" / f"{file}.jsonl").open(encoding="utf-8")]
    partisan = [row for row in corpus if row["partisan"]]
    others = [row for row in corpus if not row["partisan"]]
    with (folder / "train.txt").open("w", encoding="utf-8") as train:
        for row in corpus:
            if row["partisan"] is not None:
                train.write(f"__label__{int(row['partisan'])} {' '.join(fill(row['text'], rng).split())}\n")
    with (folder / "feed.jsonl").open("w", encoding="utf-8") as feed, (folder / "feed.txt").open("w", encoding="utf-8") as texts:
        for n in range(int(rows)):
            kind = partisan if rng.random() < PARTISAN else others
            text = wear(fill(rng.choice(kind)["text"], rng), rng)
            author = somebody(rng)
            row = {
                "id": str(1_700_000_000_000_000_000 + n * 7919),
                "created_at": f"2024-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}T{rng.randint(0, 23):02}:{rng.randint(0, 59):02}:00.000Z",
                "author": {"id": str(rng.getrandbits(40)), "name": author, "username": author.replace(" ", "").lower()},
                "text": text,
                "public_metrics": {"retweet_count": rng.randint(0, 99), "reply_count": rng.randint(0, 99), "like_count": rng.randint(0, 999), "quote_count": 0},
                "conversation_id": str(1_700_000_000_000_000_000 + rng.getrandbits(50)),
                "source": "phone",
            }
            feed.write(json.dumps(row, ensure_ascii=False) + "\n")
            texts.write(" ".join(text.split()) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
