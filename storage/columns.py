"""How are instants, states and JSON kept in a column, the same on both databases?"""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

import orjson
from pydantic import BaseModel
from sqlalchemy import DateTime, Dialect, String, Text, TypeDecorator

# As the library of Python has it: numbers may be keys, and an instant is not JSON.
_JSON = orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


def _json_text(value: Any) -> str:
    return orjson.dumps(value, option=_JSON).decode()


class Instant(TypeDecorator[datetime]):
    """An aware instant, stored in UTC. A naive value is a bug and raises ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else _in_utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    # SQLAlchemy's way to SQLite's text and back takes each field apart: a third of what a turn
    # spends on its parameters. The text is the same.

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any] | None:
        return _instant_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[Any], datetime | None] | None:
        return _instant if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


class Word(TypeDecorator[StrEnum]):
    """A state or kind: one of the words of `kind`, stored as its text."""

    impl = String
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__(32)
        self.kind = kind

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.kind(value)


class Json(TypeDecorator[Any]):
    """A JSON value kept as text, keys in the order they were given (answers rely on it)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else _json_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else orjson.loads(value)


class Record(TypeDecorator[BaseModel]):
    """A frozen pydantic model kept as JSON; the same text is read once and shared."""

    impl = Text
    cache_ok = True

    def __init__(self, model: type[BaseModel]) -> None:
        super().__init__()
        self.model = model
        self._read = lru_cache(maxsize=256)(model.model_validate_json)

    def process_bind_param(self, value: BaseModel | None, dialect: Dialect) -> str | None:
        return None if value is None else value.model_dump_json()

    def process_result_value(self, value: str | None, dialect: Dialect) -> BaseModel | None:
        return None if value is None else self._read(value)


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("expected an aware datetime, got a naive one")
    return value.astimezone(UTC)


def _instant_text(value: datetime | None) -> str | None:
    """2026-11-22 02:00:00.000000, always in UTC: as text, earlier is less."""
    return None if value is None else _in_utc(value).isoformat(" ", "microseconds")[:26]


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)
