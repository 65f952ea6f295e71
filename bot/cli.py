"""What can an operator tell Kepu from a shell?

Each command imports what it needs when it runs, so that `kepu --help` answers at once.
"""

import os
import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot import operating
from bot.operating import AsJson, Failed, Lang
from bot.telegram_commands import webhook

if TYPE_CHECKING:
    from storage.database import Database

PROMISED = ("docents", "hours", "deliveries")  # exports that have no records yet

commands = typer.Typer(
    name="kepu",
    help="Visits to science-education bases, booked in chat.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
config = typer.Typer(help="What the settings say.", no_args_is_help=True)
commands.add_typer(config, name="config")
telegram = typer.Typer(help="What Telegram is told.", no_args_is_help=True)
telegram.add_typer(webhook, name="webhook")
commands.add_typer(telegram, name="telegram")


class InvitedAs(StrEnum):
    """The roles an operator can give; `storage.models.Duty`, which takes long to load."""

    COORDINATOR = "coordinator"
    LEAD = "lead"
    DESK = "desk"
    ADMIN = "admin"


def main() -> None:
    """The command `kepu`: exit 0 when done, 1 when refused or failed, 2 on bad usage."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal may not know every character of a name
            stream.reconfigure(errors="replace")
    try:
        commands()
    except Failed as error:
        operating.stop(str(error))
    except OSError as error:
        about = f"{error.filename}: " if error.filename else ""
        operating.stop(f"{about}{error.strerror or error}")


@commands.command()
def run(
    *,
    demo: Annotated[
        bool, typer.Option("--demo", help="Show demo bases with sessions of the next 14 days.")
    ] = False,
    host: Annotated[str | None, typer.Option(help="Listen here instead of KEPU_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Listen here instead of KEPU_PORT.")] = None,
) -> None:
    """Serve the web chat and every channel that is set up, until told to stop."""
    for name, value in (("KEPU_HOST", host), ("KEPU_PORT", port)):
        if value is not None:  # checked with all other settings, as if it had been set there
            os.environ[name] = str(value)
    settings = operating.settings()
    operating.warn_of_unknown_settings()
    from bot import app

    with operating.one_line():
        app.run(settings, is_demo=demo)


@commands.command()
def migrate(*, as_json: AsJson = False, lang: Lang = "") -> None:
    """Bring the database's tables up to date; `kepu run` does it by itself."""
    settings = operating.settings()
    locale = operating.locale(lang, settings)
    from bot import reports
    from handlers.texts import _

    with operating.database(settings):
        reports.tell(_("The database is up to date."), locale, as_json=as_json)


@commands.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A workbook with the sheets 基地, 课程, 场次.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only; write nothing.")] = False,
    errors_to: Annotated[
        Path | None,
        typer.Option(help="Where the marked sheet goes. Default: FILE-错误.xlsx beside FILE."),
    ] = None,
    as_json: AsJson = False,
    lang: Lang = "",
) -> None:
    """Take in bases, courses and sessions from Excel: all of them or, if one is wrong, none."""
    settings = operating.settings()
    locale = operating.locale(lang, settings)
    from bot import reports
    from handlers.exchange import actions, sheets
    from handlers.exchange.package import FILE_MAX_BYTES
    from handlers.exchange.problems import Unfit
    from handlers.messages import Refused

    try:
        given = sheets.read(_read(file, FILE_MAX_BYTES + 1))
    except Refused as refused:
        operating.refuse(refused.text, locale, as_json=as_json)
    now = _now()
    with operating.database(settings) as database:
        work = database.read_and_wait if dry_run else database.write_and_wait
        try:
            taken = work(
                lambda db: actions.take_in(db, given, settings.timezone, now, is_trial=dry_run)
            )
        except Unfit as unfit:
            marked = reports.hand_back(given, unfit, reports.marked_paths(file, errors_to), locale)
            reports.tell_problems(unfit, marked, locale, as_json=as_json)
            raise typer.Exit(1) from None
    reports.tell_taken(taken, locale, is_trial=dry_run, as_json=as_json)


@commands.command("export")
def export(
    kind: Annotated[str, typer.Argument(help="bookings, visitors, sessions, ratings or audit.")],
    file: Annotated[str, typer.Argument(help=".xlsx, .csv or .json; - is JSON on stdout.")],
    *,
    as_json: AsJson = False,
    lang: Lang = "",
) -> None:
    """Write records to a file. Times are ISO 8601 with the offset of the base; nobody is named."""
    settings = operating.settings()
    locale = operating.locale(lang, settings)
    from bot import reports
    from handlers.exchange import export as exchange
    from handlers.texts import _, ngettext

    if kind not in exchange.KINDS:
        kinds = ", ".join(exchange.KINDS)
        text = _("There is no export of {kind}; there are {kinds}.", kind=kind, kinds=kinds)
        operating.refuse(text, locale, as_json=as_json, status=1 if kind in PROMISED else 2)
    path = None if file == "-" else Path(file)
    write = exchange.FORMATS.get(path.suffix.lower()) if path else exchange.as_json
    if write is None:
        text = _("Give a file that ends in .xlsx, .csv or .json, or - for stdout.")
        operating.refuse(text, locale, as_json=as_json, status=2)
    with operating.database(settings) as database:
        table = database.read_and_wait(exchange.KINDS[kind])
        if kind == "audit":
            _warn_of_broken_seals(database, locale)
    if path is None:
        sys.stdout.buffer.write(write(table))
        return
    reports.write_file(path, write(table))
    rows = len(table.rows)
    text = ngettext("{n} row written to {file}.", "{n} rows written to {file}.", rows, file=file)
    reports.tell(text, locale, as_json=as_json, kind=kind, rows=rows, file=file)


@commands.command()
def invite(
    role: Annotated[InvitedAs, typer.Argument(help="What they will be.")],
    *,
    base: Annotated[str, typer.Option(help="The base, named in full. Default: every base.")] = "",
    name: Annotated[str, typer.Option(help="Whom it is for: printed back, not kept.")] = "",
    as_json: AsJson = False,
    lang: Lang = "",
) -> None:
    """Print a code that gives a role, once, to whoever types /start CODE within 24 hours."""
    settings = operating.settings()
    locale = operating.locale(lang, settings)
    from bot import reports
    from handlers.linking.invite import invite as give_code
    from handlers.messages import Refused
    from storage.models import Duty

    with operating.database(settings) as database:
        try:
            code = database.write_and_wait(lambda db: give_code(db, Duty(role), base, _now()))
        except Refused as refused:
            operating.refuse(refused.text, locale, as_json=as_json)
    reports.tell_invited(code, role, base, name, locale, as_json=as_json)


@config.command("show")
def show_config(*, as_json: AsJson = False) -> None:
    """Every setting with its value and where it comes from; secrets are not told."""
    settings = operating.settings()
    operating.warn_of_unknown_settings()
    from bot import reports
    from bot.settings import shown

    reports.show_settings(shown(settings), as_json=as_json)


def _now() -> datetime:
    # A command is a process of its own, without the app that reads the clock for all others.
    return datetime.now(UTC)  # noqa: TID251 - see above


def _warn_of_broken_seals(database: "Database", locale: str) -> None:
    from handlers.texts import _, say
    from storage import audit

    broken = database.read_and_wait(audit.broken_at)
    if broken is not None:
        text = _("Entry {n} of the audit is not as it was sealed.", n=broken)
        typer.echo(f"kepu: {say(text, locale)}", err=True)


def _read(file: Path, bytes_max: int) -> bytes:
    with file.open("rb") as opened:
        return opened.read(bytes_max)


if __name__ == "__main__":
    main()
