"""Whatever is in a file: it is understood, or refused with a message. Nothing else comes out."""

from __future__ import annotations

import json
import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.vendors.questionnaires.files import CSV, OSCAL, VSAQ, YAML
from vendors.questionnaires import conditions
from vendors.questionnaires.answering import AnswerError, shown_keys, value_of
from vendors.questionnaires.located import UnreadableError
from vendors.questionnaires.own_yaml import write_own_yaml
from vendors.questionnaires.reading import read_questionnaire
from vendors.questionnaires.scoring import score
from vendors.questionnaires.shape import Kind, QuestionShape

QUICK = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
WORDS = st.sampled_from(
    ["type", "block", "text", "items", "line", "id", "cond", "choices", "radiogroup", "tip", "warn", "yes", "severity", "questionnaire", "catalog", "groups", "controls", "parts", "statement", "prose", "name", "params", "props", "label", "format", "sections", "questions", "key", "kind", "title"]
) | st.text(max_size=12)  # fmt: skip
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=25,
)


def attempt(content: bytes, name: str) -> None:
    try:
        understood = read_questionnaire(content, name)
    except UnreadableError as error:
        assert error.message
        return
    assert all(len(question.text) <= 10_000 for question in understood.questions())
    again = read_questionnaire(write_own_yaml(understood).encode(), "x.yaml")
    assert again.sections == understood.sections
    score(understood.sections, {})


@QUICK
@given(st.sampled_from(["questionnaire", "extensions", "catalog", "sections", "format"]), TREES)
def test_any_tree(key: str, tree: object) -> None:
    attempt(json.dumps({key: tree}).encode(), "x.json")


@QUICK
@given(st.binary(max_size=300), st.sampled_from(["x.json", "x.yaml", "x.csv", "x.xlsx", "x"]))
def test_any_bytes(content: bytes, name: str) -> None:
    attempt(content, name)


@QUICK
@given(st.sampled_from([VSAQ, OSCAL, YAML, CSV]), st.integers(0, 2**32))
def test_damaged_files(source: str, seed: int) -> None:
    chance = random.Random(seed)
    text = list(source)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(text))
        text[at : at + chance.randint(0, 12)] = chance.choice(
            ["", "{", "]", '"', "\n", "&a ", "*a", "\x00", "😀", ",,", "<b>"]
        )
    attempt("".join(text).encode(), chance.choice(["x.json", "x.yaml", "x.csv"]))


@QUICK
@given(st.text(alphabet='ab()!&|,"\\ ^/yesnoisandcontains', max_size=60))
def test_any_condition(text: str) -> None:
    try:
        condition = conditions.parse(text)
    except conditions.ConditionError:
        return
    assert conditions.parse(conditions.written(condition)) == condition
    conditions.visible({"a": condition, "b": conditions.ALWAYS}, {"a": "yes"})


@QUICK
@given(st.sampled_from(list(Kind)), st.lists(st.text(max_size=40), max_size=3))
def test_any_answer(kind: Kind, raw: list[str]) -> None:
    question = QuestionShape(key="q", text="Q", kind=kind)
    try:
        value = value_of(question, raw)
    except AnswerError as error:
        assert str(error)
        return
    json.dumps(value)
    assert shown_keys([question], {"q": value}) == {"q"}
