"""How far does a conversation get by itself, until it has to ask again?"""

from collections.abc import Sequence
from datetime import date

from handlers.conversation.chat import Conversation
from handlers.conversation.drive import Going, Run, recorded, start
from handlers.conversation.hints import Answered, KeptHints, Narrowed
from handlers.conversation.menu import Menu
from handlers.conversation.question import (
    Answer,
    Effect,
    FlowError,
    Json,
    OpenPrompt,
    Option,
    Question,
    Said,
)
from handlers.conversation.render import View, opened, render
from handlers.conversation.revise import asked_again, changeable, forgotten, go_back
from handlers.here import Here
from handlers.messages import Capabilities, Message, Refused
from handlers.texts import Value, _
from storage.conversations import Standing

CHANGE = "@change"  # the name of the question which answer to change
TAKEN = "@taken"  # the name under which the answers taken unasked are listed
GIVEN = "@given"  # the name under which the words are kept that stood behind the command
HINTS = "@hints"  # the name under which hints are kept until their questions open
STEPS_MAX = 100  # effects done and answers taken in one turn; more is a flow that runs in circles


class Progress:
    """Where one person stands during a turn: loaded from `standing`, kept by `settle`."""

    def __init__(
        self, here: Here, menu: Menu, capabilities: Capabilities, standing: Standing, today: date
    ) -> None:
        self.here = here
        self.menu = menu
        self.capabilities = capabilities
        self.standing = standing
        self.today = today  # where the person is
        stored = dict(standing.answers)
        self.taken: set[str] = set(stored.pop(TAKEN, ()))
        self.given: str = stored.pop(GIVEN, "")
        self.hints = KeptHints(stored.pop(HINTS, {}))
        self.answers = {name: Answer.from_json(each) for name, each in stored.items()}
        self.conversation = menu.by_name.get(standing.name or "")
        self.prompt = _loaded(standing.prompt)
        self._going: Going | None = None  # the flow as far as it was driven in this turn

    def begin(self, conversation: Conversation | None, given: str = "") -> None:
        """Stand at the beginning of a conversation; of none, nothing is under way."""
        self.conversation = conversation
        self.given = given
        self.answers = {}
        self.taken = set()
        self.hints = KeptHints({})
        self.prompt = None
        self._going = None

    def settle(self) -> Standing:
        """What to keep of it until the next turn."""
        conversation, standing = self.conversation, self.standing
        standing.prompt = self.prompt.as_json() if self.prompt else None
        standing.answers = {name: answer.as_json() for name, answer in self.answers.items()}
        if self.taken:
            standing.answers[TAKEN] = sorted(self.taken)
        if self.given:
            standing.answers[GIVEN] = self.given
        if self.hints.stored:
            standing.answers[HINTS] = self.hints.stored
        if conversation is None:
            standing.name, standing.code_hash = None, ""
            standing.remind_at = standing.expires_at = None
            return standing
        standing.name, standing.code_hash = conversation.name, conversation.code_hash
        remind_after = conversation.remind_after
        standing.remind_at = self.here.now + remind_after if remind_after else None
        standing.expires_at = self.here.now + conversation.expires_after
        return standing

    def answer(self, run: Run, value: Json, shown: Value) -> list[Message]:
        """Record the answer to the open question and go on."""
        assert isinstance(run.pending, Question)
        name = run.pending.name
        self.answers[name] = recorded(run, value, shown)
        self.taken.discard(name)
        return self.advance([], after=name)

    def drop(self, run: Run, name: str) -> None:
        """Forget an answer, so that its question is asked again."""
        for each in forgotten(run, name):
            self.answers.pop(each, None)
            self.taken.discard(each)
        self._going = None

    def was_taken(self, question: Question) -> bool:
        """Whether its only option was taken unasked."""
        return question.name in self.taken

    def advance(
        self, notes: Sequence[Said], after: str = "", *, is_checked: bool = False
    ) -> list[Message]:
        """Go on to the next question, doing what has to be done on the way.

        Answers met after the question `after` are checked; all of them with `is_checked`.
        """
        said = list(notes)
        fresh: set[str] = set()
        if is_checked:
            self._going = None  # what it went over so far may have been unchecked
        for _step in range(STEPS_MAX):
            run = self.drive(after, is_checked=is_checked)
            command = run.pending
            if command is None:
                said += run.said_since(fresh)
                self.begin(None)
                return self.repeat(said)
            no = self._do(run, command) if isinstance(command, Effect) else self._ask(run, command)
            if no is None and isinstance(command, Question) and self.prompt is not None:
                said += run.said_since(fresh)
                return self._show(run, command, [*said, *self.hints.became(command, self.answers)])
            fresh.add(command.name)
            if no is not None:
                said.append(Said(no.text))
                if not self._step_back(run, no):
                    self.begin(None)
                    return self.repeat(said)
        raise FlowError(f"a conversation took {STEPS_MAX} steps without asking anything")

    def drive(self, after: str = "", *, is_checked: bool = False) -> Run:
        """Run the conversation over its answers; within a turn it goes on from where it stood.

        Answers met after the question `after` are checked; all of them with `is_checked`.
        """
        assert self.conversation is not None
        if self._going is None:
            self._going = start(self.conversation, self.given)
        keeps = self.fits if after or is_checked else None
        return self._going.over(self.answers, keeps=keeps, after=after)

    def only_say(self) -> list[Said]:
        """Run a conversation that asks nothing to its end; its words."""
        assert self.conversation is not None
        notes: list[Said] = []
        while True:
            run = self.drive()
            command = run.pending
            if command is None:
                return notes + run.said_since(self.answers)
            if isinstance(command, Question):
                raise FlowError(
                    f"{self.conversation.name!r} is_beside but asks {command.name!r}: "
                    "a conversation beside another only says"
                )
            no = self._do(run, command)
            if no is not None:
                return [*notes, Said(no.text)]

    def _do(self, run: Run, effect: Effect) -> Refused | None:
        try:
            with self.here.db.savepoint():
                result = effect.action(self.here, *effect.args, **effect.named)
        except Refused as no:
            return no
        self.answers[effect.name] = recorded(run, result)
        return None

    def _ask(self, run: Run, question: Question) -> Refused | None:
        """Open the question, or take its only option; why neither can be."""
        self.prompt = None
        try:
            options = self.options_of(question)
        except Refused as no:
            return no
        if not options and question.kind in ("choose", "date", "many"):
            return Refused(_("There is nothing to choose from at the moment."))
        if question.takes_only and len(options) == 1:
            self.answers[question.name] = recorded(run, options[0].value, options[0].label)
            self.taken.add(question.name)
            return None
        found = self.hints.take(question, options, self.today)
        if isinstance(found, Answered):
            self.answers[question.name] = recorded(run, found.value, found.shown)
            self.taken.discard(question.name)
            return None
        # An answer that no longer fits would hold again in the next turn, which checks nothing.
        self.answers.pop(question.name, None)
        self.answers.pop(question.was, None)
        narrowed = found.options if isinstance(found, Narrowed) else None
        self.open(question, narrowed or options, is_narrowed=narrowed is not None)
        return None

    def _step_back(self, run: Run, no: Refused) -> bool:
        """Forget the answer that has to be given again; False when there is none."""
        name = go_back(run, self.was_taken)
        if isinstance(run.pending, Effect):
            name = asked_again(run, no, self.was_taken) or name
        if name is None:
            return False
        self.drop(run, name)
        return True

    def open(
        self, question: Question, options: Sequence[Option], *, is_narrowed: bool = False
    ) -> None:
        """Make a question the one that waits; earlier buttons are stale from here on."""
        self.standing.revision += 1
        self.prompt = opened(question, options, f"k{self.standing.revision}")
        self.prompt.is_narrowed = is_narrowed

    def options_of(self, question: Question) -> Sequence[Option]:
        """What there is to choose now. Raises Refused when the provider says why not."""
        if question.reader is not None:
            return question.reader.quick()
        return question.options(self.here) if callable(question.options) else question.options

    def fits(self, question: Question, answer: Answer) -> bool:
        """Whether a recorded answer is still among the answers that could be given now."""
        if question.reader is not None or question.kind == "confirm":
            return True
        try:
            offered = {option.value for option in self.options_of(question)}
        except Refused:
            return False
        values = answer.value if isinstance(answer.value, list) else [answer.value]
        return offered.issuperset(values)

    def is_open(self) -> bool:
        """Whether the flow, as it is now, waits at the question that was asked."""
        if self.conversation is None or self.prompt is None:
            return False
        pending = self.drive().pending
        if self.prompt.name == CHANGE:
            return isinstance(pending, Question)
        return isinstance(pending, Question) and pending.name == self.prompt.name

    def repeat(self, said: Sequence[Said]) -> list[Message]:
        """Say something and show the open question again: the menu's, when nothing is under way."""
        if self.conversation is None:
            question = self.menu.question()
            if self.prompt is None:
                self.open(question, self.menu.options)
            return self._render(
                said, question, View(self.here.speaker.locale, self.capabilities, can_cancel=False)
            )
        run = self.drive()
        if self.prompt is not None and self.prompt.name == CHANGE:
            return self._show(run, self.change_question(run), said)
        assert isinstance(run.pending, Question)
        return self._show(run, run.pending, said)

    def change_question(self, run: Run) -> Question:
        """Which of the answers to change?"""
        answers = {question.name: answer for question, answer in run.asked}
        options = [
            Option(each.name, each.title or "", answers[each.name].shown)
            for each in changeable(run, self.was_taken)
        ]
        return Question(
            CHANGE, "choose", _("Which answer would you like to change?"), options=options
        )

    def _show(self, run: Run, question: Question, said: Sequence[Said]) -> list[Message]:
        can_go_back = question.name == CHANGE or go_back(run, self.was_taken) is not None
        view = View(
            self.here.speaker.locale,
            self.capabilities,
            can_go_back=can_go_back,
            can_change=question.kind == "confirm" and bool(changeable(run, self.was_taken)),
            summary=[
                (each.title, answer.shown) for each, answer in run.asked if each.title is not None
            ]
            if question.kind == "confirm"
            else (),
        )
        return self._render(said, question, view)

    def _render(self, said: Sequence[Said], question: Question, view: View) -> list[Message]:
        assert self.prompt is not None
        return render(said, question, self.prompt, view)


def _loaded(stored: Json | None) -> OpenPrompt | None:
    """The open question; None when another version of Kepu stored it, which is then asked anew."""
    if stored is None or stored.keys() != set(OpenPrompt.__slots__):
        return None
    return OpenPrompt(**stored)
