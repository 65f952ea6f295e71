"""What can be taken back of a conversation, and what has to be forgotten for it?"""

from collections.abc import Callable
from typing import TypeAlias

from handlers.conversation.drive import Run
from handlers.conversation.question import Effect, FlowError, Question
from handlers.messages import Refused

WasTaken: TypeAlias = Callable[[Question], bool]


def go_back(run: Run, was_taken: WasTaken | None = None) -> str | None:
    """The question Back asks again, to be forgotten; None when there is none to go back to.

    `was_taken` tells of a question whose only option was taken unasked: it would be taken again at
    once, so it is passed over.
    """
    questions = _answered(run, was_taken)
    return questions[-1].name if questions else None


def changeable(run: Run, was_taken: WasTaken | None = None) -> list[Question]:
    """The questions Change offers: those with a title, answered since the last thing done."""
    return [each for each in _answered(run, was_taken) if each.title is not None]


def forgotten(run: Run, name: str) -> list[str]:
    """The stored names to delete so that the question `name` is asked again.

    Later answers stay, and are checked by `keeps`; a later look may have been made with this one.
    """
    names: list[str] = []
    for each, _, key in run.met:
        if each.name == name:
            names = [key]
            if isinstance(each, Question) and each.was and each.was != key:
                names.append(each.was)  # else the answer of its old name would stand up again
        elif names and isinstance(each, Effect) and each.is_look:
            names.append(key)
    return names


def asked_again(run: Run, refused: Refused, was_taken: WasTaken | None = None) -> str | None:
    """The question to forget when the pending effect refused; None when nothing can be changed.

    Where the effect's `ask_again` names a question that was taken unasked, the one before it.
    """
    effect = run.pending
    assert isinstance(effect, Effect)
    wanted = (name for kind, name in effect.ask_again.items() if isinstance(refused, kind))
    name = next(wanted, None)
    questions = _answered(run)
    names = [each.name for each in questions]
    if name is not None and name not in names:
        raise FlowError(
            f"{effect.name!r} asks {name!r} again when refused, which is not among the questions "
            f"that can be asked again: {', '.join(names) or 'none'}"
        )
    last = len(names) if name is None else names.index(name) + 1
    can_change = [each.name for each in questions[:last] if not _is_taken(each, was_taken)]
    return can_change[-1] if can_change else None


def _answered(run: Run, was_taken: WasTaken | None = None) -> list[Question]:
    """The questions whose answers can still be changed, in asked order."""
    since = [each for each, _, _ in run.met[run.barrier :] if isinstance(each, Question)]
    return [each for each in since if not _is_taken(each, was_taken)]


def _is_taken(question: Question, was_taken: WasTaken | None) -> bool:
    return question.takes_only and was_taken is not None and was_taken(question)
