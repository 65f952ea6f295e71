"""Who is talking, when, and in which transaction?"""

from dataclasses import dataclass
from datetime import datetime

from storage.db import Db


@dataclass(frozen=True, slots=True)
class Speaker:
    """The person a turn is for, and the chat it happens in."""

    person_id: int
    family_id: int
    chat_id: int
    channel: str
    address: str
    locale: str  # one of texts.LOCALES


@dataclass(frozen=True, slots=True)
class Here:
    """What a provider of options and an action get first."""

    db: Db
    speaker: Speaker
    now: datetime
