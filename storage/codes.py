"""Who was given a one-use code, what is it good for, and was it used?

Only the SHA-256 of a code is kept. An expired, an unknown and a used code are the same: not there.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple
from unicodedata import normalize

from sqlalchemy import bindparam, delete, func, or_, select, update
from sqlmodel import col

from storage import audit
from storage.db import Db
from storage.models import Audit, Code, Duty, Purpose
from storage.statements import Command, Query, scalar

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is taken for another
LENGTH = 8  # 30^8: guessing at the rate below takes longer than any code lasts
LASTS = {
    Purpose.LINK: timedelta(minutes=10),
    Purpose.HOUSEHOLD: timedelta(hours=24),
    Purpose.TICKET: timedelta(days=2),
    Purpose.GREEN: timedelta(days=30),
    Purpose.INVITE: timedelta(hours=24),
}
ANSWERED_WITHIN = timedelta(hours=24)  # the giver's yes to the use of a code
REFERENCE_LENGTH = 32  # of 64 hexadecimal digits
KEPT_AFTER_END = timedelta(days=30)
TRIES_MAX = 10  # failed ones of a person in TRIES_WITHIN
TRIES_WITHIN = timedelta(hours=1)
_FAILED = "code.failed"


class Asked(NamedTuple):
    """A code to join somebody that was used, and that its giver has yet to say yes or no to."""

    id: int
    reference: str  # names it in a button; nobody can make the code of it
    purpose: Purpose
    used_by_id: int


class Kept(NamedTuple):
    """What is kept of a code."""

    id: int
    purpose: Purpose
    person_id: int | None  # who gave it
    booking_id: int | None
    base_id: int | None
    duty: Duty | None
    used_by_id: int | None
    used_at: datetime | None


_KEPT = (
    col(Code.id), col(Code.purpose), col(Code.person_id), col(Code.booking_id), col(Code.base_id),
    col(Code.duty), col(Code.used_by_id), col(Code.used_at),
)  # fmt: skip
_IS_CODE = col(Code.code_hash) == bindparam("hash")
_IS_GOOD = (_IS_CODE, col(Code.used_at).is_(None), col(Code.expires_at) > bindparam("now"))

_PEEK = Query(select(*_KEPT).where(*_IS_GOOD), into=Kept)
_USE = Query(
    update(Code)
    .where(*_IS_GOOD)
    .values(used_at=bindparam("now"), used_by_id=bindparam("new_user"))
    .returning(*_KEPT),
    into=Kept,
)
_OPENED = Query(
    select(col(Code.booking_id)).where(_IS_CODE, col(Code.used_by_id) == bindparam("person")),
    into=scalar,
)
_ASKED = Query(
    select(col(Code.id), col(Code.code_hash), col(Code.purpose), col(Code.used_by_id))
    .where(
        col(Code.person_id) == bindparam("person"),
        col(Code.used_at).is_not(None),
        col(Code.used_at) > bindparam("after"),
        col(Code.used_by_id) != col(Code.person_id),  # both became one by another code
        or_(col(Code.purpose) == Purpose.LINK, col(Code.purpose) == Purpose.HOUSEHOLD),
    )
    .order_by(col(Code.id)),
    into=lambda code_id, code_hash, purpose, used_by: Asked(
        code_id, code_hash[:REFERENCE_LENGTH], purpose, used_by
    ),
)
_TAKE_BACK = Command(
    delete(Code).where(
        col(Code.person_id) == bindparam("person"),
        col(Code.purpose) == bindparam("purpose"),
        col(Code.used_at).is_(None),
    )
)
_DROP = Command(delete(Code).where(col(Code.id) == bindparam("code")))
_FORGET_OF = Command(
    delete(Code).where(
        or_(col(Code.person_id) == bindparam("person"), col(Code.used_by_id) == bindparam("person"))
    )
)
_FORGET = Command(delete(Code).where(col(Code.expires_at) < bindparam("before")))
_TRIES = Query(
    select(func.count()).select_from(Audit).where(
        col(Audit.kind) == "person",
        col(Audit.object_id) == bindparam("person"),
        col(Audit.action) == _FAILED,
        col(Audit.at) > bindparam("after"),
    ),
    into=scalar,
)  # fmt: skip


def read(words: str) -> str:
    """The eight letters of a code as it was typed or opened; "" when it is none."""
    letters = normalize("NFKC", words).upper().translate(_BETWEEN)
    is_code = len(letters) == LENGTH and set(letters) <= set(ALPHABET)
    return letters if is_code else ""


def give(
    db: Db,
    purpose: Purpose,
    now: datetime,
    *,
    person_id: int | None = None,
    booking_id: int | None = None,
    base_id: int | None = None,
    duty: Duty | None = None,
) -> str:
    """Make a code, shown "K7MW-2QRT" and never again. `person_id`: who gives it."""
    db.change(_FORGET, before=now - KEPT_AFTER_END)
    letters = "".join(secrets.choice(ALPHABET) for _letter in range(LENGTH))
    db.insert(
        Code(
            code_hash=_hash(letters),
            purpose=purpose,
            person_id=person_id,
            booking_id=booking_id,
            base_id=base_id,
            duty=duty,
            expires_at=now + LASTS[purpose],
        )
    )
    return f"{letters[:4]}-{letters[4:]}"


def peek(db: Db, code: str, now: datetime) -> Kept | None:
    """What a code is good for; None when it cannot be used, for whatever reason."""
    return db.first(_PEEK, hash=_hash(read(code)), now=now)


def use(db: Db, code: str, person_id: int, now: datetime) -> Kept | None:
    """Use a code, once for ever; None when it cannot be used, for whatever reason."""
    return db.first(_USE, hash=_hash(read(code)), now=now, new_user=person_id)


def asked(db: Db, giver_id: int, now: datetime) -> list[Asked]:
    """The uses of a person's codes that wait for the person's yes, the first code first."""
    return db.all(_ASKED, person=giver_id, after=now - ANSWERED_WITHIN)


def opened_by(db: Db, code: str, person_id: int) -> int | None:
    """The booking whose ticket this person opened with a code."""
    return db.first(_OPENED, hash=_hash(read(code)), person=person_id)


def reference(code: str) -> str:
    """What names a used code: see `Asked`."""
    return _hash(read(code))[:REFERENCE_LENGTH]


def failed(db: Db, person_id: int, now: datetime) -> None:
    """Note that a person tried a code that cannot be used."""
    audit.note(db, "person", person_id, _FAILED, now)


def may_try(db: Db, person_id: int, now: datetime) -> bool:
    """Whether a person may try a code: not after too many that could not be used."""
    tries = db.first(_TRIES, person=person_id, after=now - TRIES_WITHIN) or 0
    return int(tries) < TRIES_MAX


def take_back(db: Db, person_id: int, purpose: Purpose) -> None:
    """Drop the codes of one kind that a person gave and nobody used: a new one ends the old."""
    db.change(_TAKE_BACK, person=person_id, purpose=purpose)


def drop(db: Db, code_id: int) -> bool:
    """Drop a code whose use was answered for; False when somebody else did."""
    return db.change(_DROP, code=code_id) == 1


def forget_of(db: Db, person_id: int) -> None:
    """Drop every code that a person gave or used."""
    db.change(_FORGET_OF, person=person_id)


def _hash(letters: str) -> str:
    return hashlib.sha256(letters.encode()).hexdigest()


_BETWEEN = str.maketrans("", "", "-–—‐‑ \t ·.")  # what people and messengers put between
