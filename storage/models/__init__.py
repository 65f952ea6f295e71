"""Which tables are there? Fields only: no rules, no relations."""

from storage.models.bookings import LIVE, Booking, BookingChild, BookingState
from storage.models.chats import Conversation, Inbox, Lane, Outbox, OutboxState
from storage.models.people import Chat, Child, Consent, Family, Person
from storage.models.venues import (
    Audience,
    Base,
    Course,
    Policy,
    Pool,
    PoolName,
    Session,
    SessionState,
)

__all__ = [
    "LIVE",
    "Audience",
    "Base",
    "Booking",
    "BookingChild",
    "BookingState",
    "Chat",
    "Child",
    "Consent",
    "Conversation",
    "Course",
    "Family",
    "Inbox",
    "Lane",
    "Outbox",
    "OutboxState",
    "Person",
    "Policy",
    "Pool",
    "PoolName",
    "Session",
    "SessionState",
]
