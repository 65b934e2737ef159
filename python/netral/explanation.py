"""How one post gets its score, and how that is shown."""

from __future__ import annotations

import html
import json
import unicodedata
from typing import Any

# A push of this size, in log-odds, has the full colour.
STRONG = 1.5
# Towards partisan, and away from it: two colours that also the colour-blind tell apart.
FOR, AGAINST = "230,120,0", "0,110,200"


class Explanation:
    """How one post gets its score: the bias and the pushes of its words add up to the margin.

    `print` shows it on a terminal, a notebook shows the words in the colour of what they add, `to_dict` gives everything.
    """

    def __init__(self, data: str, shown: str, words: str) -> None:
        self._data: dict[str, Any] = json.loads(data)
        self._shown = shown
        #: The words that were scored.
        self.words = words

    @property
    def score(self) -> dict[str, Any]:
        """The score, as `netral score` writes it; probabilities of signals and contexts with four decimals."""
        return self._data["score"]

    @property
    def evidence(self) -> list[dict[str, Any]]:
        """One entry for each word or sign with a push, in the order of the text: `start`, `end`, `text`, `push`, `head`."""
        return self._data["evidence"]

    @property
    def bias(self) -> float:
        """The margin of a text of this length that says nothing, in log-odds before calibration."""
        return self._data["bias"]

    @property
    def margin(self) -> float:
        """The partisan margin: the bias and all pushes together."""
        return self._data["margin"]

    @property
    def thresholds(self) -> tuple[float, float]:
        """The margins from which posts are `review` and `likely`."""
        review, likely = self._data["thresholds"]
        return review, likely

    def to_dict(self) -> dict[str, Any]:
        return self._data

    def __str__(self) -> str:
        return self._shown

    def __repr__(self) -> str:
        return f"<netral.Explanation: {self.score['band']}, margin {self.margin:+.2f}>"

    def _repr_html_(self) -> str:
        score = self.score
        probability = "no probability" if score["partisan"] is None else f"probability {score['partisan']:.2f}"
        facts = [probability, f"band {score['band']}", f"language {score['lang'] or 'unknown'}"]
        if score["fired"]:
            facts.append("signals " + ", ".join(score["fired"]))
        review, likely = self.thresholds
        sums = f"{self.bias:+.2f} for a text of this length and the pushes of its words make a margin of {self.margin:+.2f}; {review:+.2f} is review, {likely:+.2f} is likely"
        missing = f"unknown: {', '.join(score['missing'])} (what could change the reading)" if score["missing"] else ""
        small = "".join(f'<div style="font-size:.85em;color:#444">{html.escape(line)}</div>' for line in (sums, missing) if line)
        return (
            '<div style="background:#fff;color:#111;border:1px solid #bbb;padding:.7em;max-width:50em;line-height:1.7">'
            f"<div><b>{html.escape(' · '.join(facts))}</b></div>"
            f'<div dir="auto" style="white-space:pre-wrap;unicode-bidi:isolate;overflow-wrap:anywhere;margin:.5em 0">{self._marked()}</div>'
            f"{small}"
            '<div style="font-size:.85em"><b>A reason to look, not a finding / bukan putusan.</b></div></div>'
        )

    def _marked(self) -> str:
        """The words, each on the colour of its push."""
        parts, at = [], 0
        for reason in sorted(self.evidence, key=lambda reason: (reason["start"], reason["end"])):
            start, end, push = max(reason["start"], at), reason["end"], reason["push"]
            if start >= end:
                continue
            parts.append(harmless(self.words[at:start]))
            strength = min(abs(push) / STRONG, 1.0) * 0.7
            colour = FOR if push > 0 else AGAINST
            parts.append(f'<span style="background:rgba({colour},{strength:.2f})" title="{push:+.2f}">{harmless(self.words[start:end])}</span>')
            at = end
        parts.append(harmless(self.words[at:]))
        return "".join(parts)


def harmless(text: str) -> str:
    """The text for a page: escaped, and what is invisible or turns the writing round as its number."""
    shown = (f"[U+{ord(c):04X}]" if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") and c not in "\n\t\u200d" else c for c in text)
    return html.escape("".join(shown), quote=True)
