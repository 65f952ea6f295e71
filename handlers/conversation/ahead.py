"""What did somebody say beside, or instead of, the answer to the open question?"""

from handlers.conversation.chat import Conversation
from handlers.conversation.drive import Run
from handlers.conversation.hints import Answered, Filled, Narrowed, foreseen
from handlers.conversation.progress import CHANGE, Progress
from handlers.conversation.question import OpenPrompt, Question
from handlers.conversation.render import opened
from handlers.conversation.revise import changeable
from handlers.messages import Refused

_TAKES_MORE = frozenset({"choose", "date", "confirm"})  # where words are no value by themselves


def filled_by(progress: Progress, conversation: Conversation | None, words: str) -> Filled:
    """What the words say of a conversation's answers."""
    if conversation is None or conversation.fills is None or not words:
        return Filled()
    return conversation.fills(progress.here, words, progress.today)


def wished_by(progress: Progress, words: str) -> tuple[Conversation, Filled] | None:
    """The conversation that words begin by answering its questions, though they do not name it."""
    for conversation in progress.menu.by_name.values():
        filled = filled_by(progress, conversation, words)
        if filled.starts:
            return conversation, filled
    return None


def whole_prompt(progress: Progress, question: Question) -> OpenPrompt | None:
    """The open question with all of its options, when some were left out; else None.

    It has no list that was seen, so a number is no place in it.
    """
    prompt = progress.prompt
    if prompt is None or not prompt.is_narrowed or question.name == CHANGE:
        return None
    try:
        return opened(question, progress.options_of(question), prompt.token)
    except Refused:
        return None


def keep_more(progress: Progress, question: Question, words: str) -> None:
    """Keep what words that answer the question say of later ones, as "周六下午" does of a day."""
    filled = filled_by(progress, progress.conversation, words)
    answered = {question.name, *progress.answers}
    hints = {name: each for name, each in filled.hints.items() if name not in answered}
    progress.hints.keep(Filled(hints))


def takes_more(progress: Progress, run: Run, question: Question, words: str) -> bool:
    """Whether words that are no answer speak of this question, later ones, or answered ones.

    What they say is kept, and an answer that they contradict is forgotten, as by Change. A single
    hint for a later question does not do: more likely the words were misunderstood.
    """
    if question.kind not in _TAKES_MORE or question.name == CHANGE:
        return False
    filled = filled_by(progress, progress.conversation, words)
    contradicted = [
        each.name
        for each in changeable(run, progress.was_taken)
        if _contradicts(filled, each.name, progress)
    ]
    helps = _helps(progress, question, filled)
    if not (contradicted or helps or (filled.starts and question.kind != "confirm")):
        return False
    for name in contradicted:
        progress.drop(run, name)
    hints = {name: each for name, each in filled.hints.items() if name not in progress.answers}
    progress.hints.keep(Filled(hints))
    return True


def _contradicts(filled: Filled, name: str, progress: Progress) -> bool:
    """Whether a recorded answer is none of those that were just wished."""
    wished = {value for hint in filled.hints.get(name, ()) for value in hint.values}
    answer = progress.answers.get(name)
    if not wished or answer is None:
        return False
    values = answer.value if isinstance(answer.value, list) else [answer.value]
    return not wished.issuperset(values)


def _helps(progress: Progress, question: Question, filled: Filled) -> bool:
    """Whether what was said answers or shortens the question that is open."""
    hints = filled.hints.get(question.name, ())
    if not hints:
        return False
    try:
        options = progress.options_of(question)
    except Refused:
        return False
    return isinstance(foreseen(question, options, hints, progress.today), Answered | Narrowed)
