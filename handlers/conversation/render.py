"""What does a turn look like on one channel?

With buttons a question is a text and choices; without, numbered lines below the text. Both fill the
prompt with what was shown, so that a number typed next means what the person saw.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from handlers.conversation.labels import full_labels, stored_label
from handlers.conversation.question import OpenPrompt, Option, Question, Said
from handlers.messages import Attachment, Capabilities, Choice, Message, Prompt
from handlers.texts import Day, Text, Value, _, say

GRID_FROM = 9  # days; fewer are better as buttons, even where a month can be shown
LIST_KINDS = frozenset(
    {"choose", "many", "date", "confirm"}
)  # a typed number is a place in the list

TEXT_BYTES_MAX = 4096  # UTF-8, with buttons: Telegram takes 4,096 characters
PLAIN_BYTES_MAX = 2000  # UTF-8, without: WeChat refuses text above 2,048 bytes
_HEAD_BYTES_MAX = 500  # of it for the question; a longer one fills messages of its own
_FOOT_BYTES = 500  # of it for the lines of navigation and the last line
_LABEL_MAX = 100  # characters in a numbered line, so that several fit

_NAVIGATION = {
    "@yes": _("Confirm"), "@more": _("More"), "@all": _("Show all"), "@done": _("Done"),
    "@skip": _("Skip"), "@change": _("Change"), "@back": _("Back"), "@cancel": _("Stop here"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class View:
    """Who looks, through what, and where they may go from here."""

    locale: str
    capabilities: Capabilities
    can_go_back: bool = False
    can_change: bool = False
    can_cancel: bool = True  # False: the menu of an idle person
    summary: Sequence[tuple[Value, Value]] = ()  # of confirm: (title, answer as shown)


def opened(question: Question, options: Sequence[Option], token: str) -> OpenPrompt:
    """The prompt to store for a question whose options are now known (of ask: the quick ones).

    A label is stored so that `from_json` gives it without its note.
    """
    return OpenPrompt(
        name=question.name,
        kind=question.kind,
        token=token,
        options=[(option.value, stored_label(option)) for option in options],
        is_optional=question.is_optional,
    )


def render(
    said: Sequence[Said], question: Question | None, prompt: OpenPrompt | None, view: View
) -> list[Message]:
    """The messages of a turn. Fills `prompt.shown`, `navigation`, and wraps `page` round.

    `question` and `prompt` come together, or neither when nothing is asked. A month grid shows no
    list: then `shown` is empty, and a typed number is a day of the month.
    """
    spoken = [(say(each.text, view.locale), list(each.attachments)) for each in said]
    asked, foot = None, ""
    if question is not None and prompt is not None:
        spoken.append((_question(question, view), []))
        head = sum(len(text.encode()) + 2 for text, _files in spoken)
        foot, asked = _asked(question, prompt, view, head)
    if not spoken:
        return []
    if view.capabilities.one_message_per_turn:
        texts = [text for text, _files in spoken]
        spoken = [("\n\n".join(texts), [each for _text, files in spoken for each in files])]
    limit = TEXT_BYTES_MAX if view.capabilities.buttons else PLAIN_BYTES_MAX
    *before, (text, files) = spoken
    messages = [each for said_before in before for each in _messages(*said_before, limit)]
    return messages + _messages(text, files, limit, foot, asked)


def label_of(word: str) -> Text:
    """What a word of navigation such as "@back" is called."""
    return _NAVIGATION[word]


def numbered(message: Message, locale: str) -> Message:
    """A message with its choices as numbered lines, for people who can only type."""
    labels = (
        [_cut(each.label, _LABEL_MAX) for each in message.prompt.choices] if message.prompt else []
    )
    lines = [f"{n}. {label}" for n, label in enumerate(labels, 1)]
    how = say(_("Reply with a number."), locale)
    return replace(message, text="\n".join([message.text, *lines, how]))


def _question(question: Question, view: View) -> str:
    lines = [say(question.text, view.locale)]
    lines += [
        say(_("{title}: {answer}", title=title, answer=answer), view.locale)
        for title, answer in view.summary
    ]
    return "\n".join(lines)


def _asked(question: Question, prompt: OpenPrompt, view: View, head: int) -> tuple[str, Prompt]:
    """The lines below the question (none with buttons) and the prompt; notes what they show.

    `head`: bytes of what is said before them.
    """
    capabilities = view.capabilities
    everything = full_labels(prompt, view.locale)
    is_grid = capabilities.date_grid and capabilities.buttons and prompt.kind == "date"
    if is_grid:
        pages = [range(len(everything))]
    elif capabilities.buttons:
        pages = _pages([0] * len(everything), capabilities.max_options, 0)
    else:
        longest = min(capabilities.label_length, _LABEL_MAX)
        sizes = [len(_cut(label, longest).encode()) + len("100. \n") for label in everything]
        room = PLAIN_BYTES_MAX - _FOOT_BYTES - min(head, _HEAD_BYTES_MAX)
        pages = _pages(sizes, capabilities.max_options, room)
    prompt.page %= len(pages)
    shown = pages[prompt.page]
    prompt.shown = [] if is_grid and len(shown) >= GRID_FROM else list(shown)
    prompt.navigation = _navigation(question, prompt, view, is_paged=len(pages) > 1)
    options = _shown_labels(prompt, [everything[index] for index in shown], shown, view)
    choices = [
        Choice(label, f"{prompt.token}:{index}", prompt.options[index][0])
        for index, label in zip(shown, options, strict=True)
    ]
    ways = [say(label_of(word), view.locale) for word in prompt.navigation]
    choices += [
        Choice(label, f"{prompt.token}:{word[1:]}", word)
        for label, word in zip(ways, prompt.navigation, strict=True)
    ]
    foot = "" if capabilities.buttons else _lines(prompt, options, ways, view.locale)
    return foot, Prompt(prompt.name, prompt.kind, choices, prompt.is_optional)


def _pages(sizes: Sequence[int], most: int, room: int) -> list[range]:
    """The indexes of each page: at most `most` of them, of no more than `room` bytes together."""
    pages, start, used = [], 0, 0
    for index, size in enumerate(sizes):
        if index - start == most or (index > start and used + size > room):
            pages.append(range(start, index))
            start, used = index, 0
        used += size
    return [*pages, range(start, len(sizes))]


def _navigation(question: Question, prompt: OpenPrompt, view: View, *, is_paged: bool) -> list[str]:
    can_finish = prompt.kind == "many" and len(prompt.picked) >= question.at_least
    offered = {
        "@yes": prompt.kind == "confirm",
        "@more": is_paged,
        "@all": prompt.is_narrowed,
        "@done": can_finish,
        "@skip": prompt.is_optional,
        "@change": view.can_change,
        "@back": view.can_go_back,
        "@cancel": view.can_cancel,
    }
    return [word for word, is_offered in offered.items() if is_offered]


def _shown_labels(
    prompt: OpenPrompt, page: Sequence[str], indexes: Sequence[int], view: View
) -> list[str]:
    """The labels of a page: ticked where picked, cut to the channel, each unlike the others."""
    longest = view.capabilities.label_length
    if not view.capabilities.buttons:
        longest = min(longest, _LABEL_MAX)
    ticked = page
    if prompt.picked:
        ticked = [
            f"✓ {label}" if prompt.options[index][0] in prompt.picked else label
            for index, label in zip(indexes, page, strict=True)
        ]
    if all(len(label) <= longest for label in ticked):
        return list(ticked)
    cut = [_cut(label, longest) for label in ticked]
    taken = set(cut)
    return [
        label if label == whole or cut.count(label) == 1 else _cut_unlike(whole, longest, taken)
        for label, whole in zip(cut, ticked, strict=True)
    ]


def _cut(label: str, longest: int) -> str:
    return label if len(label) <= longest else label[: longest - 1] + "…"


def _cut_unlike(label: str, longest: int, taken: set[str]) -> str:
    """A cut that keeps the end too, or a number, so that it is not one of `taken`; joins them."""
    tail = (longest - 1) // 2
    unlike = f"{label[: longest - 1 - tail]}…{label[-tail:]}"
    number = 0
    while unlike in taken:
        number += 1
        unlike = f"{label[: longest - 1 - len(str(number))]}…{number}"
    taken.add(unlike)
    return unlike


def _lines(prompt: OpenPrompt, options: Sequence[str], ways: Sequence[str], locale: str) -> str:
    """Numbered lines and how to answer; nothing is numbered where a number would be the answer."""
    if prompt.kind in LIST_KINDS:
        numbered = [f"{n}. {label}" for n, label in enumerate([*options, *ways], 1)]
        return "\n".join([*numbered, say(_how(prompt), locale)])
    words = say(_("You can also reply: {words}", words=" · ".join(ways)), locale)
    return "\n".join([*([" · ".join(options)] if options else ()), *([words] if ways else ())])


def _how(prompt: OpenPrompt) -> Text:
    if prompt.kind == "date" and prompt.shown:
        first = Day(date.fromisoformat(prompt.options[prompt.shown[0]][0]))
        return _("Reply with a number, or a day such as {day}.", day=first)
    if prompt.kind == "many" and len(prompt.shown) > 1:
        return _("Reply with the numbers, such as {numbers}, or “all”.", numbers="1 2")
    return _("Reply with a number.")


def _messages(
    text: str, files: list[Attachment], limit: int, foot: str = "", asked: Prompt | None = None
) -> list[Message]:
    """The text in as many messages as it needs; what belongs to it comes with the last."""
    room = limit - len(foot.encode()) - 1 if foot else limit
    *before, last = _split(text, room)
    if foot:
        last = f"{last}\n{foot}"
    return [*(Message(each) for each in before), Message(last, files, asked)]


def _split(text: str, room: int) -> list[str]:
    """Parts of at most `room` bytes in UTF-8, at line breaks where there are any."""
    parts, rest = [], text
    while len(rest.encode()) > room:
        part = rest.encode()[:room].decode(errors="ignore")
        at_line = part.rfind("\n")
        part = part[:at_line] if at_line > 0 else part
        parts.append(part)
        rest = rest[len(part) :].lstrip("\n")
    return [*parts, rest] if rest or not parts else parts
