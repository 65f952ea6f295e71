"""How does a conversation go on, given what a person just said?"""

from dataclasses import replace

from handlers.conversation.ahead import filled_by, look_further, wished_by
from handlers.conversation.answers import Go, Picked, Read, Recognised, Ticked, Unclear, recognise
from handlers.conversation.beside import NOTHING_BESIDE, answer_beside, label_beside
from handlers.conversation.chat import Conversation
from handlers.conversation.drive import Run
from handlers.conversation.elsewhere import bring_here
from handlers.conversation.hints import Filled
from handlers.conversation.menu import Started, tidy
from handlers.conversation.progress import CHANGE, Progress
from handlers.conversation.question import Json, Question, Said
from handlers.conversation.render import LIST_KINDS, label_of
from handlers.conversation.revise import changeable, go_back
from handlers.conversation.sentences import is_courtesy
from handlers.messages import Message
from handlers.texts import Several, Text, Value, _, from_json, known_locale, ngettext, say
from storage import chats
from storage.conversations import Standing

CHANGED = _("This was changed on our side meanwhile. Please go on from here.")
STALE = _("That button belongs to an earlier question. Nothing was changed.")
NOT_UNDERSTOOD = _("I did not understand that. Please tap one of these, or type “help”.")
MISSES_MANY = 3  # in a row; then a person may help better


class Talk:
    """One turn of one person."""

    def __init__(
        self, progress: Progress, beside: Json | None = None, *, is_elsewhere: bool = False
    ) -> None:
        self.progress = progress
        self.is_elsewhere = is_elsewhere  # the open question was last shown in another chat
        self.beside = beside or NOTHING_BESIDE
        self.heard = ""  # what they said, as their own bubble shows it
        self._misses = 0  # before this turn, in a row
        self._is_unsure = False  # whether a typed "yes" may be meant for something beside

    def hear(self, words: str, token: str) -> list[Message]:
        """Go on with the words, or with the token of a choice; the answer."""
        self.heard = words or label_beside(self.beside, token)
        if self.progress.prompt is not None:
            self._misses, self.progress.prompt.misses = self.progress.prompt.misses, 0
        self._is_unsure = bool(self.beside["choices"]) and not token
        token = token or self._answer_beside(words)
        started = self._started_by(words, token)
        if started is not None:
            self.heard = self.heard or self._words(started.conversation.title)
            return self._start(*started)
        if self.progress.conversation is not None:
            shown = bring_here(self.progress) if self.is_elsewhere and not token else []
            return shown or self._go_on(self.progress.conversation, words, token)
        return self._from_menu(words, token)

    def _answer_beside(self, words: str) -> str:
        """The token meant by words typed below a message that came in between; "" when none is."""
        progress = self.progress
        reads_words = progress.prompt is not None and progress.prompt.kind not in LIST_KINDS
        is_strict = reads_words or progress.menu.started_by(words) is not None
        return answer_beside(self.beside, words, progress.here.speaker.locale, is_strict=is_strict)

    def _started_by(self, words: str, token: str) -> Started | None:
        """What is started from wherever the person stands; tapping is the same as typing."""
        if token and not token.startswith("/"):
            return None
        started = self.progress.menu.started_by(token or words)
        prompt = self.progress.prompt
        if started and started.given and prompt is not None and prompt.kind == "text":
            # "预约 望远镜" may be what was asked for; a command is always one.
            return started if tidy(token or words).startswith("/") else None
        return started

    def _start(
        self, conversation: Conversation, given: str = "", filled: Filled | None = None
    ) -> list[Message]:
        progress = self.progress
        if conversation.is_beside:
            return self._beside(conversation, given)
        said = []
        left = progress.conversation
        if left is not None and left is not conversation and progress.answers:
            run = progress.drive()
            if run.effects:
                said.append(Said(_("“{what}” is put aside. What was done stays.", what=left.title)))
            elif go_back(run, progress.was_taken) is not None:  # else nothing was said in it
                aside = _("“{what}” is put aside; nothing of it was kept.", what=left.title)
                said.append(Said(aside))
        progress.begin(conversation, given)
        filled = filled or filled_by(progress, conversation, given)
        progress.hints.begin_by(filled)
        return progress.advance([*said, *map(Said, filled.notes)])

    def _start_meant(self, words: str) -> list[Message] | None:
        """Start what a sentence speaks of, or whose questions it answers."""
        meant = self.progress.menu.meant_by(words)
        if meant is not None:
            return self._start(meant, filled=filled_by(self.progress, meant, words))
        wished = wished_by(self.progress, words)
        return self._start(wished[0], filled=wished[1]) if wished else None

    def _beside(self, conversation: Conversation, given: str) -> list[Message]:
        """Say what was asked for; the open question of another conversation stays as it is."""
        progress = self.progress
        aside = Progress(
            progress.here, progress.menu, progress.capabilities, Standing(), progress.today
        )
        aside.begin(conversation, given)
        said = aside.only_say()
        speaker = progress.here.speaker
        met = chats.find(progress.here.db, speaker.channel, speaker.address)
        if met is not None and met.chosen_locale:  # it may have been what was changed
            locale = known_locale(met.chosen_locale, speaker.locale)
            progress.here = replace(progress.here, speaker=replace(speaker, locale=locale))
        if progress.conversation is not None and not progress.is_open():
            return progress.advance([*said, Said(CHANGED)], is_checked=True)
        return progress.repeat(said)

    def _from_menu(self, words: str, token: str) -> list[Message]:
        progress = self.progress
        if progress.standing.name is not None:  # its conversation is no longer part of Kepu
            progress.begin(None)
            return progress.repeat([Said(CHANGED)])
        if progress.prompt is None:
            started = None if token else self._start_meant(words)
            return started or progress.repeat([Said(progress.menu.greeting)])
        match self._recognise(progress.menu.question(), words, token):
            case Picked(value, label):
                self.heard = self.heard or self._words(label)
                chosen = progress.menu.started_by(value)
                assert chosen is not None
                return self._start(*chosen)
            case Go("@more"):
                progress.prompt.page += 1
                return progress.repeat([])
            case Go("@cancel"):
                return progress.repeat(
                    [Said(_("Nothing is under way. To cancel a visit, type “my visits”."))]
                )
            case _ if not token and (answer := self._start_meant(words)):
                return answer
            case _ if is_courtesy(words):
                return progress.repeat([])
            case _:
                return progress.repeat([Said(STALE)]) if token else self._miss(NOT_UNDERSTOOD)

    def _go_on(self, conversation: Conversation, words: str, token: str) -> list[Message]:
        progress = self.progress
        is_changed = progress.standing.code_hash != conversation.code_hash
        run = progress.drive(is_checked=is_changed)
        question, prompt = run.pending, progress.prompt
        if prompt is not None and prompt.name == CHANGE:
            question = progress.change_question(run)
        if not isinstance(question, Question) or prompt is None or prompt.name != question.name:
            return progress.advance([Said(CHANGED)], is_checked=True)
        result = self._recognise(question, words, token)
        if not token:
            further = look_further(progress, run, question, words, result)
            if isinstance(further, list):
                return progress.advance(further, is_checked=True)
            result = further
        if isinstance(result, Picked) and result.value.startswith("/"):  # it begins anew
            self.heard = self.heard or self._words(result.label)
            chosen = progress.menu.started_by(result.value)
            return self._start(*chosen) if chosen else progress.repeat([])
        return self._apply(run, question, result)

    def _recognise(self, question: Question, words: str, token: str) -> Recognised:
        progress = self.progress
        assert progress.prompt is not None
        locale = progress.here.speaker.locale
        return recognise(
            progress.prompt, question.reader, words, token, locale, today=progress.today
        )

    def _apply(self, run: Run, question: Question, result: Recognised) -> list[Message]:
        progress = self.progress
        match result:
            case Picked(name, label) if question.name == CHANGE:
                self.heard = self.heard or self._words(label)
                progress.drop(run, name)
                return progress.advance([])
            case Picked(value, label):
                self.heard = self.heard or self._words(label)
                return progress.answer(run, value, label)
            case Read(value, label):
                self.heard = self._words(label) or self.heard
                return progress.answer(run, value, label)
            case Ticked():
                return self._tick(run, question, result)
            case Go("@yes") if self._is_unsure:
                return progress.repeat([Said(_("Do you mean this one?"))])
            case Go(word):
                self.heard = self.heard or self._words(self._done(word) or label_of(word))
                return self._navigate(run, question, word)
            case Unclear(sentence):
                return self._miss(sentence)
            case _:
                return progress.repeat([Said(STALE)])

    def _miss(self, sentence: Text) -> list[Message]:
        """Say why nothing was understood, and when that goes on, who else can help."""
        prompt = self.progress.prompt
        if prompt is not None:
            prompt.misses = self._misses + 1
            if prompt.misses >= MISSES_MANY:
                sentence = _("{no} To ask a person instead, type “human”.", no=sentence)
        return self.progress.repeat([Said(sentence)])

    def _done(self, word: str) -> Value:
        """What was ticked, when that is done: it says more than "Done"."""
        prompt = self.progress.prompt
        if word != "@done" or prompt is None or not prompt.picked:
            return ""
        return _shown(prompt.options, prompt.picked)

    def _navigate(self, run: Run, question: Question, word: str) -> list[Message]:
        progress = self.progress
        assert progress.prompt is not None
        match word:
            case "@more" | "@all":
                return self._show_more(word)
            case "@yes" if question.kind == "confirm":
                return progress.answer(run, True, "")
            case "@skip" if question.is_optional:
                return progress.answer(run, None, "—")
            case "@done" if question.kind == "many":
                return self._finish_ticking(run, question, progress.prompt.picked)
            case "@change" if changeable(run, progress.was_taken):
                change = progress.change_question(run)
                progress.open(change, progress.options_of(change))
                return progress.repeat([])
            case "@back":
                return self._back(run, question)
            case "@cancel":
                progress.begin(None)
                stays = _("Stopped. What was done before stays.")
                return progress.repeat(
                    [Said(stays if run.effects else _("Stopped. Nothing was changed."))]
                )
            case _:
                return self._miss(NOT_UNDERSTOOD)

    def _show_more(self, word: str) -> list[Message]:
        """The next page; or all options, asking anew without what was said before."""
        progress = self.progress
        assert progress.prompt is not None
        if word == "@all":
            return progress.advance([])
        progress.prompt.page += 1
        return progress.repeat([])

    def _back(self, run: Run, question: Question) -> list[Message]:
        progress = self.progress
        name = None if question.name == CHANGE else go_back(run, progress.was_taken)
        if name is not None:
            progress.drop(run, name)
        elif question.name != CHANGE:
            return progress.repeat([Said(_("There is nothing to go back to."))])
        return progress.advance([])

    def _tick(self, run: Run, question: Question, ticked: Ticked) -> list[Message]:
        prompt = self.progress.prompt
        assert prompt is not None
        self.heard = self.heard or self._words(_shown(prompt.options, ticked.values))
        if ticked.is_whole:
            return self._finish_ticking(run, question, list(ticked.values))
        kept = [value for value in prompt.picked if value not in ticked.values]
        prompt.picked = kept + [value for value in ticked.values if value not in prompt.picked]
        return self.progress.repeat([])

    def _finish_ticking(self, run: Run, question: Question, values: list[str]) -> list[Message]:
        progress = self.progress
        assert progress.prompt is not None
        least, most = question.at_least, question.at_most
        if len(values) < least:
            few = ngettext("Please choose at least {n}.", "Please choose at least {n}.", least)
            return progress.repeat([Said(few)])
        if most and len(values) > most:
            many = ngettext("Please choose at most {n}.", "Please choose at most {n}.", most)
            return progress.repeat([Said(many)])
        in_order = [value for value, _label in progress.prompt.options if value in values]
        return progress.answer(run, in_order, _shown(progress.prompt.options, in_order))

    def _words(self, value: Value) -> str:
        return say(value, self.progress.here.speaker.locale)


def _shown(options: list[tuple[str, object]], values: list[str] | tuple[str, ...]) -> Value:
    return Several(tuple(from_json(label) for value, label in options if value in values))
