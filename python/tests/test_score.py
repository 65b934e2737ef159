import os
import threading
import time

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import netral
from conftest import TEXTS

COLUMNS = {
    "list": TEXTS,
    "tuple": tuple(TEXTS),
    "string": pa.array(TEXTS),
    "large string": pa.array(TEXTS, pa.large_string()),
    "string view": pa.array(TEXTS, pa.string_view()),
    "binary": pa.array([t.encode() for t in TEXTS], pa.binary()),
    "dictionary": pa.array(TEXTS).dictionary_encode(),
    "slice": pa.array(["before", *TEXTS, "after"]).slice(1, len(TEXTS)),
    "chunks": pa.chunked_array([TEXTS[:2], [], TEXTS[2:]]),
    "polars": pl.Series(TEXTS),
    "polars chunks": pl.concat([pl.Series(TEXTS[:1]), pl.Series(TEXTS[1:])], rechunk=False),
    "polars categorical": pl.Series(TEXTS, dtype=pl.Categorical),
    "pandas object": pd.Series(TEXTS, dtype=object),
    "pandas str": pd.Series(TEXTS, dtype="string"),
    "pandas arrow": pd.Series(TEXTS, dtype="string[pyarrow]"),
    "pandas categorical": pd.Series(TEXTS, dtype="category"),
    "numpy object": np.array(TEXTS, dtype=object),
    "numpy unicode": np.array(TEXTS),
}


@pytest.fixture(scope="module")
def expected(scorer):
    return [scorer.score(text)[0] for text in TEXTS]


@pytest.mark.parametrize("kind", COLUMNS)
def test_a_column_of_any_kind_scores_as_its_texts_do(scorer, expected, kind):
    assert scorer.score(COLUMNS[kind]).to_pylist() == expected


def test_scores_say_what_a_score_says(scorer, expected):
    appeal, other, empty, foreign, join, _ = expected
    assert appeal["status"] == "ok" and appeal["band"] in ("likely", "review") and appeal["partisan"] > 0.5
    assert "vote_appeal" in appeal["fired"] and appeal["signals"]["vote_appeal"] > 0.5
    for reason in appeal["evidence"]:
        assert TEXTS[0][reason["start"] : reason["end"]] == reason["text"]
    assert set(appeal["signals"]) == set(netral.SIGNALS) and set(appeal["context"]) == set(netral.CONTEXTS)
    assert sum(appeal["context"].values()) == pytest.approx(1)
    assert other["band"] == "unlikely" and other["fired"] == [] and other["parent"] is None
    assert (empty["status"], empty["partisan"], empty["signals"], empty["band"]) == ("empty", None, None, "no_evidence")
    assert (foreign["status"], foreign["lang"]) == ("no_evidence", "other")
    assert join["links"] == [{"domain": "whatsapp.com", "kind": "chat_invite"}]


def test_the_table_says_by_what_model_and_packs(scorer):
    table = pa.table(scorer.score(TEXTS))
    assert table.num_rows == len(TEXTS)
    metadata = scorer.score([]).metadata
    assert {k.decode(): v.decode() for k, v in table.schema.metadata.items()} == metadata
    assert scorer.model.hash in metadata["netral.model"]
    assert [pack["name"] for pack in scorer.packs] and all(pack["hash"] in metadata["netral.packs"] for pack in scorer.packs)


def test_the_table_goes_to_every_tool_alike(scorer):
    scores = scorer.score(TEXTS)
    rows = scores.to_pylist()
    assert scores.to_pyarrow().to_pylist() == rows == scores.to_polars().to_dicts()
    frame = scores.to_pandas()
    assert list(frame.columns) == scores.column_names and list(frame["band"]) == [row["band"] for row in rows]
    assert scores[-1] == rows[-1] and len(scores) == len(rows)
    partisan = np.asarray(scores["partisan"])
    assert partisan.dtype == float and [None if np.isnan(p) else p for p in partisan] == [row["partisan"] for row in rows]
    assert list(scores["fired"]) == [row["fired"] for row in rows] == pl.Series(scores["fired"]).to_list()
    with pytest.raises(KeyError):
        scores["no such column"]
    with pytest.raises(IndexError):
        scores[len(rows)]


def test_no_table_is_copied_on_its_way_out(scorer):
    scores = scorer.score(TEXTS * 50)
    before = pa.total_allocated_bytes()
    one, two = pa.table(scores), pa.table(scores)
    assert pa.total_allocated_bytes() == before
    addresses = [[b.address for b in t.column("partisan").chunk(0).buffers() if b] for t in (one, two)]
    assert addresses[0] and addresses[0] == addresses[1]
    del scores
    assert one.column("status").to_pylist() == two.column("status").to_pylist()


def test_rows_without_a_text_keep_their_place(scorer):
    good = TEXTS[0]
    texts = [good, None, float("nan"), pd.NA, 17, b"\xff", "\ud800", {"a": 1}, b"Ayo coblos nomor 2, menangkan Bu Melati!", good]
    scores = scorer.score(texts)
    assert list(scores["status"]) == ["ok", "empty", "empty", "empty", "error", "error", "error", "error", "ok", "ok"]
    assert scores[0] == scores[8] == scores[9]
    assert [scores[n]["reason"] for n in (1, 4, 7)] == [None, "text is a int, not a string", "text is a dict, not a string"]
    assert "UTF-8" in scores[5]["reason"] and "surrogate" in scores[6]["reason"]
    assert scorer.score(pd.Series(texts, dtype=object)).to_pylist() == scores.to_pylist()
    long = scorer.score([good, "a " * (1 << 20)])
    assert long[1]["status"] == "error" and "longer" in long[1]["reason"]


def test_arrow_that_holds_no_text_is_told_row_by_row(scorer):
    broken = pa.Array.from_buffers(pa.string(), 3, [None, pa.py_buffer(np.array([0, 2, 3, 5], "i4").tobytes()), pa.py_buffer(b"ab\xffcd")])
    assert list(scorer.score(broken)["status"])[1] == "error"
    assert list(scorer.score(pa.nulls(3))["status"]) == ["empty"] * 3
    assert list(scorer.score(pa.array([TEXTS[0], None]))["status"]) == ["ok", "empty"]
    assert list(scorer.score(pa.array([None, None], pa.string()).dictionary_encode())["status"]) == ["empty"] * 2


@pytest.mark.parametrize(
    "wrong",
    [
        5,
        None,
        b"bytes",
        {"a": "b"},
        {"a"},
        [1, 2].__iter__,
        pa.array([1, 2]),
        pa.array([["a"]]),
        np.arange(3),
        np.array([["a"]]),
        pd.Series([1.5]),
        pl.Series([True]),
    ],
    ids=lambda wrong: type(wrong).__name__,
)
def test_a_column_of_another_type_is_a_type_error(scorer, wrong):
    with pytest.raises(TypeError, match="text"):
        scorer.score(wrong)


def test_a_table_is_no_column(scorer):
    for table in (pd.DataFrame({"text": TEXTS}), pl.DataFrame({"text": TEXTS}), pa.table({"text": TEXTS})):
        with pytest.raises(TypeError):
            scorer.score(table)


def test_no_rows_make_a_table_with_all_columns(scorer):
    for none in ([], pa.array([], pa.string()), pl.Series([], dtype=pl.String)):
        scores = scorer.score(none)
        assert len(scores) == 0 and pa.table(scores).schema == pa.table(scorer.score(TEXTS)).schema


def test_what_is_told_of_an_act_is_heard(scorer):
    words = TEXTS[0]
    scores = scorer.score(
        ["", "", "setuju", words],
        activity=["share", "like", "quote", None],
        parent=[words, words, words, None],
        links=[[], ["https://kitabisa.com/x"], None, []],
    )
    share, like, quote, own = scores.to_pylist()
    assert share["scored"] == "parent" and share["activity"] == "share" and share["partisan"] == own["partisan"]
    assert like["partisan"] is None and like["parent"]["partisan"] == own["partisan"] and like["links"][0]["kind"] == "donation"
    assert quote["parent"]["evidence"] == own["evidence"] and quote["activity"] == "quote"
    assert "activity" in own["missing"] and "activity" not in share["missing"]
    assert scorer.score(words, activity="post")[0] == scorer.score([words], activity="post")[0]
    arrow = scorer.score(pa.array([""]), activity=pa.array(["like"]), parent=pl.Series([words]), links=pa.array([["https://kitabisa.com/x"]]))
    assert arrow[0] == like
    with pytest.raises(ValueError, match="parent has 1 rows, text 2"):
        scorer.score(["a", "b"], parent=["c"])
    with pytest.raises(ValueError, match="activity"):
        scorer.score(["a"], activity="liek")


def test_statistics_leave_out_the_evidence_and_nothing_else(scorer):
    full, brief = scorer.score(TEXTS), scorer.score(TEXTS, evidence=False)
    assert [name for name in full.column_names if name not in brief.column_names] == ["evidence"]
    assert [{**row, "evidence": 0} for row in full.to_pylist()] == [{**row, "evidence": 0} for row in brief.to_pylist()]


def test_threads_change_nothing_but_the_time(expected):
    for threads in (1, 2, 3):
        scores = netral.Scorer(threads=threads).score(TEXTS * 1000)
        assert [scores[row] for row in range(-2 * len(TEXTS), 0)] == expected * 2
    with pytest.raises(ValueError):
        netral.Scorer(threads=0)


def test_threads_are_bounded():
    code = "import netral, os; s = netral.Scorer(threads=1); s.score(['Ayo coblos nomor 2!'] * 20_000); print(len(os.listdir('/proc/self/task')))"
    assert int(run(code)) <= 2


def test_other_python_threads_run_meanwhile(scorer):
    scorer.score(TEXTS)
    scored, ticks = threading.Event(), 0
    work = threading.Thread(target=lambda: (scorer.score(TEXTS * 6_000, evidence=False), scored.set()))
    work.start()
    while not scored.is_set():
        ticks += 1
        time.sleep(0.001)
    work.join()
    assert ticks > 20, "the GIL was held"


def test_packs_base_rate_and_rules_have_their_say(scorer, tmp_path):
    text = "Coblos Wiratmo!"
    pack = tmp_path / "desa.toml"
    pack.write_text(
        'id = "desa"\ntitle = "Desa"\ncountry = "ID"\nlanguages = ["id"]\ncues = ["coblos"]\n[[source]]\nid = "p"\ntitle = "P"\nurl = "https://desa.example"\nseen = 2026-01-05\n'
        '[[contest]]\nid = "desa-2026"\ntitle = "Pilkades"\nregion = "Desa Sukamaju"\n[[contest.contender]]\nkind = "candidate"\nname = "Wiratmo"\nsources = ["p"]\n'
    )
    own, none = netral.Scorer(packs=[pack]), netral.Scorer(packs=[])
    assert [p["name"] for p in own.packs] == ["desa"] and none.packs == []
    assert "<cand>" in own.explain(text).to_dict()["marked"] and "<cand>" not in none.explain(text).to_dict()["marked"]
    rare = netral.Scorer(base_rate=0.01)
    assert rare.base_rate == 0.01 and rare.score(TEXTS)[0]["partisan"] < scorer.score(TEXTS)[0]["partisan"]
    assert 0 < rare.precision(0.01)[0] < rare.precision(0.01)[1] <= 1
    ruled = netral.Scorer(rules="id-skb-2022").score(TEXTS[:1], activity="post", time=["2024-11-20T08:00:00Z"])[0]
    assert ruled["rules"] and ruled["rules"][0]["rule"].startswith("id-skb-2022/")


def test_errors_say_what_to_do(tmp_path):
    with pytest.raises(netral.NetralError, match="nowhere.model"):
        netral.Scorer("nowhere.model")
    broken = tmp_path / "broken.model"
    broken.write_text("netral-model 1\n{}\nend 00\n")
    with pytest.raises(netral.NetralError, match="cut short"):
        netral.Scorer(broken).score("a")
    with pytest.raises(ValueError, match="base rate"):
        netral.Scorer(base_rate=1.5)
    with pytest.raises(TypeError):
        netral.Scorer(model=5)


def run(code):
    import subprocess
    import sys

    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=os.environ).stdout
