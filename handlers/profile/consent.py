"""What is a guardian asked before anything of a child is kept, and what did they answer?"""

from hashlib import sha256
from typing import Literal, TypeAlias

from handlers.conversation.question import Option
from handlers.here import Here
from handlers.messages import Refused
from handlers.texts import _, say
from storage import people
from storage.db import Later
from storage.models import Consent

PURPOSE = "children"
VERSION = "2026-11.2"  # to be raised with every change of TEXT: everybody is then asked anew

TEXT = _(
    "To book for a child, Kepu keeps a nickname and the month of birth or the grade. "
    "No real name, no ID number, no photo.\n"
    "What for: to check the age limits of sessions, and to offer you your children next time.\n"
    "Who sees it: in this chat, only you. A base sees how many children come, not who.\n"
    "How long: until you remove it. Type “my details” at any time to see, correct or remove it, "
    "or to withdraw your consent.\n"
    "Questions: type “human” for the telephone numbers of the bases.\n"
    "Are you the child’s guardian, and do you agree?"
)
AGREE, REFUSE = "agree", "refuse"
ANSWERS = (
    Option(AGREE, _("I agree")),
    Option(REFUSE, _("I do not agree")),
)

Status: TypeAlias = Literal["given", "refused", "none"]


class ConsentMissing(Refused):
    """Something of a child was to be kept without its guardian's consent."""

    def __init__(self) -> None:
        super().__init__(_("Nothing of a child is kept without your consent."))


def status(here: Here) -> Status:
    """What the family answered: "none" also when it agreed to an older text.

    A refusal stands whatever the text: nobody is asked again who did not ask for it.
    """
    return told(ask(here))


def ask(here: Here) -> Later[people.Answer]:
    """Ask for the family's answer; `told` reads it later."""
    return people.ask_consent(here.db, here.speaker.family_id, PURPOSE)


def told(asked: Later[people.Answer]) -> Status:
    """The `status` that was asked for."""
    newest = asked.first()
    if newest is None:
        return "none"
    if not newest.is_given:
        return "refused"
    return "given" if newest.version == VERSION else "none"


def keep(here: Here, answer: str) -> Status:
    """Note an answer to TEXT as it was shown, once; what holds from now on."""
    wanted: Status = "given" if answer == AGREE else "refused"
    if status(here) != wanted:
        people.add_consent(
            here.db,
            Consent(
                person_id=here.speaker.person_id,
                purpose=PURPOSE,
                version=VERSION,
                text_hash=sha256(say(TEXT, here.speaker.locale).encode()).hexdigest(),
                is_given=answer == AGREE,
                channel=here.speaker.channel,
                at=here.now,
            ),
        )
    return wanted


def require(here: Here, asked: Later[people.Answer] | None = None) -> None:
    """Raise ConsentMissing unless the family's consent holds. `asked`: when it was asked before."""
    if told(asked or ask(here)) != "given":
        raise ConsentMissing
