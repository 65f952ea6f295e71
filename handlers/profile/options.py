"""What is kept about a family, and what can it do about it?"""

from typing import Any

from handlers.conversation.question import Option
from handlers.here import Here
from handlers.profile import consent
from handlers.profile.actions import HOME_ZONE, NotThere
from handlers.profile.rules import CHILDREN_MAX
from handlers.profile.words import age_told, facts
from handlers.texts import Day, Text, Value, _, as_json, ngettext
from storage import bookings, feeds, households, people, roles, venues
from storage.bookings import Visit
from storage.models import BookingState, Duty
from storage.people import Known, OfFamily
from storage.venues import Desk

ADD, DATA, WITHDRAW, ERASE = "add", "data", "withdraw", "erase"
RENAME, CORRECT, REMOVE = "rename", "correct", "remove"

VISITS_TOLD_MAX = 10
DESKS_MAX = 5

CHILD_CHANGES = (
    Option(RENAME, _("Another nickname")),
    Option(CORRECT, _("Correct month or grade")),
    Option(REMOVE, _("Remove this child")),
)
LANGUAGES = {"zh_CN": "中文", "en": "English"}  # each as its speakers call it
DUTIES = {
    Duty.DESK: _("Desk"),
    Duty.COORDINATOR: _("Coordinator"),
    Duty.LEAD: _("Lead"),
    Duty.ADMIN: _("Administrator"),
}
CHANNELS = {"web": _("web chat"), "telegram": _("Telegram"), "wechat": _("WeChat")}


def details(here: Here) -> list[Option]:
    """The children, and what can be done beside."""
    family = people.children_of(here.db, here.speaker.family_id)
    options = [Option(child.public_id, child.nickname, age_told(child)) for child in family]
    if len(family) < CHILDREN_MAX:
        options.append(Option(ADD, _("Add a child")))
    options.append(Option(DATA, _("See all that is kept")))
    if consent.status(here) == "given":
        options.append(Option(WITHDRAW, _("Withdraw my consent")))
    return [*options, Option(ERASE, _("Delete everything"))]


def nickname_of(here: Here, child: str) -> str:
    """What a child of the family is called. Raises NotThere."""
    for each in people.children_of(here.db, here.speaker.family_id):
        if each.public_id == child:
            return each.nickname
    raise NotThere


def nicknames(here: Here, beside: str = "") -> list[str]:
    """What the children of the family are called, `beside` one of them."""
    family = people.children_of(here.db, here.speaker.family_id)
    return [child.nickname for child in family if child.public_id != beside]


def shares_household(here: Here) -> bool:
    """Whether somebody else belongs to the family."""
    return len(households.people_of(here.db, here.speaker.family_id)) > 1


def everything(here: Here) -> list[Any]:
    """All that is kept about the family, a sentence each, for `words.texts_of`."""
    family_id = here.speaker.family_id
    said = [
        _("Language: {language}", language=LANGUAGES[here.speaker.locale]),
        *map(_chat, people.known(here.db, family_id)),
        _consent(here),
        *map(_child, people.children_of(here.db, family_id)),
        *_more(here),
        *_visits(bookings.every(here.db, family_id)),
    ]
    return [as_json(each) for each in said]


def desks(here: Here) -> list[Any]:
    """Where people can be reached: at the bases the family visits, else at any, as texts."""
    known = venues.desks_visited(here.db, here.speaker.family_id, DESKS_MAX)
    known = known or venues.desks(here.db, DESKS_MAX)
    if not known:
        heading = _("Kepu knows no base yet, so there is nobody to name.")
    elif with_phone := [desk for desk in known if desk.phone]:
        known = with_phone  # the others could not be reached from here
        heading = _("People at the bases will help you:")
    else:
        heading = _("Kepu knows no telephone number of a base. Please ask at its desk:")
    return [as_json(each) for each in (heading, *map(_desk, known))]


def _desk(desk: Desk) -> Text:
    return facts(*filter(None, (desk.name, desk.phone, desk.address or desk.district)))


def _chat(known: Known) -> Text:
    return ngettext(
        "Chat: {channel}, since {day}, {n} message",
        "Chat: {channel}, since {day}, {n} messages",
        known.messages,
        channel=CHANNELS.get(known.channel, known.channel),
        day=Day(known.created_at.astimezone(HOME_ZONE).date()),
    )


def _consent(here: Here) -> Text:
    answer = people.consent(here.db, here.speaker.family_id, consent.PURPOSE)
    if answer is None:
        return _("Consent to keep details of children: never asked")
    day = Day(answer.at.astimezone(HOME_ZONE).date())
    if answer.is_given:
        return _(
            "Consent to keep details of children: given on {day}, text {version}",
            day=day,
            version=answer.version,
        )
    return _("Consent to keep details of children: refused or withdrawn on {day}", day=day)


def _more(here: Here) -> list[Text]:
    """What is kept of those who do something for a base, or have their visits in a calendar."""
    held = roles.held_by(here.db, here.speaker.person_id)
    said = [_("Role: {duty}", duty=DUTIES[each.duty]) for each in held]
    if feeds.has(here.db, here.speaker.person_id):
        said.append(_("An address for your calendar"))
    return said


def _child(child: OfFamily) -> Text:
    return _("Child: {child}", child=facts(child.nickname, age_told(child)))


def _visits(visits: list[Visit]) -> list[Text]:
    """The newest visits, and how many there are beside."""
    said = [_visit(visit) for visit in visits[-VISITS_TOLD_MAX:]]
    more = len(visits) - len(said)
    if more > 0:
        said.append(ngettext("and {n} older visit", "and {n} older visits", more))
    return said


def _visit(visit: Visit) -> Text:
    day: Value = Day(visit.starts_at.astimezone(HOME_ZONE).date())
    places = ngettext("{n} place", "{n} places", visit.adults + visit.children)
    is_off = visit.state is BookingState.CANCELLED
    said = facts(day, visit.base, visit.course, places, *([_("cancelled")] if is_off else []))
    return _("Visit: {visit}", visit=said)
