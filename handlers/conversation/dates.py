"""Which day did a person type?"""

from datetime import date


def day_of(words: str, today: date, locale: str) -> list[date]:
    """The days the words may mean, none before `today`; empty when they name no day."""
    raise NotImplementedError
