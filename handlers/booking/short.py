"""What can a family do where places are short: wait, wait for fewer, or go elsewhere?"""

from typing import Any

from handlers.booking import actions, deadlines, rules, waiting_words, waitlist, words
from handlers.booking.guests import Facts
from handlers.booking.party import Guests
from handlers.conversation.question import Option
from handlers.here import Here
from handlers.profile.words import lines
from handlers.texts import Text, _, as_json

JOIN, FEWER = "join", "fewer"
ON_THE_LIST = (JOIN, FEWER)


def why(facts: Facts, party: Guests) -> Text:
    """Why a party cannot just book, and what it can do."""
    return lines(
        words.short(facts.places_left, facts.wanted(party)),
        waiting_words.ahead(facts.waiting),
        _("Would you like to wait for places, or to take another session?"),
    )


def ways(here: Here, session: str, guests: Guests) -> list[Option]:
    """The waiting list, where it is open, and the nearest sessions that take the party."""
    offered = actions.bookable(here, session)
    rule = words.rules_of(offered)
    children = actions.children_coming(here, guests)
    party = rules.Party(tuple(map(actions.rules_child, children)), guests.adults)
    options: list[Option] = []
    if waitlist.is_open(offered, here.now):
        options.append(Option(JOIN, _("Join the waiting list")))
        fewest = rules.adults_allowed(rule, len(children)).start
        if rule.counts_adults and guests.adults > fewest:
            options.append(Option(FEWER, _("Join; fewer adults are fine")))
    options += [
        Option(
            each.public_id,
            words.session_instead(each, offered.base_public_id),
            words.session_note(each),
        )
        for each in actions.instead(here, offered, {offered.course_id}, party)
    ]
    if not options:
        raise actions.full(here, offered, party)
    return options


def price_of(here: Here, session: str) -> Any:
    """What a place costs there, in fen."""
    return actions.bookable(here, session).price_fen


def once_booked(here: Here, session: str) -> Any:
    """What has to be known before it is booked, for `texts_of`."""
    return [*map(as_json, deadlines.once_booked(actions.bookable(here, session), here.now))]
