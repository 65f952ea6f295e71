"""What did somebody say beside, or instead of, the answer to the open question?"""

from handlers.conversation.answers import Picked, Recognised, Unclear, recognise
from handlers.conversation.chat import Conversation
from handlers.conversation.drive import Run
from handlers.conversation.hints import (
    NOTED,
    Answered,
    Filled,
    Foreseen,
    Narrowed,
    agrees,
    foreseen,
)
from handlers.conversation.progress import CHANGE, Progress
from handlers.conversation.question import Question, Said
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


def look_further(
    progress: Progress, run: Run, question: Question, words: str, result: Recognised
) -> Recognised | list[Said]:
    """What typed words mean beyond the options shown; a list is to be said before going on."""
    if isinstance(result, Unclear):
        result = _among_all(progress, question, words) or result
    if isinstance(result, Unclear) and (filled := _take_more(progress, run, question, words)):
        is_told = isinstance(_foreseen(progress, question, filled), Answered)  # by "As you said"
        return [Said(each) for each in filled.notes or (() if is_told else (NOTED,))]
    if isinstance(result, Picked) and question.kind == "date":
        _keep_more(progress, question, words)
    return result


def _among_all(progress: Progress, question: Question, words: str) -> Recognised | None:
    """The answer among all options, when some were left out and it is one of them.

    They are no list that was seen, so a number is no place in it.
    """
    prompt = progress.prompt
    if prompt is None or not prompt.is_narrowed or question.name == CHANGE:
        return None
    try:
        whole = opened(question, progress.options_of(question), prompt.token)
    except Refused:
        return None
    locale = progress.here.speaker.locale
    return recognise(whole, question.reader, words, "", locale, today=progress.today)


def _keep_more(progress: Progress, question: Question, words: str) -> None:
    """Keep what words that answer the question say of later ones, as "周六下午" does of a day."""
    filled = filled_by(progress, progress.conversation, words)
    answered = {question.name, *progress.answers}
    hints = {name: each for name, each in filled.hints.items() if name not in answered}
    progress.hints.keep(Filled(hints))


def _take_more(progress: Progress, run: Run, question: Question, words: str) -> Filled | None:
    """What words that are no answer say of this question, later ones, or answered ones.

    It is kept, and an answer that it contradicts is forgotten, as by Change. None when it does not
    help: a single hint for a later question is more likely a misunderstanding.
    """
    if question.kind not in _TAKES_MORE or question.name == CHANGE:
        return None
    filled = filled_by(progress, progress.conversation, words)
    asked = changeable(run, progress.was_taken)
    wrong = [each.name for each in asked if _contradicts(progress, each, filled)]
    is_new = filled.starts and question.kind != "confirm"
    if not (wrong or is_new or _helps(progress, question, filled)):
        return None
    # What was answered after a wrong answer may have to be answered anew.
    names = [each.name for each in asked]
    right = names[: names.index(wrong[0])] if wrong else [*progress.answers]
    hints = {name: each for name, each in filled.hints.items() if name not in right}
    for name in wrong:
        progress.drop(run, name)
    progress.hints.keep(Filled(hints))
    return filled


def _contradicts(progress: Progress, question: Question, filled: Filled) -> bool:
    """Whether the recorded answer is not what was just wished."""
    hints, answer = filled.hints.get(question.name, ()), progress.answers.get(question.name)
    if not hints or answer is None:
        return False
    try:
        options = progress.options_of(question)
    except Refused:
        return False
    return not agrees(question, answer.value, options, hints, progress.today)


def _helps(progress: Progress, question: Question, filled: Filled) -> bool:
    """Whether what was said answers or shortens the question that is open."""
    return isinstance(_foreseen(progress, question, filled), Answered | Narrowed)


def _foreseen(progress: Progress, question: Question, filled: Filled) -> Foreseen:
    """What was said makes of the question that is open."""
    hints = filled.hints.get(question.name, ())
    if not hints:
        return None
    try:
        options = progress.options_of(question)
    except Refused:
        return None
    return foreseen(question, options, hints, progress.today)
