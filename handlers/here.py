"""Who is talking, when, and in which transaction?"""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

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
class Home:
    """Where this Kepu serves: the language of those who named none, the zone of its "today"."""

    locale: str
    zone: str

    def day_of(self, at: datetime) -> date:
        """The calendar day there."""
        return at.astimezone(ZoneInfo(self.zone)).date()


@dataclass(frozen=True, slots=True)
class Here:
    """What a provider of options and an action get first."""

    db: Db
    speaker: Speaker
    now: datetime
    home_locale: str = "zh_CN"  # of others who are told something and never named a language
