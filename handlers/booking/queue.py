"""How does a family get on a waiting list, answer an offer, and leave?"""

from datetime import datetime
from typing import Any

from handlers.booking import actions, returns, rules, waiting_words, waitlist, words
from handlers.booking.party import Guests
from handlers.here import Here
from handlers.messages import Refused
from handlers.profile.actions import NotThere
from handlers.telling import tell_family
from handlers.texts import Text, _, ngettext, say
from storage import audit, bookings, people, pools, transitions, waiting
from storage.bookings import Visit
from storage.db import Db
from storage.failpoints import reached
from storage.models import BookingState, EndedBy, OfferState
from storage.waiting import Offered, Wish

WAITING, OFFERED, CONFIRMED = (
    BookingState.WAITING,
    BookingState.OFFERED,
    BookingState.CONFIRMED,
)


class PlacesFree(Refused):
    """There are places for the party: nobody has to wait."""


def join(here: Here, session: str, guests: Guests, *, takes_fewer: bool = False) -> Any:
    """Wait for places for a whole party, or for its children with fewer adults. The words.

    Raises SessionClosed, PlacesFree, or Refused when the party cannot come or the list is full.
    """
    offered = actions.bookable(here, session)
    children = actions.children_coming(here, guests)
    party = rules.Party(tuple(actions.rules_child(child) for child in children), guests.adults)
    rule = words.rules_of(offered)
    actions.refuse(rules.may_come(rule, party))
    pool = pools.lock(here.db, offered.pool_id)
    if pool.capacity - pool.held - pool.offered - pool.confirmed >= rules.places(rule, party):
        raise PlacesFree(_("There are places for you now: nobody has to wait."))
    terms = offered.terms
    if waitlist.stands_until(here.now, offered.starts_at, terms, offered.time_zone) is None:
        raise Refused(_("It is too late for the waiting list of this session."))
    if pool.waiting >= offered.waiting_max:
        raise Refused(_("The waiting list of this session is full."))
    if waiting.lists_of(here.db, here.speaker.family_id) >= terms.wait_max:
        raise Refused(
            ngettext(
                "You are on {n} waiting list already. To leave it, type “my visits”.",
                "You are on {n} waiting lists already. To leave one, type “my visits”.",
                terms.wait_max,
            )
        )
    visit = actions.store(here, offered, party, actions.kept(here, children), WAITING)
    fewest = rules.adults_allowed(rule, len(children)).start + len(children)
    wish = Wish(
        places=visit.places,
        least=min(max(fewest, 1), visit.places) if takes_fewer else visit.places,
        priority=people.priority_of(here.db, here.speaker.family_id),
    )
    waiting.join(here.db, visit.id, offered.pool_id, wish, here.now)
    pools.shift(here.db, offered.pool_id, waiting=1)
    returns.places_came(here.db, offered.pool_id, here.now, here.home_locale)
    reached("after_effect")
    text = waiting_words.joined(visit, waiting.ahead_of(here.db, visit.id))
    return say(text, here.speaker.locale)


def accept(here: Here, offer: str) -> Any:
    """Take the places offered. The card, for `words.retold`. Raises Refused when it is too late."""
    found = _standing(here, offer)
    pools.lock(here.db, found.pool_id)
    if found.expires_at <= here.now or not waiting.end_offer(
        here.db, found.id, OfferState.ACCEPTED, here.now
    ):
        raise Refused(_over(here, offer))
    became = transitions.become(here.db, found.booking_id, (OFFERED, CONFIRMED), here.now)
    assert became, "a live offer's visit is offered"
    pools.shift(here.db, found.pool_id, offered=-found.places, confirmed=found.places)
    fewer = found.places_wanted - found.places
    if fewer:
        transitions.leave_at_home(here.db, found.booking_id, fewer, here.now)
    _note(here, found, "accept", CONFIRMED)
    reached("after_effect")
    visit = bookings.by_id(here.db, found.booking_id)
    assert visit is not None
    return words.told(words.booked(visit, here.now), visit, here.speaker.locale)


def decline(here: Here, offer: str) -> None:
    """Let the places go and leave the list. Raises Refused when it is too late."""
    found = _standing(here, offer)
    pools.lock(here.db, found.pool_id)
    if not waiting.end_offer(here.db, found.id, OfferState.DECLINED, here.now):
        raise Refused(_over(here, offer))
    _leave_list(here, found)
    _note(here, found, "decline", BookingState.CANCELLED)
    returns.places_came(here.db, found.pool_id, here.now, here.home_locale)


def leave(here: Here, visit: Visit) -> None:
    """Leave a waiting list, with what may be offered there. Raises Refused when not on it."""
    pools.lock(here.db, visit.pool_id)
    offer = waiting.live_offer(here.db, visit.id)
    if offer is not None:
        waiting.end_offer(here.db, offer.id, OfferState.REVOKED, here.now)
        _leave_list(here, offer)
    elif transitions.become(
        here.db, visit.id, (WAITING, BookingState.CANCELLED), here.now, EndedBy.FAMILY
    ):
        pools.shift(here.db, visit.pool_id, waiting=-1)
    else:
        raise Refused(_("You are no longer on this waiting list, so nothing was changed."))
    audit.note(
        here.db,
        "booking",
        visit.id,
        "leave",
        here.now,
        person_id=here.speaker.person_id,
        before=visit.state,
        after=BookingState.CANCELLED,
    )
    returns.places_came(here.db, visit.pool_id, here.now, here.home_locale)


def expire(db: Db, offer: Offered, now: datetime, locale: str) -> None:
    """End an offer that nobody took in time; once, its family goes to the end of the list."""
    pool = pools.lock(db, offer.pool_id)
    if not waiting.end_offer(db, offer.id, OfferState.EXPIRED, now):
        return
    pools.shift(db, offer.pool_id, offered=-offer.places)
    closes_at = waitlist.closing(pool.starts_at, pool.terms)
    if offer.offers < pool.terms.offers_max and now < closes_at:
        became = transitions.become(db, offer.booking_id, (OFFERED, WAITING), now)
        waiting.to_the_tail(db, offer.booking_id, offer.pool_id)
        pools.shift(db, offer.pool_id, waiting=1)
        audit.note(db, "booking", offer.booking_id, "requeue", now, before=OFFERED, after=WAITING)
        _tell(db, offer.booking_id, f"requeue:{offer.id}", now, locale, is_over=False)
    else:
        became = _end(db, offer.booking_id, OFFERED, now, locale)
    assert became, "a live offer's visit is offered"
    returns.places_came(db, offer.pool_id, now, locale)


def close(db: Db, pool_id: int, now: datetime, locale: str) -> None:
    """End a waiting list whose time is over: what was kept for it is everybody's."""
    pool = pools.lock(db, pool_id)
    for entry in waiting.queue(db, pool_id):
        if _end(db, entry.booking_id, WAITING, now, locale):
            pools.shift(db, pool_id, waiting=-1)
    if pool.held:
        pools.shift(db, pool_id, held=pools.unreleased(db, pool_id) - pool.held)


def newest(here: Here) -> str | None:
    """The offer that a bare "yes" speaks of: the only live one of the family, else its newest."""
    offers = waiting.newest_offers(here.db, here.speaker.family_id, most=5)
    live = [each for each in offers if each.state is OfferState.LIVE]
    if len(live) > 1:
        return None
    return (live or offers)[0].public_id if offers else None


def _standing(here: Here, offer: str) -> Offered:
    found = waiting.offer_for(here.db, here.speaker.family_id, offer)
    if found is None:
        raise NotThere
    if found.state is not OfferState.LIVE:
        raise Refused(_over(here, offer))
    return found


def _over(here: Here, offer: str) -> Text:
    """Why an offer can no longer be answered."""
    found = waiting.offer_for(here.db, here.speaker.family_id, offer)
    if found is not None and found.state is OfferState.ACCEPTED:
        return _("You have taken these places already. Type “my visits” to see them.")
    if found is not None and found.state is OfferState.DECLINED:
        return _("You have declined these places already.")
    return _("These places have gone to the next family, as their time was over.")


def _leave_list(here: Here, offer: Offered) -> None:
    states = (OFFERED, BookingState.CANCELLED)
    became = transitions.become(here.db, offer.booking_id, states, here.now, EndedBy.FAMILY)
    assert became, "a live offer's visit is offered"
    pools.shift(here.db, offer.pool_id, offered=-offer.places)


def _note(here: Here, offer: Offered, action: str, after: BookingState) -> None:
    audit.note(
        here.db,
        "booking",
        offer.booking_id,
        action,
        here.now,
        person_id=here.speaker.person_id,
        before=OFFERED,
        after=after,
    )


def _end(db: Db, booking_id: int, before: BookingState, now: datetime, locale: str) -> bool:
    """End somebody's waiting, and tell them; False when they no longer waited."""
    after = BookingState.EXPIRED
    if not transitions.become(db, booking_id, (before, after), now, EndedBy.CLOCK):
        return False
    audit.note(db, "booking", booking_id, "expire", now, before=before, after=after)
    _tell(db, booking_id, f"unwait:{booking_id}", now, locale, is_over=True)
    return True


def _tell(
    db: Db, booking_id: int, once_key: str, now: datetime, locale: str, *, is_over: bool
) -> None:
    visit = bookings.by_id(db, booking_id)
    assert visit is not None
    if is_over:
        text = waiting_words.closed(visit)
    else:
        text = waiting_words.asked_again(visit, waiting.ahead_of(db, booking_id))
    tell_family(
        db, visit.family_id, (text, ()), kind="waiting", once_key=once_key, now=now, locale=locale
    )
