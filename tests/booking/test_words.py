"""How are sessions, parties and visits said?"""

from handlers.booking import words
from handlers.texts import Text
from storage.models import BookingState


def test_amounts_are_said_in_yuan() -> None:
    assert [words.money(fen) for fen in (100, 1250, 1205, 5)] == ["¥1", "¥12.50", "¥12.05", "¥0.05"]


def test_every_state_has_a_word() -> None:
    assert all(isinstance(words._STATES[state], Text) for state in BookingState)
