"""Who comes along, asked one question after the other?"""

from functools import partial

from handlers.booking import guests, rules
from handlers.booking.guests import Facts
from handlers.booking.party import Guests, NewChild, preset
from handlers.booking.readers import AgeFor, born_as_told
from handlers.conversation.chat import Chat
from handlers.conversation.question import Option
from handlers.conversation.readers import whole_number
from handlers.profile import consent
from handlers.profile.readers import NicknameUnlike
from handlers.profile.rules import CHILDREN_MAX
from handlers.profile.words import facts as in_a_row
from handlers.texts import Text, _, ngettext, plain

ANOTHER = (Option("no", _("No, that is all")), Option("yes", _("Yes, one more")))


async def party(chat: Chat, session: str, facts: Facts, visit: str = "") -> Guests | None:
    """Who comes to a session; None when that cannot be without consent, which was refused.

    `visit`: the family's visit whose party changes.
    """
    who = guests.WITH_CHILD
    if facts.asks_who:
        for reason in facts.reasons():
            chat.say(reason)
        if facts.consent == "refused":
            _say_other_ways(chat, facts)
        parties = partial(guests.parties, session=session, visit=visit)
        # Before there is consent the answer may not hold: a refusal leaves only the adults. Then
        # the summary names the children and adults that are told of later, not this.
        title = _("Who") if facts.consent == "given" else None
        who = await chat.choose("who", _("Who is coming?"), parties, title=title)
    if who != guests.ADULTS_ONLY and facts.consent != "given":
        answer = await chat.choose("consent", consent.TEXT, consent.ANSWERS)
        # Not `do`: a family may go back past it, and noting an answer twice changes nothing.
        await chat.look("consent.kept", consent.keep, answer=answer)
        if answer == consent.REFUSE:
            _say_other_ways(chat, facts)
            who = guests.ADULTS_ONLY
            if not facts.is_public:
                return None
    if who == guests.ADULTS_ONLY:
        return Guests(await _adults(chat, facts, 0))
    return preset(who) or await _children_and_adults(chat, session, facts, visit)


def _say_other_ways(chat: Chat, facts: Facts) -> None:
    desk = in_a_row(*filter(None, (facts.base, facts.phone)))
    chat.say(
        _(
            "Nothing of your child is kept. To come with a child, please ask at the desk: {desk}. "
            "If you change your mind, type “my details”.",
            desk=desk,
        )
    )


async def _children_and_adults(chat: Chat, session: str, facts: Facts, visit: str) -> Guests:
    with_one = rules.adults_allowed(facts.session, 1)
    adults = with_one.start if facts.session.counts_adults else 0
    room = min(facts.session.children_max, facts.places - adults)
    known: list[str] = []
    is_new = True
    if facts.children:
        picked = await chat.pick_many(
            "children",
            _("Which children are coming?"),
            partial(guests.children, session=session, visit=visit),
            at_most=room,
            title=_("Children"),
        )
        known = [each for each in picked if each != guests.NEW_CHILD]
        is_new = guests.NEW_CHILD in picked
    new: list[NewChild] = []
    if is_new:
        most = min(room - len(known), CHILDREN_MAX - len(facts.nicknames))
        new = await _new_children(chat, facts, most)
    are_grown = all(each in facts.grown for each in known) and all(
        _is_grown(facts, child) for child in new
    )
    adults = await _adults(chat, facts, len(known) + len(new), may_be_alone=are_grown)
    return Guests(adults, tuple(known), tuple(new))


def _is_grown(facts: Facts, child: NewChild) -> bool:
    """Whether a new child may come without an adult, by what is told of it."""
    told = rules.Child(child.nickname, born_as_told(child.age, facts.session.day))
    return rules.may_come_alone(facts.session, told)


async def _new_children(chat: Chat, facts: Facts, most: int) -> list[NewChild]:
    """Children told of one by one; nothing is kept until the visit is booked, so Back works."""
    children: list[NewChild] = []
    for n in range(1, most + 1):
        name = await chat.ask(
            f"child.{n}.name",
            _("What is the child’s nickname?"),
            NicknameUnlike([*facts.nicknames, *(child.nickname for child in children)]),
            title=_("Child {n}", n=n),
        )
        age = await chat.ask(
            f"child.{n}.birth",
            _("In which month was {child} born? The school grade will do too.", child=name),
            AgeFor(facts.session, name),
            title=plain(name),
        )
        children.append(NewChild(name, age))
        if n < most:
            more = await chat.choose(f"child.{n}.more", _("Is another child coming?"), ANOTHER)
            if more == "no":
                break
    return children


async def _adults(chat: Chat, facts: Facts, children: int, *, may_be_alone: bool = False) -> int:
    """How many adults; not asked where only one number is possible."""
    allowed = rules.adults_allowed(facts.session, children, may_be_alone=may_be_alone)
    most = allowed.stop - 1
    if facts.session.counts_adults:
        if facts.places_left - children < most and facts.places_left:  # say why there are fewer
            chat.say(_left(facts))
        most = min(most, facts.places - children)
    if most <= allowed.start:
        return allowed.start
    return await chat.ask(
        "adults",
        _("How many adults are coming?"),
        whole_number(allowed.start, most),
        title=_("Adults"),
    )


def _left(facts: Facts) -> Text:
    left = ngettext(
        "Only {n} place is left in this session.",
        "Only {n} places are left in this session.",
        facts.places_left,
    )
    return _("{left} For more you can wait.", left=left) if facts.can_wait else left
