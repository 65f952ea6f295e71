"""Is a one-use code used once, by whoever has it, in its time, and can nobody guess one?"""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest

from storage import codes
from storage.codes import ALPHABET, LASTS, TRIES_MAX, TRIES_WITHIN
from storage.database import Database
from storage.db import Db
from storage.models import Code, Duty, Purpose
from tests.builders import NOW, a_base, a_person
from tests.stored import rows, transaction

SECOND = timedelta(seconds=1)


@pytest.fixture
def db(database: Database) -> Iterator[Db]:
    with transaction(database) as db:
        yield db


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("K7MW-2QRT", "K7MW2QRT"),
        (" k7mw 2qrt ", "K7MW2QRT"),
        ("Ｋ７ＭＷ－２ＱＲＴ", "K7MW2QRT"),
        ("K7MW—2QRT", "K7MW2QRT"),
        ("K7MW-2QR", ""),
        ("K7MW-2QR0", ""),
        ("K7MW-2QRTT", ""),
        ("' OR 1=1", ""),
        ("", ""),
    ],
)
def test_a_code_is_read_as_people_type_it(typed: str, read: str) -> None:
    assert codes.read(typed) == read


def test_a_code_is_eight_letters_of_which_only_a_hash_is_kept(db: Db) -> None:
    code = codes.give(db, Purpose.LINK, NOW, person_id=a_person(db))
    assert len(code) == 9
    assert code[4] == "-"
    assert set(codes.read(code)) <= set(ALPHABET)
    [kept] = rows(db, Code)
    stored = " ".join(str(value) for value in kept.model_dump().values())
    assert codes.read(code) not in stored
    assert len(kept.code_hash) == 64
    assert codes.give(db, Purpose.LINK, NOW) != code


def test_a_code_is_used_once_for_ever(db: Db) -> None:
    li, wang, base = a_person(db), a_person(db), a_base(db)
    code = codes.give(db, Purpose.INVITE, NOW, person_id=li, base_id=base, duty=Duty.DESK)
    peeked = codes.peek(db, code, NOW)
    assert peeked is not None
    assert (peeked.purpose, peeked.person_id, peeked.base_id) == (Purpose.INVITE, li, base)
    used = codes.use(db, code, wang, NOW)
    assert used is not None
    assert (used.duty, used.used_by_id, used.used_at) == (Duty.DESK, wang, NOW)
    for someone in (wang, li):
        assert codes.use(db, code, someone, NOW) is None
    assert codes.peek(db, code, NOW) is None


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_code_ends_by_itself(db: Db, purpose: Purpose) -> None:
    li = a_person(db)
    code = codes.give(db, purpose, NOW)
    assert codes.use(db, code, li, NOW + LASTS[purpose]) is None
    assert codes.peek(db, code, NOW + LASTS[purpose]) is None
    assert codes.use(db, code, li, NOW + LASTS[purpose] - SECOND) is not None


def test_a_code_that_was_never_given_opens_nothing(db: Db) -> None:
    codes.give(db, Purpose.LINK, NOW)
    for words in ("", "AAAA-AAAA", "nonsense", "%", "________"):
        assert codes.use(db, words, a_person(db), NOW) is None


def test_a_new_code_ends_the_unused_ones_before_it(db: Db) -> None:
    li, wang = a_person(db), a_person(db)
    first = codes.give(db, Purpose.LINK, NOW, person_id=li)
    others = codes.give(db, Purpose.LINK, NOW, person_id=wang)
    used = codes.give(db, Purpose.HOUSEHOLD, NOW, person_id=li)
    codes.take_back(db, li, Purpose.LINK)
    assert codes.peek(db, first, NOW) is None
    assert codes.peek(db, others, NOW) is not None
    assert codes.peek(db, used, NOW) is not None


def test_a_use_waits_for_the_answer_of_who_gave_the_code(db: Db) -> None:
    li, wang = a_person(db), a_person(db)
    code = codes.give(db, Purpose.LINK, NOW, person_id=li)
    assert codes.asked(db, li, NOW) == []
    codes.use(db, code, wang, NOW)
    [asked] = codes.asked(db, li, NOW)
    assert (asked.used_by_id, asked.reference) == (wang, codes.reference(code))
    assert codes.asked(db, wang, NOW) == []
    assert codes.asked(db, li, NOW + codes.ANSWERED_WITHIN) == []
    assert codes.drop(db, asked.id)
    assert not codes.drop(db, asked.id)


def test_who_fails_too_often_has_to_wait(db: Db) -> None:
    li, wang = a_person(db), a_person(db)
    for n in range(TRIES_MAX):
        assert codes.may_try(db, li, NOW)
        codes.failed(db, li, NOW + n * SECOND)
    assert not codes.may_try(db, li, NOW + TRIES_WITHIN - SECOND)
    assert codes.may_try(db, li, NOW + TRIES_WITHIN)
    assert codes.may_try(db, wang, NOW)


def test_codes_long_over_are_dropped_with_the_next_one(db: Db) -> None:
    codes.give(db, Purpose.LINK, NOW)
    codes.give(db, Purpose.LINK, NOW + timedelta(days=31))
    assert len(rows(db, Code)) == 1


def test_of_two_who_use_a_code_at_once_one_has_it(database: Database) -> None:
    people = database.write_and_wait(lambda db: [a_person(db) for _n in range(8)])
    code = database.write_and_wait(lambda db: codes.give(db, Purpose.INVITE, NOW))

    async def rush() -> list[codes.Kept | None]:
        uses = (partial(codes.use, code=code, person_id=each, now=NOW) for each in people)
        return await asyncio.gather(
            *(database.write(use, f"web:{n}") for n, use in enumerate(uses))
        )

    won = [each for each in asyncio.run(rush()) if each is not None]
    assert len(won) == 1
    [kept] = database.read_and_wait(lambda db: rows(db, Code))
    assert kept.used_by_id == won[0].used_by_id
