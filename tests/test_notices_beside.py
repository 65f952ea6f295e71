"""What happens when something is announced in the middle of a conversation?"""

from bot.channels.base import Outcome
from handlers.conversation.question import Option
from handlers.conversation.testing import NUMBERS, Stage
from handlers.messages import Choice, Message, Prompt
from handlers.telling import message_in
from handlers.texts import plain
from storage import chats, outbox
from storage.database import Database
from storage.models import Lane
from tests.builders import NOW
from tests.office import TALK, Office, an_office


async def test_an_announcement_in_mid_flow_repeats_the_open_question_where_numbers_answer_it(
    database: Database,
) -> None:
    office = an_office(database, name="wechat", capabilities=NUMBERS)
    person = Stage(database.write_and_wait, TALK, NOW).person("wechat", locale="en")
    person.says("/visit").sees("1. Robots", "2. Stars")
    told = await announced(office)
    assert told.startswith("Closed on Monday.\n\nWhich room?\n1. Robots\n2. Stars")
    person.says("2").sees("Which day?")


async def test_an_announcement_to_somebody_idle_is_only_itself(database: Database) -> None:
    office = an_office(database, name="wechat", capabilities=NUMBERS)
    person = Stage(database.write_and_wait, TALK, NOW).person("wechat", locale="en")
    person.says("/visit", "cancel")
    assert await announced(office) == "Closed on Monday."


async def test_an_offer_shows_its_own_numbers_and_they_are_what_is_answered(
    database: Database,
) -> None:
    office = an_office(database, name="wechat", capabilities=NUMBERS)
    person = Stage(database.write_and_wait, TALK, NOW).person("wechat", locale="en")
    person.says("/visit").sees("1. Robots", "2. Stars")
    assert await offered(office) == "A hint?\n1. Gladly\n2. No\nReply with a number."
    person.says("1").sees("You can type the answer.", "Which room?")
    person.says("1").sees("Which day?")


async def test_who_spoke_while_an_offer_was_on_its_way_answers_what_they_saw_last(
    database: Database,
) -> None:
    office = an_office(database, name="wechat", capabilities=NUMBERS)
    stage = Stage(database.write_and_wait, TALK, NOW)
    person = stage.person("wechat", locale="en").says("/visit")
    office.channel.hangs()
    put(office)
    await office.sender.send_due()
    await office.channel.has_tried(1)  # the reply goes first, then the offer, side by side
    await office.channel.has_tried(2)
    stage.later(seconds=1)
    person.says("/hint").sees("Which room?")
    office.channel.answers()
    await office.sender.idle()
    person.says("1").sees("Which day?")


async def test_an_offer_that_did_not_arrive_is_not_answered(database: Database) -> None:
    office = an_office(database, name="wechat", capabilities=NUMBERS)
    person = Stage(database.write_and_wait, TALK, NOW).person("wechat", locale="en")
    person.says("/visit")
    await office.sends()
    office.channel.fails(Outcome.UNREACHABLE)
    put(office)
    await office.sends()
    person.says("1").sees("Which day?")


async def test_a_question_repeated_after_an_offer_is_the_one_that_is_answered(
    database: Database,
) -> None:
    office = an_office(database, name="wechat", capabilities=NUMBERS)
    person = Stage(database.write_and_wait, TALK, NOW).person("wechat", locale="en")
    person.says("/visit")
    await offered(office)
    question = Prompt("room", "choose", [Choice("Robots", "k1:0", "robots")])
    put(office, Message("Still open: which room?", prompt=question))
    await office.sends()
    person.says("1").sees("Which day?")


def put(office: Office, message: Message | None = None) -> None:
    """Offer the person a hint, or tell something else."""
    said = (plain("A hint?"), [Option("/hint yes", plain("Gladly")), Option("/gone", plain("No"))])
    message = message or message_in(said, "offer", "en")
    met = office.database.read_and_wait(lambda db: chats.find(db, "wechat", "li"))
    assert met is not None
    chat_id, now = met.chat_id, office.clock.at
    office.database.write_and_wait(
        lambda db: outbox.put(
            db, chat_id, message.as_json(), kind="offer", lane=Lane.REMINDER, due_at=now
        )
    )


async def offered(office: Office) -> str:
    """Offer it, and have it arrive; its words."""
    put(office)
    for _ in office.rows():
        await office.sends()
    return next(text for text in office.channel.texts if text.startswith("A hint?"))


async def announced(office: Office) -> str:
    """Announce something to the person; what they are told."""
    met = office.database.read_and_wait(lambda db: chats.find(db, "wechat", "li"))
    assert met is not None
    office.puts(met.chat_id, "Closed on Monday.", "announcement")
    for _ in office.rows():
        await office.sends()
    (told,) = [text for text in office.channel.texts if text.startswith("Closed on Monday.")]
    return told
