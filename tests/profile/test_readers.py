"""What may a child be called, beside the others of its family?"""

from datetime import date

import pytest

from handlers.messages import Refused
from handlers.profile.readers import NicknameUnlike

TODAY = date(2026, 11, 22)


def test_a_nickname_is_read_as_everywhere() -> None:
    reader = NicknameUnlike([])
    assert reader.read(" 小明 ", TODAY) == "小明"
    assert (reader.kind, reader.shown("小明"), list(reader.quick())) == ("text", "小明", [])


def test_two_children_of_a_family_have_two_nicknames() -> None:
    with pytest.raises(Refused, match="in your family already"):
        NicknameUnlike(["小明"]).read("小明", TODAY)
