"""Reads Google's VSAQ questionnaires: nested blocks, choice groups, conditions, tips that warn."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from vendors.questionnaires import conditions as condition_language
from vendors.questionnaires.conditions import ALWAYS, Condition, ConditionError, Test, all_of
from vendors.questionnaires.keys import Keys, Notes
from vendors.questionnaires.located import Node, UnreadableError
from vendors.questionnaires.shape import (
    MAX_CHOICES,
    PENALTIES,
    ChoiceShape,
    Kind,
    QuestionShape,
    SectionShape,
    Understood,
    WarningShape,
)
from vendors.questionnaires.vsaq_names import Block, Names

KNOWN = frozenset(
    [
        "type",
        "id",
        "text",
        "cond",
        "items",
        "choices",
        "choicesConds",
        "defaultChoice",
        "default",
        "required",
        "placeholder",
        "inputType",
        "inputPattern",
        "inputTitle",
        "maxlength",
        "warn",
        "severity",
        "why",
        "name",
        "todo",
        "customTitle",
        "yes",
        "no",
        "auth",
        "className",
        "insertAfter",
    ]
)
INPUT_KINDS = {"number": Kind.NUMBER, "date": Kind.DATE}
YES_NO = (ChoiceShape("yes", "Yes"), ChoiceShape("no", "No"))


@dataclass
class Found:
    """A question on its way; conditions are resolved when every name is known."""

    question: QuestionShape
    block: Block
    cond: tuple[str, int] | None
    warnings: list[WarningShape] = field(default_factory=list)


@dataclass
class Tip:
    """A tip on its way to the question it is about: ``after`` is how many questions came before it."""

    node: Node
    block: Block
    cond: tuple[str, int] | None
    after: int


@dataclass
class Part:
    """A section on its way."""

    title: str
    line: int
    key: str
    help: str = ""
    found: list[Found] = field(default_factory=list)


def read_vsaq(root: Node, file_name: str, notes: Notes) -> Understood:
    """Understand the tree of a VSAQ file (or of a VSAQ extension)."""
    reader = _Vsaq(notes)
    title = reader.walk(_top_items(root, notes)) or os.path.splitext(file_name)[0]  # noqa: PTH122 - a name, not a path
    return Understood(title, "vsaq", reader.sections(), ())


def _top_items(root: Node, notes: Notes) -> list[Node]:
    listed = root if isinstance(root.value, list) else root.get("questionnaire") or root.get("extensions")
    if listed is None or not isinstance(listed.value, list):
        raise UnreadableError(_("A VSAQ file has a list called “questionnaire”; there is none here."), root.line)
    if root.get("questionnaire") is None and root.get("extensions") is not None:
        notes.changed(listed.line, _("This file extends another questionnaire; it was read on its own."))
    return listed.elements()


class _Vsaq(Names):
    def __init__(self, notes: Notes) -> None:
        super().__init__(notes)
        self.keys = Keys()
        self.section_keys = Keys()
        self.parts: list[Part] = []
        self.found: list[Found] = []
        self.tips: list[Tip] = []

    def walk(self, items: list[Node]) -> str:
        """Read the top level; gives the title. One block around everything is the questionnaire itself."""
        whole = items[0] if len(items) == 1 and items[0].text("type") == "block" else None
        if whole is None:
            self.top(items, Block(), "")
            return ""
        title = self.notes.title(whole.text("text"), whole.line)
        block = self.block(whole, None)
        self.top(self.members(whole), block, title)
        return title

    def top(self, items: list[Node], block: Block, title: str) -> None:
        """Blocks become sections; what stands between them goes into a section of its own."""
        loose: Part | None = None
        for item in items:
            if item.text("type") == "block":
                loose = None
                words = self.notes.title(item.text("text"), item.line)
                part = self.part(words or _("Section %(number)d") % {"number": len(self.parts) + 1}, item)
                self.items(self.members(item), self.block(item, block), part, "")
            else:
                loose = loose or self.part(title or _("General"), item)
                self.items([item], block, loose, "")

    def part(self, title: str, node: Node) -> Part:
        key = self.section_keys.take("", self.notes, node.line, node.text("id") or title)
        self.parts.append(Part(title, node.line, key))
        return self.parts[-1]

    def members(self, node: Node) -> list[Node]:
        items = node.get("items")
        if items is None or not isinstance(items.value, list):
            self.notes.skipped(node.line, _("This block holds no list of items."))
            return []
        return items.elements()

    def block(self, node: Node, parent: Block | None) -> Block:
        block = Block(self.cond(node), parent)
        self.unknown_keys(node)
        self.name(node.text("id"), lambda: self.block_condition(block))
        return block

    def cond(self, node: Node) -> tuple[str, int] | None:
        cond = node.get("cond")
        return (cond.as_text(), cond.line) if cond is not None and cond.as_text().strip() else None

    def items(self, items: list[Node], block: Block, part: Part, heading: str) -> None:
        radios: list[Node] = []
        for item in items:
            kind = item.text("type")
            if radios and kind != "radio":
                self.radios(radios, block, part, heading)
                radios = []
            if kind == "radio":
                radios.append(item)
            elif kind == "block":
                inside = self.notes.title(item.text("text"), item.line) or heading
                self.items(self.members(item), self.block(item, block), part, inside)
            else:
                self.item(item, kind, block, part, heading)
        if radios:
            self.radios(radios, block, part, heading)

    def item(self, node: Node, kind: str, block: Block, part: Part, heading: str) -> None:
        if not isinstance(node.value, dict):
            self.notes.skipped(node.line, _("An item must be a mapping; this is %(kind)s.") % {"kind": node.kind})
            return
        if node.text("auth") == "admin" or "vsaq-invisible" in node.text("className"):
            self.notes.skipped(node.line, _("This item is not shown to respondents."))
            return
        reader = READERS.get(kind)
        if reader is None:
            self.notes.skipped(node.line, _("Items of the kind “%(kind)s” are not known.") % {"kind": kind[:40]})
            if node.get("items") is not None:
                self.items(self.members(node), self.block(node, block), part, heading)
            return
        self.unknown_keys(node)
        reader(self, node, block, part, heading)

    def unknown_keys(self, node: Node) -> None:
        for key, value in node.items():
            if key not in KNOWN:
                self.notes.skipped(value.line, _("“%(key)s” is not known here.") % {"key": key[:60]})
        default = node.get("default")
        if default is not None:
            self.notes.skipped(default.line, _("An answer filled in beforehand is not taken over."))
        for key in ("inputPattern", "maxlength", "choicesConds"):
            limit = node.get(key)
            if limit is not None:
                self.notes.skipped(limit.line, _("The restriction “%(key)s” is not applied.") % {"key": key})

    def add(self, node: Node, kind: Kind, block: Block, part: Part, heading: str, **more: Any) -> Found:
        """One more question, with what every kind of item may say."""
        text = more.pop("text", None) or self.notes.prose(node.text("text"), node.line)
        wanted = more.pop("wanted", node.text("id"))
        if not text:
            text = (
                _("Choose what applies") if kind is Kind.SEVERAL else more.get("placeholder") or wanted or _("Answer")
            )
            self.notes.changed(node.line, _("This question has no text."))
        key = self.keys.take(wanted, self.notes, node.line, more.pop("fallback", "") or f"line_{node.line}")
        question = QuestionShape(
            key=key, text=text, kind=kind, heading=heading, line=node.line,
            required=node.text("required") in ("true", "yes", "required", "1"),
            placeholder=self.notes.title(node.text("placeholder"), node.line),
            help=self.notes.prose(node.text("inputTitle"), node.line), **more,
        )  # fmt: skip
        found = Found(question, block, self.cond(node))
        part.found.append(found)
        self.found.append(found)
        return found

    def info(self, node: Node, block: Block, part: Part, heading: str) -> None:
        text = self.notes.prose(node.text("text"), node.line)
        if not part.found and not part.help and not heading and self.cond(node) is None:
            part.help = text
        elif text:
            found = self.add(node, Kind.NOTE, block, part, heading, text=text)
            self.name(node.text("id"), lambda: Test(found.question.key, "shown"))

    def text_item(self, node: Node, block: Block, part: Part, heading: str) -> None:
        kind = Kind.LONG_TEXT if node.text("type") == "box" else INPUT_KINDS.get(node.text("inputType"), Kind.TEXT)
        found = self.add(node, kind, block, part, heading)
        self.name(node.text("id"), lambda: Test(found.question.key, "answered"))

    def upload(self, node: Node, block: Block, part: Part, heading: str) -> None:
        found = self.add(node, Kind.EVIDENCE, block, part, heading, evidence_kind="other")
        self.name(node.text("id"), lambda: Test(found.question.key, "answered"))

    def yes_no(self, node: Node, block: Block, part: Part, heading: str) -> None:
        labels = [self.notes.title(node.text(key), node.line) for key in ("yes", "no")]
        choices = tuple(
            replace(choice, label=label or choice.label) for choice, label in zip(YES_NO, labels, strict=True)
        )
        found = self.add(node, Kind.YES_NO, block, part, heading, choices=choices)
        name, key = node.text("id"), found.question.key
        self.name(name, lambda: Test(key, "is", "yes"))
        self.name(f"{name}/yes", lambda: Test(key, "is", "yes"))
        self.name(f"{name}/no", lambda: Test(key, "is", "no"))

    def group(self, node: Node, block: Block, part: Part, heading: str) -> None:
        kind = Kind.SEVERAL if node.text("type") == "checkgroup" else Kind.SINGLE
        listed = node.get("choices")
        pairs = [pair for choice in (listed.elements() if listed else []) for pair in self.choice_pairs(choice)]
        self.choices(node, kind, pairs, block, part, heading)

    def choice_pairs(self, choice: Node) -> list[tuple[str, str, int]]:
        if isinstance(choice.value, dict):
            return [(key, label.as_text(), label.line) for key, label in choice.items()]
        return [(choice.as_text(), choice.as_text(), choice.line)]

    def radios(self, nodes: list[Node], block: Block, part: Part, heading: str) -> None:
        """Radio buttons that follow one another are one question."""
        pairs = [(node.text("id"), node.text("text"), node.line) for node in nodes]
        self.choices(nodes[0], Kind.SINGLE, pairs, block, part, heading, text=_("Choose one:"), wanted="")

    def choices(
        self,
        node: Node,
        kind: Kind,
        pairs: list[tuple[str, str, int]],
        block: Block,
        part: Part,
        heading: str,
        **more: Any,
    ) -> None:
        if not pairs:
            self.notes.skipped(node.line, _("This question offers no choices."))
            return
        if len(pairs) > MAX_CHOICES:
            self.notes.skipped(node.line, _("Only the first %(count)d choices were kept.") % {"count": MAX_CHOICES})
        keys = Keys()
        choices, named = [], []
        for wanted, label, line in pairs[:MAX_CHOICES]:
            key = keys.take(wanted, self.notes, line, "choice")
            choices.append(ChoiceShape(key, self.notes.prose(label, line) or key))
            named.append((wanted, key))
        if kind is Kind.SINGLE and node.text("defaultChoice") in ("true", "yes"):
            key = keys.take("", self.notes, node.line, "none_of_the_above")
            choices.append(ChoiceShape(key, _("None of the above")))
        prefix = _shared_start([key for key, _label, _line in pairs])
        found = self.add(node, kind, block, part, heading, choices=tuple(choices), fallback=prefix, **more)
        about = found.question.key
        for wanted, key in named:
            self.name(wanted, lambda key=key: Test(about, "is", key))  # type: ignore[misc]
        self.name(node.text("id"), lambda: Test(about, "answered"))

    def tip(self, node: Node, block: Block, part: Part, heading: str) -> None:
        tip = Tip(node, block, self.cond(node), len(self.found))
        self.name(node.text("id"), lambda: self.resolved(tip.cond))
        if tip.cond is None and not self.found:
            self.info(node, block, part, heading)
        else:
            self.tips.append(tip)

    def spacer(self, node: Node, block: Block, part: Part, heading: str) -> None:
        """Space on the page asks nothing."""

    def sections(self) -> tuple[SectionShape, ...]:
        """Every section, with conditions resolved and tips placed."""
        for tip in self.tips:
            self.place(tip)
        sections = []
        for part in self.parts:
            if part.found:
                questions = tuple(self.finished(found) for found in part.found)
                sections.append(SectionShape(part.key, part.title, part.help, 1, questions))
            else:
                self.notes.skipped(part.line, _("The section “%(title)s” asks nothing.") % {"title": part.title})
        return tuple(sections)

    def finished(self, found: Found) -> QuestionShape:
        shown = all_of([self.block_condition(found.block), self.understood(found.cond)])
        shown_when = self.kept(shown, found.question.line)
        return replace(found.question, shown_when=shown_when, warnings=tuple(found.warnings))

    def place(self, tip: Tip) -> None:
        """Hang a tip on the question its condition is about: the nearest one before it."""
        try:
            condition = self.resolved(tip.cond)
        except ConditionError as error:
            text = _("This tip is left out: its condition was not understood (%(why)s).") % {"why": error}
            self.notes.skipped(tip.node.line, text)
            return
        if not self.found:
            self.notes.skipped(tip.node.line, _("There is no question this tip could be about."))
            return
        about = {test.key for test in condition_language.tests(condition)}
        before = self.found[: tip.after]
        host = next(
            (found for found in reversed(before) if found.question.key in about),
            before[-1] if before else self.found[0],
        )
        text = self.notes.prose(tip.node.text("text"), tip.node.line)
        if condition == ALWAYS and tip.cond is None and tip.node.text("warn") != "yes":
            host.question = replace(host.question, help="\n\n".join(filter(None, [host.question.help, text])))
            return
        if tip.block is not host.block:
            condition = all_of([self.block_condition(tip.block), condition])
        host.warnings.append(self.warning(tip, condition, text))

    def warning(self, tip: Tip, condition: Condition, text: str) -> WarningShape:
        node = tip.node
        name = self.notes.title(node.text("name") or node.text("customTitle"), node.line)
        todo = self.notes.prose(node.text("todo"), node.line)
        return WarningShape(
            key=self.keys.take(node.text("id"), self.notes, node.line, f"warning_{node.line}"),
            when=self.kept(condition, node.line) or "true",
            text="\n\n".join(filter(None, [text, todo])),
            name=name,
            severity=self.severity(node),
            ask=self.notes.prose(node.text("why"), node.line),
        )

    def severity(self, node: Node) -> str:
        severity = node.text("severity").strip().lower()
        if node.text("warn") != "yes":
            return ""
        if severity not in PENALTIES:
            self.notes.changed(node.line, _("This warning has no severity we know; it counts as medium."))
            return "medium"
        return severity


def _shared_start(keys: list[str]) -> str:
    """What a group's choices have in common names the group, when it has no id."""
    first, last = min(keys), max(keys)
    alike = next((at for at, sign in enumerate(first) if last[at : at + 1] != sign), len(first))
    return first[:alike].strip("_-. ")


READERS: dict[str, Callable[[_Vsaq, Node, Block, Part, str], None]] = {
    "info": _Vsaq.info,
    "line": _Vsaq.text_item,
    "box": _Vsaq.text_item,
    "upload": _Vsaq.upload,
    "check": _Vsaq.yes_no,
    "yesno": _Vsaq.yes_no,
    "radiogroup": _Vsaq.group,
    "checkgroup": _Vsaq.group,
    "tip": _Vsaq.tip,
    "spacer": _Vsaq.spacer,
}
