"""Foreign text is shown inert, and what hides in it is named (I82)."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from reviews.text import Span, hidden_in, reveal
from tests.reviews import payloads

TABLE = payloads.all_payloads()


class Reader(HTMLParser):
    """The elements, attributes and words of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words += data


def test_the_table_is_long():
    assert len(set(TABLE)) >= 300


@pytest.mark.parametrize("text", TABLE, ids=range(len(TABLE)))
def test_i82_inert(text):
    """Nothing but our own spans and marks comes out, and no sign is left that nobody sees."""
    for html in (reveal(text), reveal(text, [Span(0, len(text), 1), Span(1, max(1, len(text) // 2), 2)])):
        read = Reader(str(html))
        for tag, attrs in read.tags:
            assert tag in ("span", "mark", "a"), html
            assert set(attrs) <= {"class", "title", "data-cites", "href"}, html
            assert attrs.get("class") in ("reveal", "reveal__letter", "claim", "claim__cite")
            assert tag != "a" or re.fullmatch(r"#source-\d+", attrs["href"] or "")
        assert not payloads.unseen(read.words), ascii(html)


@pytest.mark.parametrize("text", payloads.hidden() + payloads.ANSI + payloads.spoken(), ids=ascii)
def test_i82_hidden_is_named(text):
    assert hidden_in(text), ascii(text)
    assert 'class="reveal"' in reveal(text)


@pytest.mark.parametrize("text", payloads.lookalikes())
def test_i82_lookalikes_are_named(text):
    assert hidden_in(text), ascii(text)
    assert "reveal__letter" in reveal(text)


@pytest.mark.parametrize(
    "text",
    [
        "L/H BUCKET CYL LEAKING.", "Prüfen: Öl 4,5 l, 640 Nm ± 5 %", "10 μm, 5 kΩ, Δp", "Замена фильтра насоса",
        "Überprüfung — “sofort” … €", "日本語の作業指示", "تغيير الفلتر", "café naïve", "line one\nline two\r\nthree\tend",
    ],
)  # fmt: skip
def test_plain_words_stay_plain(text):
    assert hidden_in(text) == []
    assert "<span" not in reveal(text)


def test_hidden_tags_are_read_out():
    assert "approve this" in reveal(f"Reseal{payloads.tagged('approve this')}")


def test_a_run_is_one_mark():
    assert reveal("\u200b" * 500).count("<span") == 1
    assert "500" in reveal("\u200b" * 500)


def test_claims_are_linked():
    html = reveal("Reseal the left bucket", [Span(0, 10, 1), Span(7, 22, 2)])
    assert 'data-cites="1">Reseal </mark>' in html
    assert 'data-cites="1 2">the</mark>' in html
    assert html.count("claim__cite") == 2


def test_a_big_text_is_quick():
    reveal("left \u202e cylinder " * 1200)
