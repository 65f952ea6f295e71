from datetime import date

import pytest

from handlers.conversation.labels import (
    called,
    comparable,
    full_labels,
    labels,
    partly_called,
    stored_label,
)
from handlers.conversation.question import OpenPrompt, Option
from handlers.texts import Day, Several, Value, _, from_json, ngettext, plain


def prompt_of(*options: Option) -> OpenPrompt:
    return OpenPrompt("it", "choose", "k1", [(each.value, stored_label(each)) for each in options])


@pytest.mark.parametrize(
    "label", ["小明", 7, _("Book"), Day(date(2026, 12, 5)), Several(("a", "b"))]
)
def test_a_stored_label_is_read_back_without_its_note(label: Value) -> None:
    assert from_json(stored_label(Option("x", label))) == label
    noted = from_json(stored_label(Option("x", label, "12 left")))
    assert noted == (plain(str(label)) if isinstance(label, str | int) else label)


def test_a_note_is_shown_after_the_label_and_is_no_part_of_it() -> None:
    left = ngettext("{n} place left", "{n} places left", 3)
    prompt = prompt_of(Option("x", Day(date(2026, 12, 5)), left), Option("y", 7, _("Book")))
    assert labels(prompt, "en") == ["Sat 5 Dec", "7"]
    assert full_labels(prompt, "en") == ["Sat 5 Dec · 3 places left", "7 · Book"]
    assert partly_called(prompt, "places", "en") == []


def test_full_labels_are_unlike_each_other() -> None:
    prompt = prompt_of(*(Option(str(n), name) for n, name in enumerate(["a", "A ", "a.", "a (2)"])))
    found = full_labels(prompt, "en")
    assert found == ["a", "A (2)", "a. (2)", "a (2) (2)"]
    assert [called(prompt, each, "en") for each in found] == [[0], [1], [2], [3]]


def test_labels_are_compared_without_width_case_space_or_full_stop() -> None:
    assert comparable(" ＶＲ 体验馆。") == comparable("vr体验馆") == "vr体验馆"
    assert comparable("...") == "..."


def test_the_language_of_the_person_goes_first() -> None:
    # In Chinese the second is called what the first is called in English.
    prompt = prompt_of(Option("x", Day(date(2026, 12, 5))), Option("y", "Sat 5 Dec"))
    assert called(prompt, "Sat 5 Dec", "zh_CN") == [1]
    assert called(prompt, "12月5日周六", "en") == [0]


def test_a_digit_is_not_cut_off_its_number() -> None:
    prompt = prompt_of(Option("x", "12月5日"), Option("y", "第11号馆"), Option("z", "3号馆"))
    assert partly_called(prompt, "2月5日", "zh_CN") == []
    assert partly_called(prompt, "1号馆", "zh_CN") == []
    assert partly_called(prompt, "馆1", "zh_CN") == []
    assert partly_called(prompt, "第1", "zh_CN") == []
    assert partly_called(prompt, "3号", "zh_CN") == [2]


def test_english_words_are_parts_whole_before_begun_and_in_their_order() -> None:
    prompt = prompt_of(
        Option("x", "Art Hall 2"), Option("y", "Artifacts of Asia"), Option("z", "10:00–11:30")
    )
    assert partly_called(prompt, "art", "en") == [0]
    assert partly_called(prompt, "ar", "en") == [0, 1]
    assert partly_called(prompt, "hall art", "en") == []
    assert partly_called(prompt, "hall 2", "en") == [0]
    assert partly_called(prompt, "hall 1", "en") == []
    assert partly_called(prompt, "10:00", "en") == [2]
    assert partly_called(prompt, "11", "en") == [2]
    assert partly_called(prompt, "1", "en") == partly_called(prompt, "1 3", "en") == []
    assert partly_called(prompt, "★★", "en") == []
