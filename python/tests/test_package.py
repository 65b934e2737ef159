import ast
import os
import re
import runpy
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

import netral
from conftest import ROOT, TEXTS

HERE = ROOT / "python"


def python(code, **more):
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, **more).stdout


def test_the_package_is_imported_in_a_fifth_of_a_second_and_brings_nothing_along():
    code = "import sys, time; t = time.perf_counter(); import netral; print(time.perf_counter() - t, *[m for m in ('numpy', 'pandas', 'polars', 'pyarrow', 'sklearn') if m in sys.modules])"
    runs = [python(code).split() for _ in range(5)]
    assert all(len(run) == 1 for run in runs), runs
    assert min(float(run[0]) for run in runs) < 0.2


def test_it_scores_with_nothing_else_installed():
    code = f"import sys\nfor m in ('numpy', 'pandas', 'polars', 'pyarrow'): sys.modules[m] = None\nimport netral\nprint(netral.Scorer().score({TEXTS!r}).to_pylist() == {netral.Scorer().score(TEXTS).to_pylist()!r})"
    assert python(code) == "True\n"
    assert not [need for need in metadata.requires("netral") or [] if "extra ==" not in need]


def test_the_wheel_is_small_and_serves_every_python_from_3_10():
    wheel = Path(os.environ.get("WHEEL", "")).resolve()
    if not wheel.is_file():
        pytest.skip("no wheel is named")
    assert "cp310-abi3" in wheel.name
    # One for development is larger.
    assert wheel.stat().st_size <= 8e6 or "release" not in wheel.parts


def test_stubs_tell_what_there_is():
    tree = ast.parse((HERE / "netral/_netral.pyi").read_text())
    compiled = netral._netral
    told = {node.name: node for node in tree.body if isinstance(node, (ast.ClassDef, ast.FunctionDef))}
    values = {node.target.id for node in tree.body if isinstance(node, ast.AnnAssign)}
    public = {name for name in dir(compiled) if not name.startswith("__")} | {"__version__"}
    assert set(told) | values == public
    for name, node in told.items():
        if isinstance(node, ast.ClassDef) and name != "NetralError":
            own = {m.name for m in node.body if isinstance(m, ast.FunctionDef)} - {"__new__"}
            there = {m for m in vars(getattr(compiled, name)) if not m.startswith("__")}
            assert there <= own and own <= set(dir(getattr(compiled, name))), name
    assert (Path(netral.__file__).parent / "py.typed").exists()


def test_everything_public_is_documented():
    for name in netral.__all__:
        thing = getattr(netral, name)
        assert isinstance(thing, (str, list)) or thing.__doc__, name
    for name in dir(netral.Scorer):
        assert name.startswith("_") or getattr(netral.Scorer, name).__doc__, name


@pytest.mark.parametrize("page", ["README.md", "python/README.md"])
def test_the_examples_of_the_readmes_run(page, monkeypatch):
    monkeypatch.chdir(ROOT)
    text = (ROOT / page).read_text()
    blocks = [block for block in re.findall(r"```python\n(.*?)```", text, re.S) if "pyspark" not in block and "import ray" not in block]
    assert blocks
    for block in blocks:
        exec(compile(block, page, "exec"), {})


def test_the_notebook_runs_from_start_to_end(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("NOTEBOOK_OUTPUT", str(tmp_path))
    runpy.run_path(str(HERE / "examples/notebook.py"))
    assert (tmp_path / "tasks.json").stat().st_size > 100 and (tmp_path / "own.model").stat().st_size > 100_000
    assert "likely" in capsys.readouterr().out


def test_examples_for_polars_run(monkeypatch):
    monkeypatch.chdir(ROOT)
    runpy.run_path(str(HERE / "examples/polars_feed.py"))
