"""Does only a ticket of this Kepu pass for one?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.booking import seal
from tests.builders import public_id

KEY = seal.key_of("a key that nobody knows, of 32 characters")
OTHER = seal.key_of("another key that nobody knows, as long")
TICKET = public_id()


@pytest.mark.parametrize("before", ["https://kepu.example", "http://127.0.0.1:8080/below", ""])
def test_a_sealed_address_is_opened(before: str) -> None:
    assert seal.opened(before + seal.sealed(TICKET, KEY), KEY) == TICKET


def test_a_seal_is_short_and_fits_into_an_address() -> None:
    path = seal.sealed(TICKET, KEY)
    assert path.startswith(f"/tickets/{TICKET}?s=")
    assert len(path) == len(f"/tickets/{TICKET}?s=") + 16


def test_a_seal_of_another_kepu_is_none() -> None:
    assert seal.opened(seal.sealed(TICKET, OTHER), KEY) is None


def test_a_seal_holds_for_one_ticket_only() -> None:
    mark = seal.sealed(TICKET, KEY).partition("?")[2]
    assert seal.opened(f"/tickets/{public_id()}?{mark}", KEY) is None


@pytest.mark.parametrize("after", ["", "?s=", "?s=AAAAAAAAAAAAAAAA", "?s=" + "é" * 16])
def test_an_address_without_our_seal_is_none(after: str) -> None:
    assert seal.opened(f"https://kepu.example/tickets/{TICKET}{after}", KEY) is None


def test_nothing_may_stand_behind_the_seal() -> None:
    assert seal.opened(seal.sealed(TICKET, KEY) + "x", KEY) is None


@given(st.text(max_size=120))
def test_whatever_is_scanned_is_no_error(scanned: str) -> None:
    assert seal.opened(scanned, KEY) is None
