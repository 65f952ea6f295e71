"""What happens when a family answers whether it comes?"""

from datetime import timedelta
from typing import Any

from handlers.booking import changes, deadlines
from handlers.booking.called_off_words import CANNOT
from handlers.booking.reminders import NO, SURE, YES, choices
from handlers.conversation.chat import Chat, conversation
from handlers.here import Here
from handlers.messages import Refused
from handlers.profile.actions import NotThere
from handlers.profile.rules import No
from handlers.telling import message_in
from handlers.texts import Text, _, plain, say
from storage import outbox, reminders
from storage.bookings import Visit
from storage.models import BookingState, Lane

CANCELLED = _("The visit is cancelled, and its places are free for others. Thank you.")


def answered(here: Here, given: str) -> Any:
    """Keep a family's answer; a no gives the places back at once. The words."""
    visit, answer = _meant(here, given)
    if visit.state is not BookingState.CONFIRMED:
        raise Refused(changes.NOT_BOOKED)
    return say(_answer(here, visit, answer), here.speaker.locale)


def _answer(here: Here, visit: Visit, answer: str) -> Text:
    if answer == CANNOT:
        changes.cancel_moved(here, visit)
        return CANCELLED
    reminders.answered(here.db, visit.id, is_coming=answer == YES)
    if answer == YES:
        return _("Thank you. We are looking forward to you.")
    verdict = deadlines.may_cancel(visit, here.now)
    if isinstance(verdict, No):
        contact = visit.phone or visit.base
        return _("{no} If you cannot come, please tell {base}.", no=verdict.why, base=contact)
    warning = deadlines.late_warning(visit, here.now)
    if warning is not None and answer == NO:
        _ask_again(here, visit)
        return warning
    changes.cancel(here, visit.public_id)
    return CANCELLED


def _ask_again(here: Here, visit: Visit) -> None:
    """Have whoever speaks asked, here, whether it is to be cancelled although it counts."""
    yes, no = _("No, we are coming"), _("Yes, cancel it")
    question = (
        _("Shall the visit be cancelled all the same?"),
        choices(visit, yes, no, SURE),
    )
    message = message_in(question, "reminder", here.speaker.locale)
    outbox.put(
        here.db,
        here.speaker.chat_id,
        message.as_json(),
        kind="reminder",
        lane=Lane.REMINDER,
        due_at=here.now,
        expires_at=visit.starts_at,
        once_key=f"late:{visit.id}:{int(here.now.timestamp())}:{here.speaker.chat_id}",
    )


def _meant(here: Here, given: str) -> tuple[Visit, str]:
    found = given.split()
    if len(found) != 2 or found[1] not in (YES, NO, SURE, CANNOT):
        raise NotThere
    return changes.visit_of(here, found[0]), found[1]


@conversation(
    "coming",
    command="coming",
    title=_("Are you coming?"),
    expires_after=timedelta(hours=12),
    is_beside=True,
)
async def answer_coming(chat: Chat) -> None:
    """One tap below a reminder."""
    chat.say(plain(await chat.do("answer", answered, chat.given)))
