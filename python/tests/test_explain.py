import re
from html.parser import HTMLParser

import pytest

HOSTILE = "<script>alert(1)</script> \"><img src=x onerror=y> coblos &amp; 'menangkan' \u202egnihton\u202c <b>Bu Melati</b>\x07"


class Page(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, {name for name, _ in attrs}))

    def handle_data(self, data):
        self.text += data


def test_pushes_and_bias_make_the_margin(scorer):
    why = scorer.explain("Ayo coblos nomor 2, menangkan Bu Melati!")
    assert why.bias + sum(reason["push"] for reason in why.evidence) == pytest.approx(why.margin)
    assert why.margin >= why.thresholds[0] and why.score["band"] in str(why)
    assert why.score["partisan"] == scorer.score(why.words)[0]["partisan"]


def test_a_page_colours_words_by_their_push(scorer):
    why = scorer.explain("Ayo coblos nomor 2, menangkan Bu Melati!")
    page = why._repr_html_()
    shown = re.findall(r'rgba\((\d+),\d+,\d+,([\d.]+)\)" title="([+-][\d.]+)">([^<]+)<', page)
    assert len(shown) == len(why.evidence)
    for (red, strength, push, word), reason in zip(shown, why.evidence):
        assert (word, push) == (reason["text"], f"{reason['push']:+.2f}")
        assert (red == "230") == (reason["push"] > 0)
    strengths = {float(push): float(strength) for _, strength, push, _ in shown}
    assert strengths[max(strengths)] == max(strengths.values())
    assert "not a finding / bukan putusan" in page


def test_hostile_text_stays_text(scorer):
    page = Page(scorer.explain(HOSTILE)._repr_html_())
    assert {tag for tag, _ in page.tags} <= {"div", "span", "b"}
    assert set().union(*(names for _, names in page.tags)) <= {"style", "title", "dir"}
    assert "<script>alert(1)</script>" in page.text and "\u202e" not in page.text and "[U+202E]" in page.text and "[U+0007]" in page.text


def test_acts_are_explained_by_what_they_pass_on(scorer):
    why = scorer.explain("", activity="share", parent="Ayo coblos nomor 2!")
    assert why.words == "Ayo coblos nomor 2!" and why.score["scored"] == "parent"
    nothing = scorer.explain("")
    assert nothing.evidence == [] and "no probability" in nothing._repr_html_()
