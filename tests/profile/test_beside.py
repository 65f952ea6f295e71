"""Can help, people, language be had at any time, without leaving what one is in the middle of?"""

import pytest

from handlers.conversation.testing import CHANNELS, Person, Stage
from handlers.menu import MENU
from handlers.texts import LOCALES
from storage.database import Database
from storage.db import Db
from tests.builders import NOW, a_base, a_course, a_session


@pytest.fixture
def stage(sqlite_database: Database) -> Stage:
    return Stage(sqlite_database.write_and_wait, MENU, NOW)


@pytest.fixture(params=sorted(CHANNELS))
def anybody(stage: Stage, request: pytest.FixtureRequest) -> Person:
    stage.write(prepare)
    return stage.person(request.param, locale="en")


@pytest.fixture
def person(stage: Stage) -> Person:
    return stage.person("web", locale="en")


def prepare(db: Db) -> None:
    for name, phone in (("甲馆", "023-1"), ("乙馆", "023-2")):
        base = a_base(db, name=name, phone=phone, address="文星门街7号", district="江北区")
        a_session(db, base_id=base, course_id=a_course(db, name=f"{name}展厅"))


@pytest.mark.parametrize("word", ["帮助", "/help", "help", "人工", "/human", "退订", "/stop"])
def test_an_open_question_stays_open_beside(anybody: Person, word: str) -> None:
    anybody.says("/book").taps("甲馆").says(word).sees("Which day?").taps("Sat 28 Nov").sees(
        "10:00"
    )


def test_help_says_what_can_be_typed(anybody: Person) -> None:
    anybody.says("帮助").sees("“book”", "“my visits”", "“my details”", "“human”", "“language”")


@pytest.mark.parametrize("word", ["book", "my visits", "my details", "human", "language", "help"])
def test_what_help_says_can_be_typed_can_be(person: Person, word: str) -> None:
    person.says(word).does_not_see("did not understand")


def test_people_are_those_of_the_bases_one_visits(person: Person, stage: Stage) -> None:
    stage.write(prepare)
    person.says("人工").sees("People at the bases", "甲馆 · 023-1 · 文星门街7号", "乙馆")
    person.says("/book").taps("甲馆", "Sat 28 Nov", "10:00", "Adults only").says("1")
    person.taps("Confirm").says("人工").sees("甲馆 · 023-1").does_not_see("乙馆")


def test_who_cannot_be_called_is_not_named_beside_who_can(person: Person, stage: Stage) -> None:
    stage.write(prepare)
    stage.write(lambda db: a_base(db, name="丙馆", district="渝中区"))
    person.says("人工").sees("甲馆 · 023-1", "乙馆 · 023-2").does_not_see("丙馆")


def test_without_a_telephone_the_desk_is_named(person: Person, stage: Stage) -> None:
    stage.write(lambda db: a_base(db, name="丙馆", district="渝中区"))
    person.says("人工").sees("knows no telephone number of a base", "丙馆 · 渝中区")


def test_without_any_base_nobody_is_named(person: Person) -> None:
    person.says("人工").sees("Kepu knows no base yet")


def test_stopping_pretends_nothing(person: Person) -> None:
    person.says("退订").sees("no announcements", "nothing to unsubscribe from")


def test_the_language_is_switched_in_the_middle_of_a_question(anybody: Person) -> None:
    anybody.says("/book").taps("甲馆").sees("Which day?").says("语言").does_not_see("Sat 28 Nov")
    anybody.sees("11月28日").says("语言").sees("We go on in English.", "Sat 28 Nov")
    assert len(LOCALES) == 2
