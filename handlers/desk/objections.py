"""How does a family object to a visit that counts against it?"""

from datetime import timedelta
from typing import Any

from handlers.conversation.chat import Chat, conversation
from handlers.conversation.question import Option
from handlers.conversation.readers import short_text
from handlers.desk import excuses, rules, words
from handlers.here import Here
from handlers.profile.words import lines, texts_of
from handlers.texts import _, as_json
from storage import checkins, strikes
from storage.strikes import Struck

WORDS_MAX = 300
LOOKED_BACK = timedelta(days=366)


def open_visits(here: Here) -> list[Option]:
    """The visits that the family may object to now, the newest first."""
    found = strikes.of_family(here.db, here.speaker.family_id, here.now - LOOKED_BACK)
    return [
        Option(each.visit, words.struck_visit(each))
        for each in reversed(found)
        if _why_not(here, each) is None
    ]


def meant(here: Here, given: str) -> dict[str, Any]:
    """The visit a button names, and why there is nothing to object to, as JSON."""
    booking_id = checkins.find(here.db, public_id=given) if given else None
    struck = None if booking_id is None else strikes.of_visit(here.db, booking_id)
    if struck is not None and struck.family_id == here.speaker.family_id:
        why = _why_not(here, struck)
        return {"visit": struck.visit, "why": why and as_json(why)}
    nothing = None if open_visits(here) else as_json(_("No visit of yours counts as missed."))
    return {"visit": "", "why": nothing}


def asked(here: Here, visit: str) -> Any:
    """The visit in words, as JSON."""
    labels = {option.value: option.label for option in open_visits(here)}
    return as_json(labels.get(visit, ""))


@conversation(
    "objection",
    command="object",
    words=("申诉", "object"),
    title=_("Object to a missed visit"),
    expires_after=timedelta(hours=12),
)
async def object_to(chat: Chat) -> None:
    """A family says in a line why a visit should not count."""
    found = await chat.look("meant", meant, given=chat.given)
    if found["why"] is not None:
        chat.say(lines(*texts_of([found["why"]])))
        return
    visit = found["visit"]
    if not visit:
        visit = await chat.choose("visit", _("Which visit?"), open_visits, takes_only=True)
    label = texts_of([await chat.look("label", asked, visit=visit)])
    said = await chat.ask(
        "words",
        lines(*label, _("What happened? Please tell the base in a line.")),
        short_text(WORDS_MAX),
    )
    await chat.do("object", excuses.object_to, visit, said)
    chat.say(_("Thank you. The base looks at it, and its answer comes here."))


def _why_not(here: Here, struck: Struck) -> Any:
    return rules.may_object(struck.appeal, excuses.until(struck), struck.time_zone, here.now)
