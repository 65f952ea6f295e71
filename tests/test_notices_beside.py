"""What happens when something is announced in the middle of a conversation?"""

from handlers.conversation.testing import NUMBERS, Stage
from storage import chats
from storage.database import Database
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


async def announced(office: Office) -> str:
    """Announce something to the person; what they are told."""
    met = office.database.read_and_wait(lambda db: chats.find(db, "wechat", "li"))
    assert met is not None
    office.puts(met.chat_id, "Closed on Monday.", "announcement")
    for _ in office.rows():
        await office.sends()
    (told,) = [text for text in office.channel.texts if text.startswith("Closed on Monday.")]
    return told
