"""Is a guardian's answer kept as it was given, and does it hold?"""

from hashlib import sha256

import pytest

from handlers.profile import consent
from handlers.profile.consent import ConsentMissing
from handlers.texts import LOCALES, say
from storage.db import Db
from storage.models import Consent
from tests.builders import NOW, a_consent, a_parent, here, later
from tests.stored import rows

# A changed text is another text: raise VERSION and note both here, so that everybody is asked anew.
TEXTS = {"2026-11.2": "e1e990e6bd58a68b"}


def test_a_changed_text_has_a_new_version() -> None:
    everywhere = "\n".join(say(consent.TEXT, locale) for locale in LOCALES)
    found = sha256(everywhere.encode()).hexdigest()[:16]
    assert TEXTS[consent.VERSION] == found


@pytest.mark.parametrize("locale", LOCALES)
def test_the_text_says_what_why_how_long_and_how_to_withdraw(locale: str) -> None:
    text = say(consent.TEXT, locale)
    for word in ("my details", "human") if locale == "en" else ():
        assert word in text
    assert len(text.splitlines()) == 6


def test_both_answers_are_offered_alike() -> None:
    assert [each.value for each in consent.ANSWERS] == ["agree", "refuse"]
    assert [each.note for each in consent.ANSWERS] == ["", ""]


def test_an_answer_is_kept_with_its_text_channel_and_time(db: Db) -> None:
    parent = a_parent(db, channel="telegram", locale="en")
    assert consent.status(parent) == "none"
    assert consent.keep(parent, consent.AGREE) == "given"
    [kept] = rows(db, Consent)
    assert (kept.purpose, kept.version, kept.is_given) == ("children", consent.VERSION, True)
    assert (kept.person_id, kept.channel, kept.at) == (parent.speaker.person_id, "telegram", NOW)
    assert kept.text_hash == sha256(say(consent.TEXT, "en").encode()).hexdigest()
    assert consent.status(parent) == "given"


def test_answers_are_only_ever_added_and_the_newest_holds(db: Db) -> None:
    parent = a_parent(db)
    for minutes, answer in enumerate(["agree", "agree", "refuse", "refuse", "agree"]):
        consent.keep(later(parent, minutes=minutes), answer)
    assert [each.is_given for each in rows(db, Consent)] == [True, False, True]
    assert consent.status(parent) == "given"


def test_consent_to_an_older_text_is_asked_for_again(db: Db) -> None:
    parent = a_parent(db)
    a_consent(db, parent.speaker.person_id, version="2020-01")
    assert consent.status(parent) == "none"
    consent.keep(parent, consent.AGREE)
    assert [each.version for each in rows(db, Consent)] == ["2020-01", consent.VERSION]


def test_a_refusal_of_an_older_text_stands(db: Db) -> None:
    parent = a_parent(db)
    a_consent(db, parent.speaker.person_id, version="2020-01", is_given=False)
    assert consent.status(parent) == "refused"


def test_another_purpose_is_another_question(db: Db) -> None:
    parent = a_parent(db)
    a_consent(db, parent.speaker.person_id, purpose="docents")
    assert consent.status(parent) == "none"


def test_one_guardian_answers_for_the_family(db: Db) -> None:
    parent = a_parent(db)
    other = here(db, family_id=parent.speaker.family_id)
    consent.keep(parent, consent.AGREE)
    assert consent.status(other) == "given"
    consent.require(other)


@pytest.mark.parametrize("answer", [None, "refuse"])
def test_nothing_goes_on_without_consent(db: Db, answer: str | None) -> None:
    parent = a_parent(db)
    if answer:
        consent.keep(parent, answer)
    with pytest.raises(ConsentMissing):
        consent.require(parent)
