"""Keys that are unique in a questionnaire, and what is remarked while a file is read."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from vendors.questionnaires import prose
from vendors.questionnaires.shape import MAX_KEY, Remark

MAX_REMARKS = 500
FORMS = {"html": prose.from_html, "markdown": prose.from_markdown, "plain": prose.tidy}
RESERVED = frozenset({"and", "or", "not", "is", "contains", "answered", "shown", "true", "false"})


@dataclass
class Notes:
    """Remarks, in the order of lines; beyond :data:`MAX_REMARKS` they are counted, not kept."""

    kept: list[Remark] = field(default_factory=list)
    beyond: int = 0

    def changed(self, line: int, text: str) -> None:
        """Something was understood, but not word for word."""
        self._add(Remark(line, "changed", text))

    def skipped(self, line: int, text: str) -> None:
        """Something was left out."""
        self._add(Remark(line, "skipped", text))

    def doubtful(self, line: int, text: str) -> None:
        """Something was understood as it stands, and looks like a mistake in the file."""
        self._add(Remark(line, "doubtful", text))

    def _add(self, remark: Remark) -> None:
        if len(self.kept) < MAX_REMARKS:
            self.kept.append(remark)
        else:
            self.beyond += 1

    def sorted(self) -> tuple[Remark, ...]:
        """Every remark by line, and how many more there would be."""
        remarks = sorted(self.kept, key=lambda remark: remark.line)
        if self.beyond:
            remarks.append(Remark(0, "changed", _("%(count)d more remarks are not listed.") % {"count": self.beyond}))
        return tuple(remarks)

    def prose(self, text: str, line: int, *, form: str = "html") -> str:
        """``text`` (html, markdown or plain) as inert text; what is lost on the way is remarked."""
        if prose.is_altered(text):
            self.changed(line, _("Characters that nobody sees were removed."))
        if prose.is_too_long(text):
            self.changed(line, _("The text was cut off after 10,000 characters."))
            text = text[:20_000]
        return FORMS[form](text)

    def title(self, text: str, line: int, limit: int = 300, *, form: str = "html") -> str:
        """``text`` on one line of at most ``limit`` characters."""
        one_line = " ".join(self.prose(text, line, form=form).split())
        if len(one_line) <= limit:
            return one_line
        self.changed(line, _("A title longer than %(limit)d characters was cut off.") % {"limit": limit})
        return one_line[: limit - 1].rstrip() + "…"


@dataclass
class Keys:
    """Hands out keys, each once."""

    taken: set[str] = field(default_factory=set)

    def take(self, wanted: str, notes: Notes, line: int, fallback: str) -> str:
        """``wanted`` made fit to be a key, with a number behind it when it is taken."""
        key = prose.slug(wanted, fallback)
        if key in RESERVED:
            key = f"{key}_"
        unique, number = key, 2
        while unique in self.taken:
            unique = f"{key[: MAX_KEY - 5]}_{number}"
            number += 1
        if wanted and unique != wanted and unique != prose.slug(fallback):
            reason = _("is there twice") if unique != key else _("is not fit to be a key")
            notes.changed(
                line,
                _("The key “%(wanted)s” %(reason)s; it became “%(key)s”.")
                % {"wanted": wanted[:60], "reason": reason, "key": unique},
            )
        self.taken.add(unique)
        return unique
