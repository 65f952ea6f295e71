"""Who can come to a session: which children, with whom, and why not the others?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from handlers.booking import actions, changes, deadlines, history, rules, waitlist, words
from handlers.booking.party import Guests, preset_value
from handlers.conversation.question import Option
from handlers.here import Here
from handlers.profile import consent
from handlers.profile.rules import CHILDREN_MAX, No
from handlers.profile.words import age_told, texts_of
from handlers.texts import Text, _, as_json
from storage import bookings, people
from storage.models import Audience
from storage.people import OfFamily
from storage.venues import Offered

ADULTS_ONLY = "adults"
WITH_CHILD = "children"  # children to be chosen, or to be told of
READ_AGAIN = "consent"
NEW_CHILD = "new"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a flow has to know of the chosen session and the family, to ask who comes."""

    session: rules.Session
    places_left: int
    price_fen: int
    base: str
    phone: str
    consent: consent.Status
    children: int  # known, and of the right age
    nicknames: list[str]  # of all children known
    cannot: list[Any]  # why the others cannot come, as JSON of texts
    can_wait: bool = False  # where places are short
    waiting: int = 0  # families before them
    grown: tuple[str, ...] = ()  # the public ids of children who may come without an adult
    once_booked: tuple[Any, ...] = ()  # to be known before booking, as JSON of texts

    @property
    def places(self) -> int:
        """The most who could come, be it after waiting."""
        most = self.session.party_max
        return most if self.can_wait else min(most, self.places_left)

    def must_wait(self, party: Guests) -> bool:
        """Whether places for the party can only be waited for."""
        return self.can_wait and self.wanted(party) > self.places_left

    def wanted(self, party: Guests) -> int:
        """How many places the party takes."""
        return party.places if self.session.counts_adults else party.children_count

    @property
    def is_public(self) -> bool:
        """Whether adults may come without a child."""
        return _takes_adults(self.session)

    @property
    def asks_who(self) -> bool:
        """Whether there is a choice of who comes, before children are told of one by one."""
        return self.is_public or self.nicknames != [] or self.consent == "refused"

    def reasons(self) -> list[Text]:
        """Why some children cannot come."""
        return texts_of(self.cannot)


_facts = TypeAdapter(Facts)


def facts_of(stored: Any) -> Facts:
    """What `party_facts` gave."""
    return _facts.validate_python(stored)


def party_facts(here: Here, session: str) -> Any:
    """What has to be known to ask who comes; read it by `facts_of`.

    Raises SessionClosed or SessionFull when not even the smallest party can come, or wait.
    """
    offered = actions.bookable(here, session)
    verdict = history.may_come_again(here, offered)
    if isinstance(verdict, No):
        raise actions.SessionClosed(verdict.why)
    can_wait = waitlist.is_open(offered, here.now)
    if not can_wait and offered.places_left < rules.smallest_party(words.rules_of(offered)):
        raise actions.full(here, offered, None)
    return _facts_of(here, offered, can_wait=can_wait)


def changing_facts(here: Here, visit: str) -> Any:
    """The same for a visit whose party changes. Raises Refused when it cannot."""
    return _facts_of(here, _changing(here, visit), can_wait=False)


def _facts_of(here: Here, offered: Offered, *, can_wait: bool) -> Any:
    rule = words.rules_of(offered)
    family = people.children_of(here.db, here.speaker.family_id)
    verdicts = [rules.may_attend(rule, actions.rules_child(child)) for child in family]
    cannot = [as_json(verdict.why) for verdict in verdicts if isinstance(verdict, No)]
    found = Facts(
        session=rule,
        places_left=offered.places_left,
        price_fen=offered.price_fen,
        base=offered.base,
        phone=offered.phone,
        consent=consent.status(here),
        children=len(family) - len(cannot),
        nicknames=[child.nickname for child in family],
        cannot=cannot,
        can_wait=can_wait,
        waiting=offered.waiting,
        grown=tuple(
            child.public_id
            for child in family
            if rules.may_come_alone(rule, actions.rules_child(child))
        ),
        once_booked=tuple(map(as_json, deadlines.once_booked(offered, here.now))),
    )
    return _facts.dump_python(found, mode="json")


def _takes_adults(session: rules.Session) -> bool:
    """Whether adults may come without a child."""
    return session.audience is Audience.PUBLIC and bool(rules.adults_allowed(session, 0))


def _changing(here: Here, visit: str) -> Offered:
    """The session of a visit, with the places that its party may have: those left and its own."""
    found, offered = changes.changing(here, visit)
    return offered._replace(places_left=offered.places_left + found.places)


def parties(here: Here, session: str, visit: str = "") -> list[Option]:
    """Who comes, by one tap: as last time, each child or all with an adult, adults, others.

    `visit`: the one of the session whose party changes.
    """
    offered = _changing(here, visit) if visit else actions.bookable(here, session)
    takes_adults = _takes_adults(words.rules_of(offered))
    adults = [Option(ADULTS_ONLY, _("Adults only"))] if takes_adults else []
    if consent.status(here) == "refused":
        return [*adults, Option(READ_AGAIN, _("With a child: read again what is kept"))]
    family = people.children_of(here.db, here.speaker.family_id)
    if not family:
        return [Option(WITH_CHILD, _("With a child")), *adults]
    can_be_others = len(family) < CHILDREN_MAX or _able(words.rules_of(offered), family)
    others = [Option(WITH_CHILD, _("Someone else…"))] if can_be_others else []
    return [*_presets(here, offered, family), *adults, *others]


def children(here: Here, session: str, visit: str = "") -> list[Option]:
    """The children who may come, and one more to be told of."""
    offered = _changing(here, visit) if visit else actions.bookable(here, session)
    family = people.children_of(here.db, here.speaker.family_id)
    options = [
        Option(child.public_id, child.nickname, age_told(child))
        for child in _able(words.rules_of(offered), family)
    ]
    if len(family) < CHILDREN_MAX:
        options.append(Option(NEW_CHILD, _("another child")))
    return options


def _presets(here: Here, offered: Offered, family: Sequence[OfFamily]) -> list[Option]:
    """Parties of known children that the session takes, each once, the last one first."""
    rule = words.rules_of(offered)
    able = {child.public_id: child for child in _able(rule, family)}
    adults = 0 if rule.audience is Audience.STUDENT_ONLY else 1
    wanted = [(adults, [each]) for each in able]
    if len(able) > 1:
        wanted.append((adults, [*able]))
    last = bookings.last_party(here.db, here.speaker.family_id)
    if last is not None and last[1]:
        wanted.insert(0, last)
    options: dict[str, Option] = {}
    for adults, ids in wanted:
        coming = [able[each] for each in ids if each in able]
        if len(coming) == len(ids) and _is_taken(here, offered, coming, adults):
            label = words.who([child.nickname for child in coming], adults)
            note = _("as last time") if (adults, ids) == last else ""
            value = preset_value(adults, ids)
            options.setdefault(value, Option(value, label, note))
    return list(options.values())


def _is_taken(here: Here, offered: Offered, children: Sequence[OfFamily], adults: int) -> bool:
    """Whether the session takes such a party, and has places for it or lets it wait for them."""
    rule = words.rules_of(offered)
    party = rules.Party(tuple(map(actions.rules_child, children)), adults)
    if isinstance(rules.may_come(rule, party), No):
        return False
    fits = rules.places(rule, party) <= offered.places_left
    return fits or waitlist.is_open(offered, here.now)


def _able(rule: rules.Session, family: Sequence[OfFamily]) -> list[OfFamily]:
    return [
        child
        for child in family
        if not isinstance(rules.may_attend(rule, actions.rules_child(child)), No)
    ]
