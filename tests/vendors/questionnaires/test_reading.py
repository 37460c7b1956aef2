"""Every kind of file is understood, or says by line what was not."""

from __future__ import annotations

import io

import openpyxl
import pytest

from tests.vendors.questionnaires.files import CSV, OSCAL, VSAQ, YAML
from vendors.questionnaires.located import UnreadableError
from vendors.questionnaires.own_yaml import write_own_yaml
from vendors.questionnaires.reading import read_questionnaire
from vendors.questionnaires.shape import Kind, Understood, as_json, from_json


def read(text: str | bytes, name: str = "file") -> Understood:
    return read_questionnaire(text.encode() if isinstance(text, str) else text, name)


def by_key(understood: Understood):
    return {question.key: question for question in understood.questions()}


def line_of(text: str, words: str) -> int:
    return text[: text.index(words)].count("\n") + 1


def remarks(understood: Understood) -> dict[int, str]:
    return {remark.line: remark.text for remark in understood.remarks}


def test_vsaq_is_understood() -> None:
    understood = read(VSAQ)
    questions = by_key(understood)
    assert understood.title == "Cloud questionnaire"
    assert [section.title for section in understood.sections] == ["Options", "Program"]
    assert understood.sections[0].help == "Tick what applies."
    assert {key: question.kind for key, question in questions.items()} == {
        "options": Kind.SEVERAL, "program": Kind.SINGLE, "standard": Kind.TEXT, "why": Kind.LONG_TEXT,
        "audited": Kind.YES_NO, "declared": Kind.YES_NO, "report": Kind.EVIDENCE, "days": Kind.NUMBER, "lost": Kind.TEXT,
    }  # fmt: skip


def test_vsaq_markup_becomes_inert_text() -> None:
    program = by_key(read(VSAQ))["program"]
    assert program.text == "A program is written down.\n\nDo you have one (https://example.com/iso)?"
    assert [choice.label for choice in program.choices] == ["Yes", "No", "None of the above"]
    assert by_key(read(VSAQ))["options"].choices[0].label == "Sensitive data — yes"


def test_vsaq_conditions_are_ours() -> None:
    questions = by_key(read(VSAQ))
    # && and || have one precedence in VSAQ: (sensitive && !remote) || remote, within the block's own condition.
    assert questions["standard"].shown_when == (
        "program is program_yes and ((options is sensitive and not options is remote) or options is remote)"
    )
    assert questions["why"].shown_when == "program is program_yes and not program is program_no"
    assert questions["report"].shown_when == "program is program_yes and audited is yes"


def test_vsaq_tips_warn_at_their_question() -> None:
    warnings = by_key(read(VSAQ))["program"].warnings
    assert [(w.severity, w.name, w.when) for w in warnings] == [
        ("critical", "No program", "program is program_no"),
        ("high", "No program, sensitive", "program is program_no and options is sensitive"),
    ]
    assert warnings[0].ask == "Explain why not."


def test_vsaq_remarks_name_the_line() -> None:
    understood = read(VSAQ)
    found = remarks(understood)
    assert "“slider”" in found[line_of(VSAQ, '"slider"')]
    assert "nowhere" in found[line_of(VSAQ, '"nowhere')]
    assert "maxlength" in found[line_of(VSAQ, '"maxlength"')]
    assert "trailing" in found[line_of(VSAQ, "\ntrailing") + 1]
    assert by_key(understood)["lost"].shown_when == ""


def test_vsaq_lines_of_questions() -> None:
    assert by_key(read(VSAQ))["declared"].line == line_of(VSAQ, '"declared"')


def test_vsaq_keys_that_are_there_twice() -> None:
    understood = read(
        '{"questionnaire": [{"type": "block", "text": "T", "items": [\n{"type": "line", "id": "a", "text": "1"},\n'
        '{"type": "line", "id": "a", "text": "2"}]}]}'
    )
    assert list(by_key(understood)) == ["a", "a_2"]
    assert "is there twice" in remarks(understood)[3]


def test_vsaq_extension_is_read_on_its_own() -> None:
    understood = read('{"namespace": "x", "extensions": [{"type": "block", "text": "Ours", "items": '
                      '[{"type": "line", "id": "q", "text": "Q"}]}]}')  # fmt: skip
    assert "on its own" in understood.remarks[0].text


def test_conditions_in_a_circle_are_dropped_and_remarked() -> None:
    understood = read(
        '{"questionnaire": [{"type": "block", "text": "T", "items": [\n'
        '{"type": "line", "id": "a", "text": "1", "cond": "b"},\n{"type": "line", "id": "b", "text": "2", "cond": "a"}]}]}'
    )
    questions = by_key(understood)
    assert questions["a"].shown_when == ""
    assert questions["b"].shown_when == "a answered"
    assert "depends on itself" in remarks(understood)[2]


def test_conditions_that_would_explode_are_refused_quickly() -> None:
    tips = ",".join(
        f'{{"type": "tip", "id": "t{n}", "warn": "yes", "severity": "high", "text": "x", "cond": "^t{n - 1} || !^t{n - 1}"}}'
        for n in range(1, 60)
    )
    understood = read(
        '{"questionnaire": [{"type": "block", "text": "T", "items": [{"type": "line", "id": "a", "text": "1"},'
        f'{{"type": "tip", "id": "t0", "warn": "yes", "severity": "high", "text": "x", "cond": "a"}},{tips}]}}]}}'
    )
    assert any("not understood" in remark.text for remark in understood.remarks)


def test_oscal_is_understood() -> None:
    understood = read(OSCAL)
    questions = by_key(understood)
    assert understood.title == "Small controls"
    assert list(questions) == ["ac-1", "ac-1.1", "ac-1_2"]
    assert understood.sections[0].title == "AC Access"
    assert understood.sections[0].help == "Who gets in."
    assert questions["ac-1"].heading == "Accounts"
    assert questions["ac-1.1"].heading == "AC-1 Review accounts"


def test_oscal_params_parts_and_links_are_words() -> None:
    question = by_key(read(OSCAL))["ac-1"]
    assert question.text.split("\n") == [
        "AC-1 Review accounts",
        "",
        "The organisation:",
        "• a. Reviews accounts yearly; names [a role];",
        "• b. Tells people by [one or more of: mail; yearly letter] and [gone].",
    ]
    assert "Why\nBecause of ghosts (https://example.com)." in question.help
    assert "Handbook (https://example.com/handbook)" in question.help
    assert "Determine" not in question.help


def test_oscal_remarks() -> None:
    text = " ".join(remark.text for remark in read(OSCAL).remarks)
    for words in (
        "withdrawn",
        "“gone” is not known",
        "is there twice",
        "word for word",
        "holds no control",
        "assessors",
    ):
        assert words in text


def test_yaml_is_understood_and_comes_back() -> None:
    understood = read(YAML, "basics.yaml")
    assert understood.remarks == ()
    assert [section.weight for section in understood.sections] == [3, 1]
    assert by_key(understood)["training"].choices[1].label == "No"  # YAML 1.1 would make it false
    assert read(write_own_yaml(understood), "x.yaml").sections == understood.sections


@pytest.mark.parametrize("source", [VSAQ, OSCAL])
def test_others_round_trip_through_our_yaml(source: str) -> None:
    understood = read(source)
    assert read(write_own_yaml(understood), "x.yaml").sections == understood.sections
    assert from_json(as_json(understood)).sections == understood.sections


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("kind: number", "kind: guess", "kind: must be one of"),
        ("weight: 3", "weight: 300", "weight: must be a whole number"),
        ("required: true", "requird: true", "requird: is not known"),
        ("shown_when: training is yes", "shown_when: training is maybe", "no choice “maybe”"),
        ("shown_when: training is yes", "shown_when: nobody is yes", "no question “nobody”"),
        ("key: opt_out", "key: training", "is there twice"),
        ("title: People", "titel: People", "titel: is not known"),
        ("format: countersign-questionnaire/1", "format: other/2", "format: must be"),
        ("severity: critical", "severity: awful", "severity: must be one of"),
    ],
)
def test_yaml_problems_name_line_and_key(old: str, new: str, words: str) -> None:
    text = YAML.replace(old, new, 1)
    line = line_of(text, new) if "there twice" not in words else 25
    with pytest.raises(UnreadableError) as refusal:
        read(text, "x.yaml")
    assert any(at == line and words in message for at, message in refusal.value.problems), refusal.value.problems


def test_yaml_bombs_and_tags_do_nothing() -> None:
    for text in (
        "format: x\na: &a [1]\nb: *a\n",
        "format: countersign-questionnaire/1\ntitle: !!python/object/apply:os.system ['true']\nsections: []\n",
        "format: x\na: " + "[" * 500,
        "format: x\n- a\n",
    ):
        with pytest.raises(UnreadableError) as refusal:
            read(text, "x.yaml")
        assert refusal.value.line >= 1


def test_csv_is_understood() -> None:
    understood = read(CSV, "CAIQ.csv")
    questions = by_key(understood)
    assert understood.title == "CAIQ"
    assert [section.title for section in understood.sections] == ["Audit", "Crypto"]
    assert questions["A-01.1"].required
    assert questions["A-01.1"].weight == 2
    assert [choice.key for choice in questions["A-01.1"].choices] == ["yes", "no", "na"]
    assert [(c.label, c.score) for c in questions["A-01.1_2"].choices] == [("Yes", 100), ("Partly", 50), ("No", 0)]
    found = remarks(understood)
    assert "CSP CAIQ Answer" in found[1]
    assert "no question" in found[6]
    assert "is there twice" in " ".join(r.text for r in understood.remarks if r.line == 5)


def test_xlsx_is_understood() -> None:
    book = openpyxl.Workbook()
    book.active.append(["About this sheet"])
    sheet = book.create_sheet("Questions")
    for row in (["No", "Question", "Section"], [1, "Do you log?", "Logs"], [2.0, "=1+1", "Logs"]):
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    understood = read(stream.getvalue(), "own.xlsx")
    assert list(by_key(understood)) == ["1"]
    assert any("About" in r.text or "“Sheet”" in r.text for r in understood.remarks)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"%PDF-1.7 x", "PDF"),
        (b"PK\x03\x04 broken", "workbook"),
        (b"{", "ends too early"),
        (b'{"questionnaire": [}', "a value must come here"),
        (b'{"a": "b', "closing quotation mark"),
        (b"{} ", "Neither"),
        (b'{"profile": {}}', "profile"),
        (b'{"questionnaire": []}', "No question"),
        (b'{"catalog": []}', "No question"),
        (b"[" * 3000, "nested more than"),
        (b"just words", "A questionnaire is"),
        (b"\x00\x01\x02\xff\xfe", "A questionnaire is"),
        (b"a,b\n1,2\n", "No column of questions"),
        (b"x" * (5 * 1024 * 1024 + 1), "larger than 5 MB"),
    ],
)
def test_what_cannot_be_read_says_why(content: bytes, words: str) -> None:
    with pytest.raises(UnreadableError, match=words):
        read(content, "file.json")


def test_unseen_characters_are_removed_and_remarked() -> None:
    understood = read('{"questionnaire": [{"type": "block", "text": "T", "items": '
                      '[{"type": "line", "id": "q", "text": "Sa\\u202efe\\u200b?\\u0007"}]}]}')  # fmt: skip
    assert by_key(understood)["q"].text == "Safe?"
    assert "nobody sees" in understood.remarks[0].text


def test_windows_encoding_is_read_and_remarked() -> None:
    understood = read("Question;Section\nCaf\u00e9 ouvert?;A\n".encode("cp1252"), "x.csv")
    assert next(iter(understood.questions())).text == "Café ouvert?"
    assert "Windows-1252" in understood.remarks[0].text
