"""What do stories of waiting lists need? A show that is full, and families that wait for it."""

from handlers.conversation.testing import Person
from storage.db import Db
from storage.models import Audience, Pool, Session
from tests import stored
from tests.builders import a_course, a_session
from tests.stories.town import Town

SHOW = "夜空漫步"


def add_show(town: Town, capacity: int = 4, hour: int = 19) -> None:
    """Saturday's last show in the planetarium, with a waiting list; anybody may come."""

    def work(db: Db) -> None:
        base = min(row.base_id for row in stored.rows(db, Session))
        course = a_course(db, name=SHOW)
        a_session(
            db, base_id=base, course_id=course, hour=hour, capacity=capacity, waiting_max=20,
            audience=Audience.PUBLIC,
        )  # fmt: skip

    town.database.write_and_wait(work)


def pool_of_show(town: Town) -> Pool:
    """The counters of the show."""
    pool = town.rows(Pool)[-1]
    assert isinstance(pool, Pool)
    return pool


def somebody(town: Town, name: str, channel: str = "web") -> Person:
    """Somebody new, who reads English."""
    return town.person(channel, name, "en")


def to_show(person: Person, count: int) -> Person:
    """So many adults would come to the show."""
    person.says("book").taps("星河", "Sat 28 Nov", SHOW, "Adults only")
    return person.says(str(count))


def books(town: Town, name: str, count: int, channel: str = "web") -> Person:
    """Somebody books the show for so many adults."""
    person = to_show(somebody(town, name, channel), count)
    return person.taps("Confirm").sees("Your visit is booked.")


def waits(town: Town, name: str, count: int, channel: str = "web") -> Person:
    """Somebody joins the waiting list of the full show."""
    person = to_show(somebody(town, name, channel), count)
    return person.taps("Join the waiting list").sees("You are on the waiting list:")


def cancels(person: Person) -> Person:
    """Somebody cancels their only visit."""
    person.says("my visits").taps("Cancel this visit").taps("Confirm")
    return person.sees("The visit is cancelled")
