"""How are codes, chats and households spoken of?"""

from typing import Any

from handlers.profile.options import CHANNELS, DUTIES
from handlers.profile.words import lines
from handlers.texts import Day, Text, Value, _, from_json
from storage.codes import LASTS
from storage.models import Duty, Purpose

OWN_CODE = _("This is your own code. Please type it in the other chat.")
SAY_YES_THERE = _(
    "Now the chat that the code came from has to say yes too. It is asked there; "
    "if nothing comes, type “my chats” there."
)
SAY_YES_AT_HOME = _(
    "Now whoever gave you the code has to say yes too. They are asked; "
    "if nothing comes, they can type “my household”."
)
LINKED = _("Your chats are one now. What you begin in one goes on in the other.")
SHARED = _("You share a household now: each sees the same children and visits.")
NOT_LINKED = _("Then nothing is linked, and the code is used up.")
NOT_CONFIRMED = _("That was not confirmed on the other side, so nothing was changed.")
NOTHING_TO_ANSWER = _("There is nothing to say yes to any more.")
UNLINKED = _(
    "That chat is somebody new to Kepu now, and what was said there is deleted. "
    "Your visits and children stay with you here."
)
LEFT = _("You have left the household. Its children and visits stay with the others.")
SOMEBODY_LEFT = _("Somebody has left your household. The children and visits stay with you.")
GREEN = _("Your family has the green channel now: where places are kept for it, they are yours.")


def told(stored: Any) -> Text:
    """A sentence that was kept as JSON."""
    text = from_json(stored)
    assert isinstance(text, Text)
    return text


def channel(name: str) -> Value:
    """A channel as people call it."""
    return CHANNELS.get(name, name)


def link_code(code: str) -> Text:
    """What to do with a code that links a chat."""
    minutes = int(LASTS[Purpose.LINK].total_seconds()) // 60
    return lines(
        _("In your other chat with Kepu, type this within {n} minutes:", n=minutes),
        f"/link {code}",
        _("Both chats are then asked before they become one."),
    )


def household_code(code: str) -> Text:
    """What to do with a code for the other parent."""
    return lines(
        _("Give this to the other parent, to be typed in a chat with Kepu within 24 hours:"),
        f"/start {code}",
        _("You are then asked once more before you share children and visits."),
    )


def ask_to_link(name: str) -> Text:
    """What the chat is asked where the code was typed."""
    return _(
        "This joins this chat with another one ({channel}): both become the same person, with the "
        "same children, visits and everything else. Go on only if that chat is yours too.",
        channel=channel(name),
    )


def ask_to_share(name: str) -> Text:
    """What the other parent is asked."""
    return _(
        "This joins you with the family that gave you the code ({channel}): each then sees, books "
        "and cancels for the children and visits of both. Go on only if you know who it is.",
        channel=channel(name),
    )


def was_it_you(purpose: Purpose, name: str) -> Text:
    """What the giver of a code is asked once it was used."""
    if purpose is Purpose.LINK:
        return _(
            "Your code was typed in another chat ({channel}). Was this you? If you say yes, that "
            "chat and this one become one, with the same children and visits.",
            channel=channel(name),
        )
    return _(
        "Your code for the household was typed in a chat ({channel}). If you say yes, that person "
        "sees, books and cancels for your children and visits, and you for theirs.",
        channel=channel(name),
    )


def linked_chat(name: str, day: Day) -> Text:
    """A chat among those of a person."""
    return _("{channel}, last used {day}", channel=channel(name), day=day)


def joined_staff(role: Duty, base: Value, name: str) -> Text:
    """What administrators are told when an invitation was used."""
    return _(
        "{base}: an invitation was used on {channel}. New there: {duty}.",
        base=base,
        channel=channel(name),
        duty=DUTIES[role],
    )


def welcome(role: Duty, base: Value) -> Text:
    """What somebody is told who was given a role."""
    return lines(
        _("{base}: {duty}. This chat is known as yours from now on.", base=base, duty=DUTIES[role]),
        _("“/today” shows the visits of the day, “/checkin CODE” checks a family in."),
    )
