"""Does a history look as it was lived: bubbles, times, ticks told once, the open question?"""

from datetime import datetime, timedelta
from typing import Any

from bot.channels.chat_json import Line
from bot.channels.chat_view import Bubble, Frame, chat_view, layout, summary
from handlers.messages import Attachment, Choice, Message, Prompt
from handlers.texts import say
from tests.builders import NOW

FRAME = Frame(NOW + timedelta(hours=1), "Asia/Shanghai", {"/book": "Book a visit"})


def line(number: int, text: str = "?", at: datetime = NOW, **fields: Any) -> Line:
    return Line(Message(text, number=number, **fields), at)


def asking(*labels: str, name: str = "base", kind: Any = "choose", token: str = "k1") -> Prompt:
    choices = [Choice(label, f"{token}:{n}", str(n)) for n, label in enumerate(labels)]
    return Prompt(name, kind, [*choices, Choice("Done", f"{token}:done", "@done")])


def shape(bubbles: list[Bubble]) -> list[tuple[str, str]]:
    return [(each.side, each.words) for each in bubbles]


def test_what_was_said_stands_before_what_answered_it() -> None:
    view = chat_view([line(1, "Which base?", said="/book"), line(2, "And then?")], FRAME)
    assert shape(view.bubbles) == [
        ("own", "Book a visit"),
        ("theirs", "Which base?"),
        ("theirs", "And then?"),
    ]
    assert view.last == 2


def test_times_stand_after_pauses_and_name_the_day_only_of_another_one() -> None:
    lines = [
        line(1, at=NOW - timedelta(days=2)),
        line(2, at=NOW),
        line(3, at=NOW + timedelta(minutes=9)),
        line(4, at=NOW + timedelta(minutes=20)),
    ]
    view = chat_view(lines, FRAME)
    times = [" ".join(say(each, "en") for each in bubble.when) for bubble in view.bubbles]
    assert times == ["Fri 20 Nov 10:00", "10:00", "", "10:20"]


def test_the_newest_question_is_the_open_one_also_below_a_notice() -> None:
    old, new = asking("A"), asking("B", token="k2")
    view = chat_view([line(1, prompt=old), line(2, prompt=new), line(3, "Closed tomorrow")], FRAME)
    assert view.prompt is new


def test_what_came_by_itself_keeps_its_choices_and_leaves_the_question_open() -> None:
    offer = Prompt("offer", "choose", [Choice("Yes", "/offer 3fa9 yes", "/offer 3fa9 yes")])
    asked = asking("A")
    view = chat_view([line(1, prompt=asked), line(2, "A place is free", prompt=offer)], FRAME)
    assert view.prompt is asked
    assert [each.offered for each in view.bubbles] == [(), offer.choices]


def test_ticks_are_one_question_with_its_last_state() -> None:
    def ticked(number: int, *labels: str, said: str = "") -> Line:
        return line(number, "Who?", said=said, prompt=asking(*labels, kind="many", token="k7"))

    view = chat_view(
        [
            ticked(1, "A", "B", said="09:30"),
            ticked(2, "✓ A", "B", said="A"),
            ticked(3, "✓ A", "✓ B", said="B"),
            line(4, "How many adults?", said="Done"),
        ],
        FRAME,
    )
    assert shape(view.bubbles) == [
        ("own", "09:30"),
        ("theirs", "Who?"),
        ("own", "Done"),
        ("theirs", "How many adults?"),
    ]


def test_the_same_question_asked_anew_is_told_again() -> None:
    first = line(1, "Who?", prompt=asking("A", kind="many", token="k1"))
    again = line(2, "Who?", said="Back", prompt=asking("A", kind="many", token="k2"))
    assert len(chat_view([first, again], FRAME).bubbles) == 3


def test_a_picture_makes_a_card_with_its_links() -> None:
    files = [Attachment("link", "Ticket", "/t"), Attachment("image", "QR", "/t/qr.png")]
    (bubble,) = chat_view([line(1, attachments=files)], FRAME).bubbles
    assert bubble.picture == files[1]
    assert bubble.links == [files[0]]


def test_the_code_of_a_ticket_stands_apart_from_its_other_words() -> None:
    image = Attachment("image", "QR", "/t/qr.png")
    text = "Your visit is booked.\nCode: K7MW-2QRT\nTo cancel, type “my visits”."
    ticket, words = chat_view([line(1, text, attachments=[image]), line(2, text)], FRAME).bubbles
    assert ticket.code == ("Code", "K7MW-2QRT")
    assert ticket.words == "Your visit is booked.\nTo cancel, type “my visits”."
    assert (words.code, words.words) == (None, text)
    [plain] = chat_view([line(1, "A map\nK7MW-2QRT", attachments=[image])], FRAME).bubbles
    assert (plain.code, plain.words) == (None, "A map\nK7MW-2QRT")


def test_many_lines_stand_apart() -> None:
    few, many = chat_view([line(1, "A\nB\nC"), line(2, "A\nB\nC\nD")], FRAME).bubbles
    assert (few.lines, many.lines) == ([], ["A", "B", "C", "D"])


def test_the_answers_at_the_end_of_a_confirmation_are_a_table() -> None:
    text = "Please check your visit.\nFor two, free of charge.\nBase: Hall\nTime: 09:30–11:00"
    words, pairs = summary(Message(text, prompt=asking(kind="confirm")))
    assert words == "Please check your visit.\nFor two, free of charge."
    assert pairs == [("Base", "Hall"), ("Time", "09:30–11:00")]
    in_chinese = Message("请核对\n基地：科技馆", prompt=asking(kind="confirm"))
    assert summary(in_chinese) == ("请核对", [("基地", "科技馆")])


def test_words_that_only_look_like_a_table_stay_words() -> None:
    text = "A: b\nC: d"
    assert summary(Message(text)) == (text, [])
    assert summary(Message(text, prompt=asking(kind="choose"))) == (text, [])
    assert summary(Message("A: b", prompt=asking(kind="confirm"))) == ("A: b", [])


def test_choices_are_laid_out_by_what_they_are() -> None:
    assert layout(asking("09:30", "14:00")) == "pills"
    assert layout(asking("09:30", "A label that needs a row of its own")) == "rows"
    assert layout(asking("唐山市科普教育基地联合体")) == "rows"
    assert layout(asking("同意以上内容", "不同意以上内容")) == "pills"
    assert layout(asking("改昵称", "更正出生年月或年级", "删除这个孩子")) == "rows"
    assert layout(asking("1", "2", "3", "4")) == "pills"
    assert layout(asking("Book a visit", "My visits", "My details", "Help")) == "pairs"
    assert layout(asking(*["Sat 5 Dec"] * 8, kind="date")) == "days"
    assert layout(asking(*["Sat 5 Dec"] * 9, kind="date")) == "grid"
