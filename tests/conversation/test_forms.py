import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from handlers.conversation.forms import Field, FieldKind, Pick, checked, said
from handlers.conversation.question import Option
from handlers.messages import Refused
from handlers.texts import Day, Text, say

TODAY = date(2026, 11, 22)
STAGE = Field(
    "stage",
    "choose",
    {"zh_CN": "哪个学段？", "en": "Which stage?"},
    {"zh_CN": "学段", "en": "Stage"},
    (
        Pick("primary", {"zh_CN": "小学", "en": "Primary"}),
        Pick("junior", {"zh_CN": "初中", "en": "Junior"}),
    ),
)
SUBJECTS = replace(STAGE, name="subjects", kind="many", at_least=1, at_most=2)
PUPILS = Field("pupils", "number", {"zh_CN": "几名学生？"}, low=1, high=50, is_optional=True)


def test_a_field_becomes_a_question_under_its_name() -> None:
    question = STAGE.question("school.")
    assert question.name == "school.stage"
    assert question.kind == "choose"
    assert question.title is not None
    assert say(question.title, "en") == "Stage"
    assert question.options == [
        Option("primary", said({"zh_CN": "小学", "en": "Primary"})),
        Option("junior", said({"zh_CN": "初中", "en": "Junior"})),
    ]


def test_a_field_of_many_carries_its_limits() -> None:
    question = SUBJECTS.question()
    assert (question.at_least, question.at_most) == (1, 2)


def test_an_optional_field_without_a_title_is_in_no_summary() -> None:
    question = PUPILS.question()
    assert question.is_optional
    assert question.title is None


def test_a_field_of_days_shows_them_in_the_language_of_the_person() -> None:
    day = Field("day", "date", {"en": "Which day?"}, options=(Pick("2026-12-05", {}),))
    assert day.question().options == [Option("2026-12-05", Day(date(2026, 12, 5)))]


@pytest.mark.parametrize(
    ("kind", "words", "value"),
    [
        ("number", "三", 3),
        ("text", " 周 一 ", "周 一"),
        ("phone", "13800138000", "+8613800138000"),
        ("month", "2018年5月", "2018-05"),
    ],
)
def test_a_typed_field_is_read_by_its_kind(kind: FieldKind, words: str, value: Any) -> None:
    question = Field("x", kind, {"en": "?"}).question()
    assert question.kind == kind
    assert question.reader is not None
    assert question.reader.read(words, TODAY) == value


@pytest.mark.parametrize("field", [STAGE, SUBJECTS, PUPILS], ids=lambda field: field.name)
def test_a_field_comes_back_from_json_as_it_went(field: Field) -> None:
    assert Field.from_json(json.loads(json.dumps(field.as_json()))) == field


def test_the_words_of_staff_are_said_in_the_language_of_whoever_hears_them() -> None:
    both = said({"zh_CN": "学段{x}", "en": "Stage {x}"})
    assert say(both, "en") == "Stage {x}"
    chinese = Text("{english:.0}{chinese}", values=both.values)  # as the catalogue has it
    assert say(chinese, "en") == "学段{x}"


@pytest.mark.parametrize("words", [{"zh_CN": "学段"}, {"zh_CN": "学段", "en": ""}])
def test_words_in_one_language_are_said_in_both(words: dict[str, str]) -> None:
    assert say(said(words), "en") == "学段"


def test_fields_that_make_a_form_are_given_back() -> None:
    assert checked([STAGE, SUBJECTS, PUPILS]) == (STAGE, SUBJECTS, PUPILS)
    day = Field("day", "date", {"en": "?"}, options=(Pick("2026-12-05", {}),))
    assert checked([day, Field("x", "text", {"en": "?"}), Field("y", "phone", {"en": "?"})])


def test_two_fields_of_one_name_are_refused() -> None:
    with pytest.raises(Refused) as refused:
        checked([STAGE, STAGE])
    assert say(refused.value.text, "en") == "Two questions have the name “stage”."


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "a name with a space": ({"name": "my stage"}, "is not a name"),
    "a name in capitals": ({"name": "Stage"}, "is not a name"),
    "an endless name": ({"name": "x" * 41}, "is not a name"),
    "an unknown kind": ({"kind": "colour"}, "“stage” has the unknown kind “colour”."),
    "no question": ({"text": {"en": ""}}, "asks nothing"),
    "no options": ({"options": ()}, "offers nothing to choose"),
    "an option twice": ({"options": STAGE.options[:1] * 2}, "offers an answer twice"),
    "an option of no value": ({"options": (Pick("", {"en": "x"}),)}, "one without a value"),
    "an option of no words": ({"options": (Pick("x", {"en": ""}),)}, "without words"),
    "no day": ({"kind": "date"}, "offers what is no day"),
    "more wanted than offered": ({"kind": "many", "at_least": 3}, "wants more answers"),
    "more wanted than allowed": (
        {"kind": "many", "at_least": 2, "at_most": 1},
        "wants more answers",
    ),
    "no number between": ({"kind": "number", "low": 2, "high": 1}, "smallest is above its largest"),
    "no character allowed": ({"kind": "text", "longest": 0}, "at least one character"),
}


@pytest.mark.parametrize("what", FAULTS)
def test_a_form_with_a_fault_is_refused_naming_the_question(what: str) -> None:
    changes, words = FAULTS[what]
    with pytest.raises(Refused) as refused:
        checked([PUPILS, replace(STAGE, **changes)])
    assert words in say(refused.value.text, "en")
