"""What happens when one family books a dozen sessions of a base at once, from a dozen chats?

`python -m tests.booking.limit_race URL` runs it in a process of its own, so that the lock can be
switched off there: the control that shows the race test can fail.
"""

import asyncio
import json
import sys
from datetime import timedelta
from functools import partial
from typing import Any

from handlers.booking import actions
from handlers.booking.party import Guests
from handlers.here import Speaker
from handlers.messages import Refused
from storage.database import Database
from storage.db import Db
from storage.models import Booking, Session
from tests.builders import SATURDAY, a_base, a_session, here
from tests.stored import rows

SESSIONS = 12
ALLOWED = 2


def run(database: Database) -> dict[str, int]:
    """How many were booked and refused, and how many visits the family has then."""
    speaker, sessions = database.write_and_wait(_prepare)
    outcomes = asyncio.run(_all_at_once(database, speaker, sessions))
    assert [each for each in outcomes if not isinstance(each, dict | Refused)] == []
    return {
        "booked": sum(isinstance(each, dict) for each in outcomes),
        "refused": sum(isinstance(each, Refused) for each in outcomes),
        "visits": len(database.read_and_wait(lambda db: rows(db, Booking))),
    }


def _prepare(db: Db) -> tuple[Speaker, list[str]]:
    base = a_base(db, visits_active=ALLOWED)
    for ahead in range(SESSIONS):  # a day and a pool each: only the family's row is shared
        a_session(db, base_id=base, local_date=SATURDAY + timedelta(days=ahead))
    return here(db).speaker, [each.public_id for each in rows(db, Session)]


async def _all_at_once(database: Database, speaker: Speaker, sessions: list[str]) -> list[Any]:
    return await asyncio.gather(
        *(
            database.write(partial(_book, speaker=speaker, session=each), order=f"chat {number}")
            for number, each in enumerate(sessions)
        ),
        return_exceptions=True,
    )


def _book(db: Db, speaker: Speaker, session: str) -> Any:
    someone = here(
        db, person_id=speaker.person_id, family_id=speaker.family_id, chat_id=speaker.chat_id
    )
    return actions.book(someone, session, Guests(1))


def main(url: str) -> None:
    """Run the race; one line of JSON."""
    with Database.open(url) as database:
        sys.stdout.write(json.dumps(run(database)))


if __name__ == "__main__":
    main(sys.argv[1])
