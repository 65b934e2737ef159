"""Labelled rows in memory as the file that the library reads."""

from __future__ import annotations

import json
import os
import re
import tempfile
from contextlib import contextmanager
from typing import Any
from collections.abc import Iterator, Mapping


# What looks like a slot of a corpus, `{cand}`, is none in a post.
SLOT = re.compile(r"\{(?=[a-z0-9]+\})")


@contextmanager
def as_file(rows: Any) -> Iterator[str]:
    """The path of a file, or of a JSON-lines file with the rows, which is removed at the end."""
    if isinstance(rows, (str, os.PathLike)):
        yield os.fspath(rows)
        return
    with tempfile.TemporaryDirectory(prefix="netral-") as folder:
        # Rows without an id are called after the file, so its name is always the same.
        path = os.path.join(folder, "rows.jsonl")
        with open(path, "w", encoding="utf-8") as file:
            for row in dictionaries(rows):
                row = {str(name): plain(value) for name, value in row.items()}
                if isinstance(row.get("text"), str):
                    # The full-width brace is read as the brace that it is.
                    row["text"] = SLOT.sub("\uff5b", row["text"])
                file.write(json.dumps(row) + "\n")
        yield path


def dictionaries(rows: Any) -> Iterator[Mapping[str, Any]]:
    """The rows of a pandas, Polars or Arrow table, or of a list."""
    if hasattr(rows, "to_dicts"):
        rows = rows.to_dicts()
    elif hasattr(rows, "to_pylist"):
        rows = rows.to_pylist()
    elif hasattr(rows, "to_dict"):
        rows = rows.to_dict("records")
    for row in rows:
        if not isinstance(row, Mapping):
            raise TypeError(f"a row is a {type(row).__name__}, not a dictionary")
        yield row


def plain(value: Any) -> Any:
    """What JSON has a word for: NumPy's numbers as Python's, and nothing for NaN."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if value is None or type(value).__name__ in ("NAType", "NaTType") or isinstance(value, float) and value != value:
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, (str, bool, int, float, list, tuple, dict)) else str(value)
