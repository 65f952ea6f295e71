"""Who changed what, and why? Append-only."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from storage.columns import Instant


class Audit(SQLModel, table=True):
    """One change of state. Sealed in the order of ids: each hash covers the one before."""

    __table_args__ = (Index("audit_of_object", "kind", "object_id"),)

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Instant)
    person_id: int | None = Field(default=None, foreign_key="person.id")  # None: Kepu itself
    kind: str = Field(max_length=16)  # of the object: booking, session, strike …
    object_id: int
    action: str = Field(max_length=32)
    before: str = Field(default="", max_length=32)
    after: str = Field(default="", max_length=32)
    reason: str = Field(default="", max_length=200)
    seal: str | None = Field(default=None, max_length=64)  # SHA-256
