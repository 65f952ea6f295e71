"""How does a command tell the operator what it did: in lines for people, or as JSON?"""

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from bot.settings import Shown
from handlers.exchange import returned
from handlers.exchange.actions import Taken, Tally
from handlers.exchange.problems import Unfit
from handlers.exchange.sheets import Sheets
from handlers.texts import Text, _, ngettext, say
from storage.codes import LASTS
from storage.models import Purpose

INVITED_HOURS = int(LASTS[Purpose.INVITE].total_seconds()) // 3600


def tell(text: Text, locale: str, *, as_json: bool, **facts: Any) -> None:
    """One sentence; as JSON, the facts instead."""
    if as_json:
        put_json({"ok": True, **facts})
    else:
        _lines([say(text, locale)])


def tell_taken(taken: Taken, locale: str, *, is_trial: bool, as_json: bool) -> None:
    """What an import did."""
    if as_json:
        put_json({"ok": True, "dry_run": is_trial, **dataclasses.asdict(taken)})
        return
    tallies = [
        (_("Bases"), taken.bases),
        (_("Courses"), taken.courses),
        (_("Sessions"), taken.sessions),
    ]
    if taken.holidays != Tally(0, 0, 0):
        tallies.append((_("Holidays"), taken.holidays))
    lines = [_tallied(what, tally) for what, tally in tallies]
    if not any(tally.new or tally.changed for _what, tally in tallies):
        lines.append(_("Nothing changed: all of it was there already."))
    elif is_trial:
        lines.append(_("A trial: nothing was written."))
    if taken.disturbed:
        lines.append(
            ngettext(
                "{n} session that is booked is moved or cancelled; its visitors are told: {codes}",
                "{n} sessions that are booked are moved or cancelled; "
                "their visitors are told: {codes}",
                len(taken.disturbed),
                codes="、".join(taken.disturbed),
            )
        )
    lines += [
        _(
            "The holidays of {year} are not imported: closed days may be wrong there.",
            year=str(year),
        )
        for year in taken.unknown_years
    ]
    _lines([say(line, locale) for line in lines])


def tell_invited(code: str, role: str, base: str, name: str, locale: str, *, as_json: bool) -> None:
    """A code that was made for somebody, and what to do with it."""
    if as_json:
        facts = {"code": code, "role": role, "base": base or None, "name": name or None}
        put_json({"ok": True, **facts, "hours": INVITED_HOURS})
        return
    whom = [each for each in (name, role, base) if each]
    how = _("Within {n} hours, type in any chat: {command}", n=INVITED_HOURS,
            command=f"/start {code}")  # fmt: skip
    _lines([" · ".join([*whom, code]), say(how, locale)])


def tell_problems(unfit: Unfit, marked: Path | None, locale: str, *, as_json: bool) -> None:
    """Everything that is wrong in a workbook, and where it is marked."""
    rows = len({(problem.sheet, problem.row) for problem in unfit.problems})
    text = ngettext(
        "{n} row is wrong; nothing was taken in.", "{n} rows are wrong; nothing was taken in.", rows
    )
    if as_json:
        problems = [
            {
                "sheet": each.sheet,
                "row": each.row,
                "column": each.column,
                "cell": each.cell,
                "problem": say(each.what, locale),
            }
            for each in unfit.problems
        ]
        facts = {"problems": problems, "marked": str(marked) if marked else None}
        put_json({"ok": False, "error": say(text, locale), **facts})
        return
    _lines([say(problem.sentence, locale) for problem in unfit.problems])
    _lines([say(text, locale)], style="bold red")
    if marked:
        _lines([say(_("Every wrong cell is marked in {file}", file=str(marked)), locale)])


def hand_back(sheets: Sheets, unfit: Unfit, places: Sequence[Path], locale: str) -> Path | None:
    """Write the marked workbook at the first place that takes it; None when none does."""
    content = returned.with_errors(sheets.as_given, unfit.problems, locale)
    for path in places:
        try:
            write_file(path, content)
        except OSError as error:
            typer.echo(f"kepu: {path}: {error.strerror}", err=True)
        else:
            return path
    return None


def show_settings(rows: Sequence[Shown], *, as_json: bool) -> None:
    """Every setting, its value and its origin."""
    if as_json:
        put_json({each.name: {"value": each.value, "origin": each.origin} for each in rows})
        return
    console = _console()
    if not console.is_terminal:
        _lines([f"{each.name}={each.value}  ({each.origin})" for each in rows])
        return
    table = Table("setting", "value", "origin", box=None)
    for each in rows:
        table.add_row(*each)
    console.print(table)


def put_json(value: Any) -> None:
    """One line of JSON."""
    typer.echo(json.dumps(value, ensure_ascii=False))


def write_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all. Raises OSError."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        part.unlink(missing_ok=True)


def _tallied(what: Text, tally: Tally) -> Text:
    return _(
        "{what}: {new} new, {changed} changed, {same} as before",
        what=what,
        new=tally.new,
        changed=tally.changed,
        same=tally.same,
    )


def _lines(lines: Sequence[str], style: str = "") -> None:
    console = _console()
    for line in lines:
        console.print(line, style=style or None)


def _console() -> Console:
    # People's own words are not markup, and a line stays one line where it is piped.
    return Console(markup=False, highlight=False, emoji=False, soft_wrap=True)


def marked_paths(file: Path, errors_to: Path | None) -> list[Path]:
    """Where the marked sheet may go, the best place first."""
    name = f"{file.stem}-错误.xlsx"
    if errors_to is not None:
        return [errors_to / name if errors_to.is_dir() else errors_to]
    # Root may write anywhere, even into a folder whose owner lets nobody.
    is_kept = file.parent.stat().st_mode & 0o222 == 0
    return [Path(name)] if is_kept else [file.with_name(name), Path(name)]
