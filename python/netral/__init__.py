"""Scores Indonesian and English social-media posts for partisan political activity, with exact reasons.

    import netral
    scores = netral.Scorer().score(["Ayo coblos nomor 2!", "Jalan rusak lagi."])
    scores["partisan"], scores[0]

A score is a reason to look at a post. It is not a finding / bukan putusan.
"""

from __future__ import annotations

from os import PathLike
from typing import Any, Union
from collections.abc import Callable, Iterable, Mapping, Sequence

from . import _netral
from ._netral import CONTEXTS, SIGNALS, Column, Evaluation, Model, NetralError, Scores, __version__
from ._rows import as_file
from .explanation import Explanation

__all__ = ["CONTEXTS", "SIGNALS", "Column", "Evaluation", "Explanation", "Model", "NetralError", "Scorer", "Scores", "__version__", "train"]

Path = Union[str, "PathLike[str]"]
# Labelled posts: a file, or rows in memory.
Rows = Union[Path, Iterable[Mapping[str, Any]], Any]


class Scorer(_netral.Scorer):
    __doc__ = _netral.Scorer.__doc__
    __module__ = "netral"

    def explain(
        self,
        text: str,
        *,
        activity: str | None = None,
        parent: str | None = None,
        links: Sequence[str] | None = None,
        time: str | None = None,
    ) -> Explanation:
        """How one post gets its score, to the last push. In a notebook it shows the words in the colour of what they add."""
        json, shown, words = self._explain(text, activity=activity, parent=parent, links=None if links is None else list(links), time=time)
        return Explanation(json, shown, words)

    def eval(self, gold: Rows | Sequence[Path], *, slices: Sequence[str] = (), group: str | None = None, attack: str | None = None) -> Evaluation:
        """Measures the model on labelled posts: twenty measures with intervals, by language, context and the columns `slices`.

        `gold`: files (JSONL or TSV) or rows with `text` and `partisan` (true, false or nothing), such as a DataFrame or a list of dictionaries.
        `group`: a column whose rows are drawn together. `attack`: a disguise for every word, as `netral eval --attack` names it.
        """
        if isinstance(gold, (list, tuple)) and gold and all(isinstance(file, (str, PathLike)) for file in gold):
            return self._eval(gold, list(slices), group, attack)
        with as_file(gold) as file:
            return self._eval([file], list(slices), group, attack)


def train(
    corpus: Rows,
    *,
    base: Model | Path | None = None,
    recipe: Path | Mapping[str, Any] | None = None,
    packs: Path | Sequence[Path] | None = None,
    threads: int | None = None,
    say: Callable[[str], None] | None = None,
) -> Model:
    """Trains a model on labelled posts, or adapts `base` to them, as far as they say something new.

    `corpus`: a folder or file as `netral train` reads it, or rows with `text` and `partisan`, such as a DataFrame or a list of dictionaries.
    `base`: a model, its path, or `shipped`; the model that comes back has `evaluation`: how it and its base do on held-out rows.
    `recipe`: a TOML file or some of its fields; only for training afresh. `say` hears what is being done.
    """
    if base is not None and recipe is not None:
        raise ValueError("a model that is adapted keeps the recipe of its base")
    if isinstance(base, str) and base == "shipped":
        base = Model()
    elif base is not None and not isinstance(base, Model):
        base = Model.read(base)
    if isinstance(recipe, Mapping):
        recipe = dict(recipe)
    with as_file(corpus) as path:
        return _netral._train(path, base, recipe, packs, threads, say)
