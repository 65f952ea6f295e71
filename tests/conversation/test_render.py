from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.conversation.answers import Picked, Read, Ticked, recognise
from handlers.conversation.question import OpenPrompt, Option, Question, Said
from handlers.conversation.readers import whole_number
from handlers.conversation.render import (
    PLAIN_BYTES_MAX,
    TEXT_BYTES_MAX,
    View,
    label_of,
    opened,
    render,
)
from handlers.conversation.testing import BUTTONS, CHANNELS, NUMBERS, WEB
from handlers.messages import Attachment, Capabilities, Choice, Message, Prompt
from handlers.texts import Day, Month, Several, Value, _, ngettext, plain

TODAY = date(2026, 11, 22)
EVERY_CHANNEL = pytest.mark.parametrize("channel", CHANNELS)

BASE = Question("base", "choose", _("Which base would you like to visit?"))
BASES = [Option("chongqing", "重庆科技馆", "12 left"), Option("beijing", "中国科技馆")]
CHILDREN = Question("children", "many", _("Which children are coming?"))
FAMILY = [Option("c1", "小明", "8"), Option("c2", "小红", "10"), Option("c3", "Tom")]


def view(capabilities: Capabilities, locale: str = "en") -> View:
    return View(locale, capabilities)


def slots(count: int) -> list[Option]:
    return [Option(f"s{n}", f"slot {chr(65 + n // 26)}{chr(65 + n % 26)}") for n in range(count)]


def days(count: int) -> list[Option]:
    found = [TODAY + timedelta(days=n) for n in range(count)]
    return [Option(each.isoformat(), Day(each), f"{each.day} left") for each in found]


def shown(question: Question, prompt: OpenPrompt, seen: View) -> Message:
    return render([], question, prompt, seen)[-1]


def choices_of(message: Message) -> list[Choice]:
    assert message.prompt is not None
    return message.prompt.choices


def labels_of(message: Message) -> list[str]:
    return [each.label for each in choices_of(message)]


def test_with_buttons_a_question_is_its_text_and_its_choices() -> None:
    prompt = opened(BASE, BASES, "k3")
    message = shown(BASE, prompt, view(BUTTONS))
    assert message.text == "Which base would you like to visit?"
    assert message.prompt == Prompt(
        "base",
        "choose",
        [
            Choice("重庆科技馆 · 12 left", "k3:0", "chongqing"),
            Choice("中国科技馆", "k3:1", "beijing"),
            Choice("Stop here", "k3:cancel", "@cancel"),
        ],
    )
    assert (prompt.shown, prompt.navigation) == ([0, 1], ["@cancel"])


def test_without_buttons_it_is_numbered_lines_with_the_ways_numbered_on() -> None:
    prompt = opened(BASE, BASES, "k3")
    message = shown(BASE, prompt, replace(view(NUMBERS), can_go_back=True))
    assert message.text.splitlines() == [
        "Which base would you like to visit?",
        "1. 重庆科技馆 · 12 left",
        "2. 中国科技馆",
        "3. Back",
        "4. Stop here",
        "Reply with a number.",
    ]
    assert [each.token for each in choices_of(message)] == ["k3:0", "k3:1", "k3:back", "k3:cancel"]


def test_nothing_asked_is_only_what_was_said() -> None:
    assert render([], None, None, view(BUTTONS)) == []
    assert render([], None, None, view(NUMBERS)) == []
    assert render([Said(_("Booked."))], None, None, view(NUMBERS)) == [Message("Booked.")]


def test_what_is_said_keeps_its_attachments_and_the_question_comes_last() -> None:
    ticket = Attachment("image", "ticket.png", "/tickets/1")
    said = [Said(_("Booked."), (ticket,)), Said(_("See you."))]
    messages = render(said, BASE, opened(BASE, BASES, "k3"), view(BUTTONS))
    assert [each.text for each in messages] == ["Booked.", "See you.", BASE.text.msgid]
    assert [each.attachments for each in messages] == [[ticket], [], []]
    assert [each.prompt is not None for each in messages] == [False, False, True]


def test_a_turn_of_one_message_joins_words_question_and_attachments() -> None:
    ticket = Attachment("link", "ticket", "/tickets/1")
    said = [Said(_("Booked."), (ticket,)), Said(_("See you."))]
    [message] = render(said, BASE, opened(BASE, BASES, "k3"), view(NUMBERS))
    assert message.text.startswith(
        "Booked.\n\nSee you.\n\nWhich base would you like to visit?\n1. "
    )
    assert message.attachments == [ticket]
    assert message.prompt is not None


def test_a_confirmation_shows_every_answer_and_confirm_comes_first() -> None:
    question = Question("confirm", "confirm", _("Please check your visit"))
    summary: list[tuple[Value, Value]] = [
        (_("Day"), Day(date(2026, 12, 5))),
        (_("Children"), Several(("小明", "Tom"))),
        (_("Born"), Month("2018-05")),
    ]
    seen = replace(view(BUTTONS), can_go_back=True, can_change=True, summary=summary)
    message = shown(question, opened(question, [], "k9"), seen)
    assert message.text.splitlines() == [
        "Please check your visit",
        "Day: Sat 5 Dec",
        "Children: 小明 and Tom",
        "Born: May 2018",
    ]
    assert [each.value for each in choices_of(message)] == ["@yes", "@change", "@back", "@cancel"]
    assert labels_of(message) == ["Confirm", "Change", "Back", "Stop here"]
    plainly_seen = replace(seen, capabilities=NUMBERS)
    numbered = shown(question, opened(question, [], "k9"), plainly_seen)
    assert "1. Confirm\n2. Change\n3. Back\n4. Stop here\nReply with a number." in numbered.text


def test_the_menu_of_an_idle_person_offers_conversations_and_nothing_to_cancel() -> None:
    menu = Question("menu", "choose", _("What would you like to do?"))
    options = [Option("/book", _("Book a visit")), Option("/mine", _("My visits"))]
    message = shown(menu, opened(menu, options, "k1"), replace(view(BUTTONS), can_cancel=False))
    assert [each.value for each in choices_of(message)] == ["/book", "/mine"]


def test_back_is_shown_only_when_there_is_something_to_go_back_to() -> None:
    for can_go_back in (False, True):
        seen = replace(view(BUTTONS), can_go_back=can_go_back)
        message = shown(BASE, opened(BASE, BASES, "k3"), seen)
        assert ("Back" in labels_of(message)) is can_go_back
        assert labels_of(message)[-1] == "Stop here"


def test_an_optional_question_can_be_skipped() -> None:
    question = replace(BASE, is_optional=True)
    message = shown(question, opened(question, BASES, "k3"), view(BUTTONS))
    assert message.prompt is not None
    assert message.prompt.optional
    assert labels_of(message)[-2:] == ["Skip", "Stop here"]


def test_of_many_the_ticked_are_marked_and_done_waits_for_enough() -> None:
    question = replace(CHILDREN, at_least=2)
    prompt = opened(question, FAMILY, "k4")
    prompt.picked = ["c2"]
    message = shown(question, prompt, view(BUTTONS))
    assert labels_of(message) == ["小明 · 8", "✓ 小红 · 10", "Tom", "Stop here"]
    prompt.picked = ["c2", "c3"]
    message = shown(question, prompt, view(BUTTONS))
    assert labels_of(message) == ["小明 · 8", "✓ 小红 · 10", "✓ Tom", "Done", "Stop here"]


def test_of_many_without_buttons_several_numbers_are_asked_for() -> None:
    text = shown(CHILDREN, opened(CHILDREN, FAMILY, "k4"), view(NUMBERS)).text
    assert text.endswith("Reply with the numbers, such as 1 2, or “all”.")
    text = shown(CHILDREN, opened(CHILDREN, FAMILY[:1], "k4"), view(NUMBERS)).text
    assert text.endswith("Reply with a number.")


def test_a_date_without_buttons_may_be_answered_with_a_day() -> None:
    question = Question("day", "date", _("Which day?"))
    text = shown(question, opened(question, days(3), "k5"), view(NUMBERS)).text
    assert text.endswith("Reply with a number, or a day such as Sun 22 Nov.")
    text = shown(question, opened(question, [], "k5"), view(NUMBERS)).text
    assert text.endswith("1. Stop here\nReply with a number.")


def test_numbers_are_not_places_where_a_number_is_the_answer() -> None:
    reader = whole_number(1, 4)
    question = Question("adults", "number", _("How many adults?"), reader=reader)
    prompt = opened(question, reader.quick(), "k6")
    text = shown(question, prompt, replace(view(NUMBERS), can_go_back=True)).text
    assert text.splitlines()[1:] == ["1 · 2 · 3 · 4", "You can also reply: Back · Stop here"]
    assert labels_of(shown(question, prompt, view(BUTTONS))) == ["1", "2", "3", "4", "Stop here"]
    assert recognise(prompt, reader, "3", "", "en", today=TODAY) == Read(3, 3)


def test_a_text_question_without_buttons_names_only_the_ways() -> None:
    question = Question("name", "text", _("What is your child called?"))
    text = shown(question, opened(question, [], "k6"), view(NUMBERS)).text
    assert text == "What is your child called?\nYou can also reply: Stop here"
    alone = replace(view(NUMBERS), can_cancel=False)
    assert shown(question, opened(question, [], "k6"), alone).text == "What is your child called?"


@EVERY_CHANNEL
def test_pages_show_30_slots_one_by_one_and_come_round_again(channel: str) -> None:
    prompt = opened(BASE, slots(30), "k7")
    seen: list[str] = []
    pages = -(-30 // CHANNELS[channel].max_options)
    for _page in range(pages):
        message = shown(BASE, prompt, view(CHANNELS[channel]))
        seen += [each.value for each in choices_of(message) if not each.value.startswith("@")]
        assert "@more" in prompt.navigation
        assert len(prompt.shown) <= CHANNELS[channel].max_options
        prompt.page += 1
    assert seen == [f"s{n}" for n in range(30)]
    shown(BASE, prompt, view(CHANNELS[channel]))
    assert (prompt.page, prompt.shown[0]) == (0, 0)


@EVERY_CHANNEL
def test_a_number_means_the_page_that_was_last_shown(channel: str) -> None:
    prompt = opened(BASE, slots(30), "k7")
    prompt.page = 1
    shown(BASE, prompt, view(CHANNELS[channel]))
    second = prompt.options[CHANNELS[channel].max_options + 1]
    assert recognise(prompt, None, "2", "", "en", today=TODAY) == Picked(second[0], second[1])


def test_a_month_grid_shows_all_days_at_once_and_a_number_is_a_day_of_the_month() -> None:
    question = Question("day", "date", _("Which day?"))
    prompt = opened(question, days(30), "k5")
    message = shown(question, prompt, view(WEB))
    assert len(choices_of(message)) == 30 + 1
    assert (prompt.shown, prompt.navigation) == ([], ["@cancel"])
    fifth = date(2026, 12, 5)
    assert recognise(prompt, None, "5", "", "en", today=TODAY) == Picked("2026-12-05", Day(fifth))


def test_few_days_are_a_list_even_where_a_month_can_be_shown() -> None:
    question = Question("day", "date", _("Which day?"))
    prompt = opened(question, days(8), "k5")
    shown(question, prompt, view(WEB))
    assert prompt.shown == list(range(8))


def test_long_labels_are_cut_but_stay_unlike_each_other() -> None:
    capabilities = replace(BUTTONS, label_length=10)
    names = [
        "中国科学技术馆一号展厅东侧",
        "中国科学技术馆一号展厅西侧",
        "short",
        "另一个非常长的展厅名称在此",
    ]
    options = [Option(str(n), name) for n, name in enumerate(names)]
    message = shown(BASE, opened(BASE, options, "k3"), view(capabilities))
    assert labels_of(message)[:4] == [
        "中国科学技…展厅东侧",
        "中国科学技…展厅西侧",
        "short",
        "另一个非常长的展厅…",
    ]


def test_labels_unlike_only_in_the_middle_are_told_apart_by_a_number() -> None:
    capabilities = replace(BUTTONS, label_length=8)
    options = [Option(str(n), f"same beginning {n} same end") for n in range(3)]
    message = shown(BASE, opened(BASE, options, "k3"), view(capabilities))
    assert labels_of(message)[:3] == ["same…end", "same b…1", "same b…2"]


def test_two_options_that_are_called_the_same_are_told_apart() -> None:
    options = [Option("a", "Tom"), Option("b", " tom"), Option("c", "Tom (2)")]
    message = shown(BASE, opened(BASE, options, "k3"), view(BUTTONS))
    assert labels_of(message)[:3] == ["Tom", "tom (2)", "Tom (2) (2)"]


def test_a_line_break_in_a_name_does_not_make_another_line() -> None:
    options = [Option("a", "Tom\n2. Everybody"), Option("b", plain(" \n ")), Option("c", 7, "x")]
    text = shown(BASE, opened(BASE, options, "k3"), view(NUMBERS)).text
    assert text.splitlines()[1:4] == ["1. Tom 2. Everybody", "2. –", "3. 7 · x"]


def test_braces_in_a_name_are_its_own() -> None:
    options = [Option("a", "{name}", "{0}"), Option("b", plain("{words}"))]
    message = shown(BASE, opened(BASE, options, "k3"), view(BUTTONS))
    assert labels_of(message)[:2] == ["{name} · {0}", "{words}"]


def test_notes_are_counted_in_the_language_of_the_person() -> None:
    options = [Option("a", "A", ngettext("{n} place left", "{n} places left", n)) for n in (1, 2)]
    message = shown(BASE, opened(BASE, options, "k3"), view(BUTTONS))
    assert labels_of(message)[:2] == ["A · 1 place left", "A · 2 places left"]


def test_a_long_text_is_sent_in_parts_at_line_breaks_and_the_list_stays_whole() -> None:
    rules = Said(plain("\n".join(["请您提前十五分钟到场。" * 4] * 30)))
    ticket = Attachment("link", "ticket", "/tickets/1")
    prompt = opened(BASE, slots(9), "k3")
    messages = render([rules, Said(_("Bye."), (ticket,))], BASE, prompt, view(NUMBERS))
    assert len(messages) > 1
    assert all(len(each.text.encode()) <= PLAIN_BYTES_MAX for each in messages)
    assert all(
        set(each.text.splitlines()) == {"请您提前十五分钟到场。" * 4} for each in messages[:-1]
    )
    assert "1. slot AA\n" in messages[-1].text
    assert [len(each.attachments) for each in messages] == [0] * (len(messages) - 1) + [1]


def test_a_long_text_with_buttons_carries_what_belongs_to_it_at_its_end() -> None:
    rules = Said(plain("长" * 3000), (Attachment("link", "rules", "/r"),))
    messages = render([rules], BASE, opened(BASE, BASES, "k3"), view(BUTTONS))
    assert [len(each.attachments) for each in messages] == [0, 0, 1, 0]
    assert "".join(each.text for each in messages[:-1]) == "长" * 3000


def test_every_way_has_a_name() -> None:
    words = ["@yes", "@more", "@done", "@skip", "@change", "@back", "@cancel"]
    assert len({label_of(word).msgid for word in words}) == len(words)


# Letters only: an option called "2" is reached by its name before the second by its number.
NAMES = st.text(
    st.characters(categories=["Lu", "Ll", "Lo"], exclude_characters="零〇一二三四五六七八九十"),
    min_size=1,
    max_size=30,
)
NOTES = st.just("") | st.text(st.sampled_from("余 left 12·(2)"), max_size=12)
OPTIONS = st.lists(st.tuples(NAMES, NOTES), min_size=1, max_size=40)
CHANNEL = st.sampled_from(list(CHANNELS.values())).flatmap(
    lambda each: st.builds(replace, st.just(each), max_options=st.integers(1, 30))
)


@given(OPTIONS, CHANNEL, st.sampled_from(["en", "zh_CN"]), st.sampled_from(["choose", "many"]))
def test_every_option_is_reached_by_its_token_its_number_and_its_label(
    named: list[tuple[str, str]], channel: Capabilities, locale: str, kind: str
) -> None:
    question = BASE if kind == "choose" else CHILDREN
    options = [Option(f"v{n}", label, note) for n, (label, note) in enumerate(named)]
    prompt = opened(question, options, "k3")
    found = []
    for _page in options:
        message = shown(question, prompt, view(replace(channel, label_length=80), locale))
        for place, choice in enumerate(choices_of(message), 1):
            if choice.value.startswith("@"):
                continue
            found.append(choice.value)
            tapped = recognise(prompt, None, "", choice.token, locale, today=TODAY)
            numbered = recognise(prompt, None, str(place), "", locale, today=TODAY)
            called = recognise(prompt, None, choice.label, "", locale, today=TODAY)
            if kind == "many":
                assert tapped == Ticked((choice.value,), is_whole=False)
                assert numbered == called == Ticked((choice.value,), is_whole=True)
            else:
                assert isinstance(tapped, Picked)
                assert tapped.value == choice.value
                assert numbered == called == tapped
            assert f"{place}. {choice.label}\n" in message.text or channel.buttons
        prompt.page += 1
        if "@more" not in prompt.navigation or prompt.page * channel.max_options >= 40 * 30:
            break
    assert set(found) == {each.value for each in options}


@given(
    st.lists(st.text(max_size=1500), max_size=3),
    st.text(min_size=1, max_size=1500),
    st.lists(st.tuples(st.text(max_size=120), st.text(max_size=120)), max_size=40),
    CHANNEL,
    st.integers(9, 200),
)
def test_every_rendered_text_fits_its_channel(
    said: list[str],
    asked: str,
    named: list[tuple[str, str]],
    channel: Capabilities,
    label_length: int,
) -> None:
    channel = replace(channel, label_length=label_length)
    question = Question("base", "choose", plain(asked))
    options = [Option(f"v{n}", label, note) for n, (label, note) in enumerate(named)]
    prompt = opened(question, options, "k3")
    messages = render([Said(plain(each)) for each in said], question, prompt, view(channel))
    limit = TEXT_BYTES_MAX if channel.buttons else PLAIN_BYTES_MAX
    assert all(len(each.text.encode()) <= limit for each in messages)
    labels = labels_of(messages[-1])
    assert len(set(labels)) == len(labels) or not channel.buttons
    assert all(0 < len(label) <= label_length for label in labels)
    assert len(prompt.shown) <= channel.max_options
    assert all(len(each.token) <= 64 for each in choices_of(messages[-1]))
