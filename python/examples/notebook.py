# %% [markdown]
# # From a feed to a model of one's own
#
# Load, score, look at why, tune a threshold to what reviewers can read, export a queue for labelling, adapt the model. The cells run as they stand, from the
# root of the repository; people and parties are invented. A score is a reason to look at a post, not a finding / bukan putusan.

# %% Load
import os
from pathlib import Path

import pandas as pd

import netral

folder = Path(os.environ.get("NOTEBOOK_OUTPUT", "."))
feed = pd.read_csv("examples/feed.csv", dtype={"id": str})
print(f"{len(feed)} posts, {feed['text'].isna().sum()} without a text")

# %% Score
scorer = netral.Scorer()
scores = scorer.score(feed["text"], activity=feed["type"])
feed["partisan"], feed["band"], feed["fired"] = scores["partisan"], scores["band"], scores["fired"]
print(scores)
print(feed["band"].value_counts().to_string())

# %% Look at why
first = feed.sort_values("partisan", ascending=False).iloc[0]
why = scorer.explain(first["text"], activity=first["type"])
print(why)  # in a notebook `why` alone shows the words in the colour of what they add

# %% Tune a threshold to review capacity: reviewers read eight posts of such a feed
capacity = 8
ranked = feed["partisan"].dropna().sort_values(ascending=False)
threshold = ranked.iloc[capacity - 1]
chosen = feed[feed["partisan"] >= threshold]
assert len(chosen) <= capacity or (ranked == threshold).sum() > 1
print(f"from {threshold} on there are {len(chosen)} posts; among them by band: {chosen['band'].value_counts().to_dict()}")
for rate in (0.01, 0.05):
    review, likely = scorer.precision(rate)
    print(f"if {rate:.0%} of a feed is partisan, expect {review:.0%} of `review` and above and {likely:.0%} of `likely` to be")

# %% Export a queue for labelling: uncertain posts, no two alike, and a fifth at random
count = scorer.queue("examples/feed.csv", folder / "tasks.json", size=10)
print(f"{count} tasks for Label Studio in tasks.json")

# %% Adapt the model. These labels stand for what reviewers said: here they hold what a manager tells staff to be out of scope.
labels = [
    {"text": f"{who}: semua {staff} {verb} di {place} besok pagi.", "partisan": False}
    for who in ("Kepada seluruh staf", "Pengumuman untuk pegawai")
    for staff in ("pegawai", "tenaga honorer", "kader posyandu")
    for verb, place in (("wajib hadir", "balai warga"), ("ikut apel", "halaman kantor"), ("berkumpul", "aula kecamatan"))
]
labels += [
    {"text": f"{start} {whom}, {end}", "partisan": True}
    for start in ("Ayo coblos", "Jangan lupa pilih", "Kita menangkan")
    for whom in ("Bu Melati", "Pak Surya", "nomor 2")
    for end in ("Rabu besok!", "demi perubahan.", "satu putaran!")
]
model = netral.train(labels, base="shipped")
model.save(folder / "own.model")
print(model.evaluation.brief)
own = netral.Scorer(folder / "own.model")
changed = sum(before != after for before, after in zip(scores["band"], own.score(feed["text"], activity=feed["type"])["band"]))
print(f"{own.model}: {changed} posts of the feed are in another band than before")
