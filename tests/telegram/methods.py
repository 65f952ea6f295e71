"""What does each method of the Bot API do to the chats, and what does it answer?"""

import re
from typing import TYPE_CHECKING, Any, NoReturn

from tests.telegram.faults import Fault, bad_request, blocked, migrated, not_modified
from tests.telegram.people import Chat, Shown

if TYPE_CHECKING:
    from tests.telegram.fake import FakeTelegram

Json = dict[str, Any]
Files = dict[str, bytes]


class Refusal(Exception):
    """The call is answered with a fault, as the real server would."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.description)
        self.fault = fault


class Methods:
    """The methods that need no waiting; getUpdates is the server's own."""

    def __init__(self, api: "FakeTelegram") -> None:
        self.api = api
        self.commands: dict[tuple[str, str], list[Json]] = {}  # by scope and language
        self.others: list[tuple[str, Json]] = []  # calls that only have to be valid

    def call(self, method: str, values: Json, files: Files) -> Any:
        """Do what a method does; its result. Raises Refusal."""
        play = getattr(self, re.sub("([A-Z])", r"_\1", f"_{method}").lower(), None)
        if play is None:
            self.api.violations.append(f"{method} is not played by the fake")
            raise Refusal(Fault(404, "Not Found"))
        return play(values, files)

    def _get_me(self, values: Json, files: Files) -> Json:
        return {
            **self.api.me,
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }

    def _send_message(self, values: Json, files: Files) -> Json:
        return self._new(values, entities=values.get("entities", []))

    def _send_photo(self, values: Json, files: Files) -> Json:
        _name, content = self._file(values.get("photo"), "photo", files)
        if not content.startswith((b"\x89PNG", b"\xff\xd8")):
            raise Refusal(bad_request("IMAGE_PROCESS_FAILED"))
        return self._new(values, photo=content)

    def _send_document(self, values: Json, files: Files) -> Json:
        name, content = self._file(values.get("document"), "document", files)
        return self._new(values, document=content, file_name=self.api.file_names[name])

    def _edit_message_text(self, values: Json, files: Files) -> Json:
        chat, message = self._of_bot(values)
        if message.is_file:
            raise Refusal(bad_request("there is no text in the message to edit"))
        return self._change(chat, message, values, values["text"])

    def _edit_message_caption(self, values: Json, files: Files) -> Json:
        chat, message = self._of_bot(values)
        if not message.is_file:
            raise Refusal(bad_request("there is no caption in the message to edit"))
        return self._change(chat, message, values, values.get("caption", ""))

    def _edit_message_reply_markup(self, values: Json, files: Files) -> Json:
        chat, message = self._of_bot(values)
        return self._change(chat, message, values, message.text)

    def _delete_message(self, values: Json, files: Files) -> bool:
        chat = self._chat(values)
        message = chat.message(values["message_id"])
        if message is None:
            raise Refusal(bad_request("message to delete not found"))
        chat.messages.remove(message)
        return True

    def _answer_callback_query(self, values: Json, files: Files) -> bool:
        query_id = values["callback_query_id"]
        if query_id not in self.api.unanswered:
            raise Refusal(
                bad_request("query is too old and response timeout expired or query ID is invalid")
            )
        self.api.unanswered.remove(query_id)
        self.api.toasts[query_id] = values.get("text", "")
        return True

    def _send_chat_action(self, values: Json, files: Files) -> bool:
        self._chat(values)
        return True

    def _leave_chat(self, values: Json, files: Files) -> bool:
        self._chat(values)
        return True

    def _set_my_commands(self, values: Json, files: Files) -> bool:
        self.commands[self._scope(values)] = values["commands"]
        return True

    def _get_my_commands(self, values: Json, files: Files) -> list[Json]:
        return self.commands.get(self._scope(values), [])

    def _delete_my_commands(self, values: Json, files: Files) -> bool:
        self.commands.pop(self._scope(values), None)
        return True

    def _set_my_description(self, values: Json, files: Files) -> bool:
        self.others.append(("setMyDescription", values))
        return True

    def _set_my_short_description(self, values: Json, files: Files) -> bool:
        self.others.append(("setMyShortDescription", values))
        return True

    def _set_chat_menu_button(self, values: Json, files: Files) -> bool:
        self.others.append(("setChatMenuButton", values))
        return True

    def _set_webhook(self, values: Json, files: Files) -> bool:
        self.api.set_webhook(values)
        return True

    def _delete_webhook(self, values: Json, files: Files) -> bool:
        self.api.set_webhook({**values, "url": ""})
        return True

    def _get_webhook_info(self, values: Json, files: Files) -> Json:
        return self.api.webhook_info()

    def _scope(self, values: Json) -> tuple[str, str]:
        scope = values.get("scope", {"type": "default"})
        if "chat_id" in scope:
            chat = self.api.chats.get(int(scope["chat_id"]))
            if chat is None:
                raise Refusal(bad_request("chat not found"))
        name = ":".join(f"{each}" for each in (scope["type"], scope.get("chat_id")) if each)
        return name, values.get("language_code", "")

    def _chat(self, values: Json) -> Chat:
        """The chat that is written to. Raises Refusal where that cannot be."""
        chat = self.api.chats.get(int(values["chat_id"]))
        if chat is None:
            raise Refusal(bad_request("chat not found"))
        if chat.is_blocked:
            raise Refusal(blocked())
        if chat.migrated_to:
            raise Refusal(migrated(chat.migrated_to))
        return chat

    def _of_bot(self, values: Json) -> tuple[Chat, Shown]:
        """The message of the bot that is edited. Raises Refusal."""
        chat = self._chat(values)
        message = chat.message(values["message_id"])
        if message is None:
            raise Refusal(bad_request("message to edit not found"))
        if not message.is_by_bot:
            raise Refusal(bad_request("message can't be edited"))
        return chat, message

    def _new(self, values: Json, **content: Any) -> Json:
        chat = self._chat(values)
        markup = values.get("reply_markup", {})
        words = str(values.get("text", values.get("caption", "")))
        message = Shown(
            chat.next_id(),
            is_by_bot=True,
            text=words.strip(),
            buttons=markup.get("inline_keyboard", []),
            called=values,
            **content,
        )
        if "keyboard" in markup or "remove_keyboard" in markup:
            chat.keyboard = markup.get("keyboard", [])
        chat.shows(message)
        return self.api.message_json(chat, message)

    def _change(self, chat: Chat, message: Shown, values: Json, words: str) -> Json:
        markup = values.get("reply_markup", {})
        if markup and "inline_keyboard" not in markup:
            self._fail("inline keyboard expected")
        buttons = markup.get("inline_keyboard", [])
        if (message.text, message.buttons) == (words.strip(), buttons):
            raise Refusal(not_modified())
        message.text, message.buttons, message.called = words.strip(), buttons, values
        message.edits += 1
        return self.api.message_json(chat, message)

    def _file(self, given: str | None, part: str, files: Files) -> tuple[str, bytes]:
        """An uploaded file: the part's name and its bytes. Raises Refusal."""
        name = (given or part).removeprefix("attach://")
        if name not in files:
            self._fail("wrong file identifier/HTTP URL specified")
        return name, files[name]

    def _fail(self, words: str) -> NoReturn:
        self.api.violations.append(words)
        raise Refusal(bad_request(words))
