"""What does every command need: the settings, the database, and one line when it cannot go on?

Imports what takes long when it is used, so that `kepu --help` answers at once.
"""

import contextlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from bot.settings import Settings
    from handlers.texts import Text
    from storage.database import Database

AsJson = Annotated[bool, typer.Option("--json", help="Report as one JSON object.")]
Lang = Annotated[
    str, typer.Option(help="Language of the report, zh_CN or en. Default: KEPU_DEFAULT_LOCALE.")
]


class Failed(Exception):
    """A command cannot go on; the message is one line for the operator."""


def settings() -> "Settings":
    """Every setting. Raises Failed."""
    from bot.settings import SettingsWrong, load

    try:
        return load()
    except SettingsWrong as error:
        raise Failed(str(error)) from error


def warn_of_unknown_settings() -> None:
    """Name what was set and is no setting."""
    from bot.settings import unknown

    for line in unknown():
        typer.echo(line, err=True)


def locale(lang: str, settings: "Settings") -> str:
    """The language of a report. Raises BadParameter."""
    from handlers.texts import LOCALES, known_locale

    locale = known_locale(lang, "") if lang else settings.default_locale
    if not locale:
        raise typer.BadParameter(f"{lang}: there are {', '.join(LOCALES)}", param_hint="--lang")
    return locale


@contextlib.contextmanager
def one_line() -> Iterator[None]:
    """Let what the database, or a setting that proves wrong, says against us be one line."""
    from sqlalchemy.exc import DBAPIError

    from bot.origins import SettingsWrong
    from storage.database import DatabaseUnusable

    try:
        yield
    except (DatabaseUnusable, SettingsWrong) as error:
        raise Failed(str(error)) from error
    except DBAPIError as error:
        raise Failed(f"the database failed: {error.orig}".strip()) from error


@contextlib.contextmanager
def database(settings: "Settings") -> "Iterator[Database]":
    """The database, its tables up to date."""
    from storage.database import Database
    from storage.schema import migrate as migrate_tables

    with one_line(), Database.open(settings.database_url) as database:
        migrate_tables(database.engine)
        yield database


def refuse(text: "Text", locale: str, *, as_json: bool, status: int = 1) -> NoReturn:
    """Say why something is not done, and end."""
    from bot import reports
    from handlers.texts import say

    if as_json:
        reports.put_json({"ok": False, "error": say(text, locale)})
        raise typer.Exit(status)
    stop(say(text, locale), status)


def stop(line: str, status: int = 1) -> NoReturn:
    """End with one line."""
    typer.echo(f"kepu: {' '.join(line.split())}", err=True)
    sys.exit(status)
