"""Reads OSCAL catalogs (1.0, 1.1): each control becomes a question about how it is met."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from vendors.questionnaires.keys import Keys, Notes
from vendors.questionnaires.located import Node
from vendors.questionnaires.shape import ChoiceShape, Kind, QuestionShape, SectionShape, Understood

INSERT = re.compile(
    r"\{\{\s*(?:insert:\s*param\s*,\s*)?([A-Za-z_][\w.\-]*)\s*\}\}|<insert\s+[^>]*param-id\s*=\s*[\"']([^\"']+)[\"'][^>]*/?>"
)
HELP_PARTS = frozenset({"guidance", "overview", "example", "instruction", "information", "introduction"})
FOR_ASSESSORS = re.compile(r"(assessment|objective|object|method)")
MAX_INSERTS = 8  # parameters within parameters


@dataclass
class _Found:
    title: str
    line: int
    help: str = ""
    questions: list[QuestionShape] = field(default_factory=list)


def read_oscal(root: Node, notes: Notes) -> Understood:
    """Understand the tree of an OSCAL catalog."""
    catalog = root.get("catalog") or root
    metadata = catalog.get("metadata") or Node({}, catalog.line)
    title = notes.title(metadata.text("title"), metadata.line, 160)
    return Understood(title or _("OSCAL catalog"), "oscal", _Oscal(catalog, notes).sections(), ())


class _Oscal:
    def __init__(self, catalog: Node, notes: Notes) -> None:
        self.catalog = catalog
        self.notes = notes
        self.keys = Keys()
        self.section_keys = Keys()
        self.params: dict[str, Node] = {}
        self.resources: dict[str, str] = {}
        self.statements: dict[str, tuple[str, int]] = {}
        self.for_assessors: list[int] = []
        self.gather_params(catalog)
        self.gather_resources()

    def gather_params(self, node: Node) -> None:
        for param in _list(node, "params"):
            self.params.setdefault(param.text("id"), param)
        for key in ("groups", "controls"):
            for inner in _list(node, key):
                self.gather_params(inner)

    def gather_resources(self) -> None:
        for resource in _list(self.catalog.get("back-matter") or Node({}, 0), "resources"):
            address = next((link.text("href") for link in _list(resource, "rlinks")), "")
            words = resource.text("title") or resource.text("description")
            self.resources[f"#{resource.text('uuid')}"] = self.linked(words, address)

    def linked(self, words: str, address: str) -> str:
        return f"{words} ({address})" if words and address else words or address

    def sections(self) -> tuple[SectionShape, ...]:
        """Groups at the top are sections; controls outside any group come first."""
        found = []
        if _list(self.catalog, "controls"):
            loose = _Found(_("Controls"), self.catalog.line)
            self.controls(self.catalog, loose, "")
            found.append(loose)
        for group in _list(self.catalog, "groups"):
            found.append(self.group(group))
        self.remark_assessors()
        return tuple(self.section(part) for part in found if part.questions)

    def section(self, part: _Found) -> SectionShape:
        key = self.section_keys.take("", self.notes, part.line, part.title)
        return SectionShape(key, part.title, part.help, 1, tuple(part.questions))

    def group(self, group: Node) -> _Found:
        part = _Found(self.named(group), group.line)
        part.help = "\n\n".join(filter(None, (self.part_text(inner, group) for inner in _list(group, "parts"))))
        self.fill(group, part, "")
        if not part.questions:
            self.notes.skipped(group.line, _("The group “%(title)s” holds no control.") % {"title": part.title})
        return part

    def fill(self, group: Node, part: _Found, heading: str) -> None:
        self.controls(group, part, heading)
        for inner in _list(group, "groups"):
            self.fill(inner, part, self.named(inner))

    def controls(self, node: Node, part: _Found, heading: str) -> None:
        for control in _list(node, "controls"):
            if not isinstance(control.value, dict):
                self.notes.skipped(
                    control.line, _("A control must be a mapping; this is %(kind)s.") % {"kind": control.kind}
                )
                continue
            title = self.named(control)
            if _prop(control, "status").lower() == "withdrawn":
                self.notes.skipped(control.line, _("“%(title)s” is withdrawn.") % {"title": title})
            else:
                part.questions.append(self.question(control, title, heading))
            self.controls(control, part, title)

    def named(self, node: Node) -> str:
        title = self.substituted(self.notes.title(node.text("title"), node.line), node, 0)
        label = self.notes.title(_prop(node, "label"), node.line)
        if label and not title.startswith(label):
            title = f"{label} {title}".strip()
        if not title:
            self.notes.changed(node.line, _("This has no title."))
        return title[:300] or node.text("id")[:300] or _("Untitled")

    def question(self, control: Node, title: str, heading: str) -> QuestionShape:
        statement = "\n".join(filter(None, (self.statement(part, control, 0) for part in _list(control, "parts"))))
        if not statement.strip():
            self.notes.changed(control.line, _("“%(title)s” has no statement; its title is asked.") % {"title": title})
        self.remark_repeated(statement, title, control)
        helps = [self.part_text(part, control) for part in _list(control, "parts")] + [self.references(control)]
        return QuestionShape(
            key=self.keys.take(control.text("id"), self.notes, control.line, title),
            text=self.notes.prose(f"{title}\n\n{statement}", control.line, form="markdown"),
            kind=Kind.SINGLE,
            help=self.notes.prose("\n\n".join(filter(None, helps)), control.line, form="plain"),
            heading=heading,
            choices=met_choices(),
            required=True,
            line=control.line,
        )

    def remark_repeated(self, statement: str, title: str, control: Node) -> None:
        words = " ".join(statement.split())
        if not words:
            return
        if words in self.statements:
            other, line = self.statements[words]
            self.notes.doubtful(
                control.line,
                _(
                    "“%(title)s” says word for word what “%(other)s” says (line %(line)d). "
                    "Both were kept; ask the publisher."
                )
                % {"title": title, "other": other, "line": line},
            )
        self.statements.setdefault(words, (title, control.line))

    def statement(self, part: Node, control: Node, level: int) -> str:
        """A statement and the items nested in it, each behind its label."""
        if level == 0 and part.text("name") != "statement":
            return ""
        prose = self.substituted(part.text("prose"), control, 0)
        label = _prop(part, "label")
        own = f"{label} {prose}".strip() if level else prose
        bullet = "" if level == 0 else "- " if level == 1 else ">- "
        lines = [f"{bullet}{own}"] if own else []
        lines += [self.statement(inner, control, level + 1) for inner in _list(part, "parts")]
        return "\n".join(filter(None, lines))

    def part_text(self, part: Node, owner: Node) -> str:
        """Guidance and the like as help; what is meant for assessors is left out."""
        name = part.text("name")
        if name == "statement":
            return ""
        if FOR_ASSESSORS.search(name):
            self.for_assessors.append(part.line)
            return ""
        if name not in HELP_PARTS:
            self.notes.changed(part.line, _("A part called “%(name)s” was taken as help.") % {"name": name[:60]})
        prose = self.notes.prose(self.substituted(part.text("prose"), owner, 0), part.line, form="markdown")
        inner = (self.part_text(nested, owner) for nested in _list(part, "parts"))
        title = self.notes.title(part.text("title"), part.line)
        return "\n\n".join(filter(None, [f"{title}\n{prose}" if title and prose else title or prose, *inner]))

    def references(self, control: Node) -> str:
        """Links with an address, or to a resource of the catalog; links between controls say nothing here."""
        shown = []
        for link in _list(control, "links"):
            address = link.text("href")
            if address in self.resources:
                shown.append(self.resources[address])
            elif re.match(r"https?://", address):
                shown.append(self.linked(link.text("text"), address))
        return _("See also: %(links)s") % {"links": "; ".join(shown)} if shown else ""

    def remark_assessors(self) -> None:
        if self.for_assessors:
            self.notes.skipped(
                min(self.for_assessors),
                _("%(count)d parts for assessors (objectives, methods) were left out; the first is here.")
                % {"count": len(self.for_assessors)},
            )

    def substituted(self, prose: str, owner: Node, depth: int) -> str:
        """``prose`` with its parameters in words: their value, their choice, or their label in brackets."""
        return INSERT.sub(lambda found: self.parameter(found.group(1) or found.group(2), owner, depth), prose[:100_000])

    def parameter(self, name: str, owner: Node, depth: int) -> str:
        param = self.params.get(name)
        if param is None or depth >= MAX_INSERTS:
            self.notes.changed(
                owner.line, _("The parameter “%(name)s” is not known; its name is shown.") % {"name": name[:60]}
            )
            return f"[{name}]"
        values = [value.as_text() for value in _list(param, "values")]
        if values:
            return self.substituted(", ".join(values), owner, depth + 1)[:2_000]
        chosen = self.selection(param, owner, depth)
        label = self.substituted(param.text("label"), owner, depth + 1)
        return chosen or (f"[{label[:500]}]" if label else f"[{name}]")

    def selection(self, param: Node, owner: Node, depth: int) -> str:
        select = param.get("select")
        choices = (
            [self.substituted(choice.as_text(), owner, depth + 1) for choice in _list(select, "choice")]
            if select
            else []
        )
        if not choices or select is None:
            return ""
        words = _("one or more of") if select.text("how-many") == "one-or-more" else _("one of")
        return f"[{words}: {'; '.join(choices)[:2_000]}]"


def met_choices() -> tuple[ChoiceShape, ...]:
    """How far a control is met."""
    return (
        ChoiceShape("met", _("Met"), 100),
        ChoiceShape("partly", _("Partly met"), 50),
        ChoiceShape("not_met", _("Not met"), 0),
        ChoiceShape("not_applicable", _("Does not apply (say why)")),
    )


def _list(node: Node, key: str) -> list[Node]:
    member = node.get(key)
    return member.elements() if member is not None else []


def _prop(node: Node, name: str) -> str:
    """The value of a property, preferring one that is not of a class (such as ``sp800-53a``)."""
    props: list[Node] = [prop for prop in _list(node, "props") if prop.text("name") == name]
    best: Mapping[bool, Node] = {prop.get("class") is None: prop for prop in reversed(props)}
    chosen = best.get(True) or best.get(False)
    return chosen.text("value") if chosen else ""
