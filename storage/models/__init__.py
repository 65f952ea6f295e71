"""Which tables are there? Fields only: no rules, no relations."""

from storage.models.attendance import Appeal, CheckIn, Rating, Strike, StrikeKind
from storage.models.audit import Audit
from storage.models.bookings import LIVE, LIVE_STATES, Booking, BookingChild, BookingState, EndedBy
from storage.models.chats import Conversation, Inbox, Lane, Outbox, OutboxState
from storage.models.people import Chat, Child, Code, Consent, Duty, Family, Person, Purpose, Role
from storage.models.policies import Policy, Refund, Step, Terms
from storage.models.ruled import IS_ITS_POLICY
from storage.models.venues import (
    Audience,
    Base,
    Course,
    Holiday,
    Pool,
    PoolName,
    Session,
    SessionState,
)
from storage.models.waiting import Offer, OfferState, Returned, Waiting

__all__ = [
    "IS_ITS_POLICY",
    "LIVE",
    "LIVE_STATES",
    "Appeal",
    "Audience",
    "Audit",
    "Base",
    "Booking",
    "BookingChild",
    "BookingState",
    "Chat",
    "CheckIn",
    "Child",
    "Code",
    "Consent",
    "Conversation",
    "Course",
    "Duty",
    "EndedBy",
    "Family",
    "Holiday",
    "Inbox",
    "Lane",
    "Offer",
    "OfferState",
    "Outbox",
    "OutboxState",
    "Person",
    "Policy",
    "Pool",
    "PoolName",
    "Purpose",
    "Rating",
    "Refund",
    "Returned",
    "Role",
    "Session",
    "SessionState",
    "Step",
    "Strike",
    "StrikeKind",
    "Terms",
    "Waiting",
]
