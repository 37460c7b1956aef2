"""From a file's bytes to what was understood of it, whichever of the four kinds it is."""

from __future__ import annotations

import re
from dataclasses import replace

from django.utils.translation import gettext as _

from vendors.questionnaires import conditions
from vendors.questionnaires.keys import Notes
from vendors.questionnaires.located import Node, UnreadableError, read_json, read_yaml
from vendors.questionnaires.oscal import read_oscal
from vendors.questionnaires.own_yaml import FORMAT, read_own_yaml
from vendors.questionnaires.shape import MAX_QUESTIONS, MAX_SECTIONS, Remark, Understood
from vendors.questionnaires.sheet import read_csv, read_xlsx
from vendors.questionnaires.vsaq import read_vsaq

MAX_BYTES = 5 * 1024 * 1024
SIGNATURES = {
    b"%PDF": "PDF",
    b"\xd0\xcf\x11\xe0": "XLS",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"\x1f\x8b": "GZIP",
}
STARTS_JSON = re.compile(r"(?:\s|\ufeff|//[^\n]*\n|/\*.*?\*/)*[{\[]", re.DOTALL)


def read_questionnaire(content: bytes, file_name: str) -> Understood:
    """Understand a questionnaire file; :class:`UnreadableError` names the line where that ends."""
    if len(content) > MAX_BYTES:
        raise UnreadableError(_("The file is larger than 5 MB. Split the questionnaire or leave out attachments."))
    if not content.strip():
        raise UnreadableError(_("The file is empty."))
    notes = Notes()
    understood = _read(content, file_name, notes)
    return _checked(understood, notes)


def _read(content: bytes, file_name: str, notes: Notes) -> Understood:
    if content.startswith(b"PK\x03\x04"):
        return read_xlsx(content, file_name, notes)
    for signature, name in SIGNATURES.items():
        if content.startswith(signature):
            raise UnreadableError(_("This is a %(name)s file. %(kinds)s") % {"name": name, "kinds": _kinds()})
    text = _decoded(content, notes)
    if STARTS_JSON.match(text):
        root, after = read_json(text)
        for line, remark in after:
            notes.skipped(line, remark)
        return _by_keys(root, file_name, notes)
    if file_name.lower().endswith((".csv", ".tsv")):
        return read_csv(text, file_name, notes)
    if file_name.lower().endswith((".yaml", ".yml")) or re.search(r"^(format|catalog)\s*:", text, re.MULTILINE):
        return _by_keys(read_yaml(text), file_name, notes)
    if re.search(r"^[^\n]*[,;\t][^\n]*\n", text):
        return read_csv(text, file_name, notes)
    raise UnreadableError(_kinds(), 1)


def _kinds() -> str:
    return _("A questionnaire is a VSAQ or OSCAL JSON file, our YAML, or a CSV or XLSX sheet.")


def _decoded(content: bytes, notes: Notes) -> str:
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        if b"\x00" in content[:4096]:
            raise UnreadableError(_kinds(), line) from error
        notes.changed(line, _("The file is not UTF-8 from here on; it was read as Windows-1252."))
        text = content.decode("cp1252", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _by_keys(root: Node, file_name: str, notes: Notes) -> Understood:
    if root.get("catalog") is not None:
        return read_oscal(root, notes)
    if root.get("questionnaire") is not None or root.get("extensions") is not None or isinstance(root.value, list):
        return read_vsaq(root, file_name, notes)
    if root.get("format") is not None or root.get("sections") is not None:
        return read_own_yaml(root, notes)
    other = next((key for key in ("profile", "component-definition", "system-security-plan") if root.get(key)), None)
    if other:
        raise UnreadableError(
            _("This is an OSCAL %(kind)s; only a catalog holds questions.") % {"kind": other}, root.line
        )
    raise UnreadableError(
        _("Neither “questionnaire” (VSAQ), “catalog” (OSCAL) nor “format: %(format)s” (ours) is here.")
        % {"format": FORMAT},
        root.line,
    )


def _checked(understood: Understood, notes: Notes) -> Understood:
    questions = list(understood.questions())
    if not any(question.answerable for question in questions):
        raise UnreadableError(_("No question was found in this file."), 1)
    if len(questions) > MAX_QUESTIONS or len(understood.sections) > MAX_SECTIONS:
        raise UnreadableError(
            _(
                "The file holds %(questions)d questions in %(sections)d sections; "
                "at most %(most)d in %(parts)d can be answered."
            )
            % {
                "questions": len(questions),
                "sections": len(understood.sections),
                "most": MAX_QUESTIONS,
                "parts": MAX_SECTIONS,
            }
        )
    understood = _without_circles(understood, notes)
    title = understood.title.strip()[:160] or _("Questionnaire")
    return replace(understood, title=title, remarks=notes.sorted())


def _without_circles(understood: Understood, notes: Notes) -> Understood:
    """Drop conditions that lead back to themselves, one at a time, until none is left."""
    known = {question.key: conditions.parse(question.shown_when) for question in understood.questions()}
    dropped: set[str] = set()
    while circular := conditions.cycles(known):
        key = next(key for key in known if key in circular)
        known[key] = conditions.ALWAYS
        dropped.add(key)
    if not dropped:
        return understood
    for question in understood.questions():
        if question.key in dropped:
            notes.changed(question.line, _("“%(key)s” depends on itself; it is always shown.") % {"key": question.key})
    sections = tuple(
        replace(
            section, questions=tuple(replace(q, shown_when="") if q.key in dropped else q for q in section.questions)
        )
        for section in understood.sections
    )
    return replace(understood, sections=sections)


def remark_lines(remarks: tuple[Remark, ...]) -> list[dict[str, object]]:
    """Remarks as plain JSON."""
    return [{"line": remark.line, "outcome": remark.outcome, "text": remark.text} for remark in remarks]
