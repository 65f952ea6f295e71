"""Is what the desk types read as it was meant?"""

import pytest

from handlers.desk.readers import REASON_MAX, UNDO, UNDONE_BECAUSE, Code
from handlers.messages import Refused
from tests.builders import SATURDAY


@pytest.mark.parametrize("typed", ["K7MW2QRT", "k7mw-2qrt", "核销 K7MW 2QRT", "check in k7mw2qrt"])
def test_a_code_is_read_with_or_without_the_command(typed: str) -> None:
    assert Code().read(typed, SATURDAY) == "K7MW2QRT"


@pytest.mark.parametrize("typed", ["undo", "Undo ", "撤销"])
def test_the_last_check_in_is_undone_by_a_word_where_there_was_one(typed: str) -> None:
    assert Code(can_undo=True).read(typed, SATURDAY) == UNDO
    assert [each.value for each in Code(can_undo=True).quick()] == [UNDO]
    with pytest.raises(Refused, match="eight letters and digits"):
        Code().read(typed, SATURDAY)
    assert list(Code().quick()) == []


def test_a_reason_is_one_of_the_usual_or_a_few_words() -> None:
    assert UNDONE_BECAUSE.read("  they went home ", SATURDAY) == "they went home"
    for usual in UNDONE_BECAUSE.quick():
        assert UNDONE_BECAUSE.read(usual.value, SATURDAY) == usual.value
    for bad in ("", "x" * (REASON_MAX + 1)):
        with pytest.raises(Refused):
            UNDONE_BECAUSE.read(bad, SATURDAY)
