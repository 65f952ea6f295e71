"""How does a person read what is offered?"""

from handlers.conversation.question import Option
from handlers.texts import say
from storage.db import Db
from storage.models import Session
from tests.stored import rows


def shown(offered: list[Option]) -> list[str]:
    """The options as a person reads them."""
    return [
        " · ".join(filter(None, (say(each.label, "en"), say(each.note, "en")))) for each in offered
    ]


def session_of(db: Db, number: int) -> str:
    return next(each.public_id for each in rows(db, Session) if each.id == number)
