"""Markup turned into inert text: what a page shows is what was written, and nothing acts."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from vendors.questionnaires.shape import MAX_TEXT

LOOKS_LIKE_HTML = re.compile(r"</?[a-zA-Z][^<>]*>|&(?:[a-zA-Z]+|#\d+|#x[0-9a-fA-F]+);")
PARAGRAPHS = frozenset(
    [
        "p",
        "div",
        "section",
        "article",
        "blockquote",
        "table",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "dl",
        "pre",
    ]
)
LINES = frozenset(["br", "tr", "li", "dt", "dd", "hr"])
SILENT = frozenset(["script", "style", "template", "iframe", "object"])
# Control characters, zero-width characters, and marks that reorder what is read.
UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]"
)


class _Flattener(HTMLParser):
    """Keeps words, paragraphs, bullets and where links lead."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.links: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self.silent += 1
        elif tag in PARAGRAPHS:
            self.parts.append("\n\n")
        elif tag in LINES:
            self.parts.append("\n• " if tag == "li" else "\n")
        elif tag == "a":
            self.links.append(dict(attrs).get("href") or "")
            self.parts.append("\x00")

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self.silent = max(0, self.silent - 1)
        elif tag in PARAGRAPHS:
            self.parts.append("\n\n")
        elif tag == "a" and self.links:
            self.close_link(self.links.pop())

    def close_link(self, href: str) -> None:
        start = len(self.parts) - 1 - self.parts[::-1].index("\x00")
        words = "".join(self.parts[start + 1 :]).strip()
        shown = words if not href or href == words else f"{words} ({href})" if words else href
        self.parts[start:] = [shown]

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.parts.append(re.sub(r"\s+", " ", data))


def from_html(text: str) -> str:
    """Text of a fragment of HTML: paragraphs and bullets kept, links shown as ``words (address)``."""
    if not LOOKS_LIKE_HTML.search(text):
        return tidy(text)
    flattener = _Flattener()
    flattener.feed(text.replace("\x00", ""))
    flattener.close()
    return tidy("".join(flattener.parts).replace("\x00", ""))


MARKDOWN_LINK = re.compile(r"!?\[([^\[\]\n]{0,500})\]\(([^()\s]{0,2000})\)")
MARKDOWN_STRESS = re.compile(r"(?<!\w)(\*\*|__|\*|`)(?=\S)([^*_`\n]{1,1000}?)(?<=\S)\1(?!\w)")


def from_markdown(text: str) -> str:
    """Text of the little Markdown OSCAL uses: bullets kept, emphasis dropped, links shown as text."""
    text = MARKDOWN_LINK.sub(lambda found: _link(found.group(1), found.group(2)), text)
    text = MARKDOWN_STRESS.sub(r"\2", text)
    lines = [_markdown_line(line) for line in text.replace("\r\n", "\n").split("\n")]
    return from_html("\n".join(lines)) if LOOKS_LIKE_HTML.search(text) and "\n" not in text else tidy("\n".join(lines))


def _link(words: str, address: str) -> str:
    return words if not address or words == address else f"{words} ({address})"


def _markdown_line(line: str) -> str:
    line = re.sub(r"^\s{0,20}>\s?[-*]\s+", "   – ", line)  # a nested bullet, quoted
    line = re.sub(r"^\s{0,3}[-*+]\s+", "• ", line)
    line = re.sub(r"^\s{4,20}[-*+]\s+", "   – ", line)
    return re.sub(r"^#{1,6}\s+", "", line)


def tidy(text: str) -> str:
    """Without unseen characters, runs of blanks and blank lines; at most :data:`MAX_TEXT` characters."""
    text = UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).replace("\u00a0", " ")
    text = re.sub(r"[ \t]+", lambda run: run.group() if len(run.group()) == 3 else " ", text)
    text = "\n".join(line.rstrip() if line.startswith("   –") else line.strip() for line in text.split("\n"))
    text = re.sub(r"\n{3,}", "\n\n", re.sub(r"\n\n+(?=• )", "\n", text)).strip()
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1].rstrip() + "…"


def is_altered(source: str) -> bool:
    """Whether ``source`` holds characters nobody sees (they are removed, and a remark says so)."""
    return bool(UNSEEN.search(source.replace("\r", "")))


def is_too_long(source: str) -> bool:
    """Whether ``source`` is cut off."""
    return len(source) > MAX_TEXT


def slug(text: str, fallback: str = "q") -> str:
    """A key of letters, digits, ``_``, ``-`` and ``.`` made of ``text`` or ``fallback``, at most 80 characters."""
    for words in (text, fallback):
        key = re.sub(r"[^A-Za-z0-9_.-]+", "_", words).strip("_.-")[:80]
        if key:
            return key
    return "q"
