import multiprocessing
import pickle
import time

import pytest

import netral
from conftest import ROOT, TEXTS


def scored(scorer):
    return scorer.score(TEXTS * 30).to_pylist()[: len(TEXTS)]


@pytest.mark.parametrize("way", ["spawn", "fork"])
def test_a_scorer_travels_to_other_processes(way):
    scorer = netral.Scorer(threads=2)
    # Its threads run before a fork, and stay behind.
    expected = scored(scorer)
    with multiprocessing.get_context(way).Pool(2) as pool:
        assert pool.map_async(scored, [scorer] * 4).get(timeout=60) == [expected] * 4


def test_a_pickle_holds_paths_and_hashes_and_no_model(tmp_path):
    path = tmp_path / "own.model"
    path.write_text((ROOT / "models/netral.model").read_text())
    scorer = netral.Scorer(path, base_rate=0.02, threads=1)
    data = pickle.dumps(scorer)
    assert len(data) < 2000 and str(path).encode() in data and scorer.model.hash.encode() in data
    again = pickle.loads(data)
    assert type(again) is netral.Scorer and again.threads == 1 and again.base_rate == 0.02
    assert again.score(TEXTS).to_pylist() == scorer.score(TEXTS).to_pylist()


def test_another_model_in_the_place_of_the_pickled_one_is_refused(tmp_path):
    path = tmp_path / "own.model"
    path.write_text((ROOT / "models/netral.model").read_text())
    data = pickle.dumps(netral.Scorer(path))
    rows = [{"text": f"{word} {n} kucing lucu sekali hari ini", "partisan": n % 2} for n in range(200) for word in ("ayo", "kue")]
    netral.train(rows, recipe={"tokens": 300, "feature_rows": 2, "pair_rows": 2}).save(path)
    with pytest.raises(netral.NetralError, match="not those that the scorer was made with"):
        pickle.loads(data).score("a")
    path.unlink()
    with pytest.raises(netral.NetralError, match="own.model"):
        pickle.loads(data).score("a")


def test_a_model_in_memory_travels_whole():
    model = netral.Model()
    again = pickle.loads(pickle.dumps(netral.Scorer(model)))
    assert again.model == model and again.score(TEXTS).to_pylist() == netral.Scorer().score(TEXTS).to_pylist()


def test_a_process_loads_a_model_once(tmp_path):
    path = tmp_path / "own.model"
    path.write_text((ROOT / "models/netral.model").read_text())

    def seconds():
        start = time.perf_counter()
        netral.Scorer(path).score("a")
        return time.perf_counter() - start

    first, later = seconds(), min(seconds() for _ in range(3))
    assert later < first / 5, (first, later)
    start = time.perf_counter()
    netral.Scorer(path)
    assert time.perf_counter() - start < first / 5, "making a scorer loads nothing"
