"""Does the command do what it says, in a line and with an exit code that scripts can trust?"""

import csv
import json
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database import Database
from tests.commands import HOME, Kepu, one_line
from tests.exchange.workbooks import SCHEDULE, SESSION, WITH_ERRORS, a_workbook, cells_of


@pytest.fixture
def kepu(tmp_path: Path) -> Kepu:
    """The command where nothing is yet."""
    return Kepu(tmp_path)


@pytest.fixture
def filled(kepu: Kepu, tmp_path: Path) -> Kepu:
    """The command where one session is."""
    (tmp_path / "one.xlsx").write_bytes(a_workbook())
    assert kepu("import", "one.xlsx").returncode == 0
    return kepu


@pytest.fixture
def used(kepu: Kepu) -> Iterator[Kepu]:
    """The command where another process has the database open."""
    with Database.open(f"sqlite:///{kepu.folder}/data/kepu.db"):
        yield kepu


def test_help_is_there_for_every_command(kepu: Kepu) -> None:
    for words in (
        (),
        ("run",),
        ("migrate",),
        ("import",),
        ("export",),
        ("config", "show"),
        ("invite",),
    ):
        done = kepu(*words, "--help")
        assert (done.returncode, done.stderr) == (0, "")
        assert "--help" in done.stdout


def test_help_loads_nothing_that_takes_long(kepu: Kepu) -> None:
    heavy = "{'sqlalchemy', 'aiohttp', 'pydantic', 'babel', 'alembic', 'xlsxwriter'}"
    code = f"import sys, bot.cli; assert not {heavy} & set(sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=HOME, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("fly",),
        ("import",),
        ("import", "a.xlsx", "--fast"),
        ("run", "--port", "many"),
        ("export", "bookings"),
        ("import", "a.xlsx", "--lang", "fr"),
        ("export", "bookings", "a.pdf"),
        ("invite",),
        ("invite", "boss"),
    ],
)
def test_bad_usage_is_exit_2(kepu: Kepu, words: tuple[str, ...]) -> None:
    assert kepu(*words).returncode == 2


def test_the_real_timetable_is_imported_with_five_seconds_of_work_and_again_changes_nothing(
    kepu: Kepu,
) -> None:
    before = _seconds_worked()
    done = kepu("import", str(SCHEDULE), "--lang", "en")
    assert _seconds_worked() - before < 5  # of computing: the clock would measure other tests too
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "Bases: 12 new, 0 changed, 0 as before",
        "Courses: 8 new, 0 changed, 0 as before",
        "Sessions: 1,282 new, 0 changed, 0 as before",
        "The holidays of 2026 are not imported: closed days may be wrong there.",
        "The holidays of 2027 are not imported: closed days may be wrong there.",
    ]
    again = kepu("import", str(SCHEDULE), "--lang", "en")
    assert again.returncode == 0
    assert again.stdout.splitlines() == [
        "Bases: 0 new, 0 changed, 12 as before",
        "Courses: 0 new, 0 changed, 8 as before",
        "Sessions: 0 new, 0 changed, 1,282 as before",
        "Nothing changed: all of it was there already.",
        "The holidays of 2026 are not imported: closed days may be wrong there.",
        "The holidays of 2027 are not imported: closed days may be wrong there.",
    ]


def test_the_timetable_is_imported_into_postgresql(tmp_path: Path, postgres_url: str) -> None:
    kepu = Kepu(tmp_path, postgres_url)
    report = json.loads(kepu("import", str(SCHEDULE), "--json").stdout)
    assert report["sessions"] == {"new": 1282, "changed": 0, "same": 0}
    assert json.loads(kepu("import", str(SCHEDULE), "--json").stdout)["sessions"]["same"] == 1282
    assert len(kepu.exported("sessions")) == 1282


def test_a_workbook_with_errors_is_refused_whole_and_handed_back(
    kepu: Kepu, tmp_path: Path
) -> None:
    shutil.copyfile(WITH_ERRORS, tmp_path / "十二月.xlsx")
    done = kepu("import", "十二月.xlsx", "--lang", "en")
    assert done.returncode == 1
    *lines, wrong, marked = done.stdout.splitlines()
    assert {line.split(",")[1] for line in lines} == {f" row {row}" for row in range(1284, 1296)}
    assert wrong == "12 rows are wrong; nothing was taken in."
    assert marked == "Every wrong cell is marked in 十二月-错误.xlsx"
    rows = cells_of((tmp_path / "十二月-错误.xlsx").read_bytes(), "场次")
    assert (rows[0][-1], bool(rows[1289][-1]), rows[1295][-1]) == ("错误", True, None)
    assert kepu.exported("sessions") == []


def test_chinese_is_spoken_unless_another_language_is_chosen(kepu: Kepu, tmp_path: Path) -> None:
    shutil.copyfile(WITH_ERRORS, tmp_path / "a.xlsx")
    done = kepu("import", "a.xlsx")
    assert "场次 第 1290 行 名额（H1290）：“五十”不是整数" in done.stdout.splitlines()
    assert "12 行有误，全部未导入。" in done.stdout
    rows = cells_of((tmp_path / "a-错误.xlsx").read_bytes(), "场次")
    assert rows[1289][-1] == "名额：“五十”不是整数"
    english = kepu("import", "a.xlsx", KEPU_DEFAULT_LOCALE="en").stdout
    assert "场次, row 1290, 名额 (H1290): 五十 is not a whole number" in english


def test_a_report_for_scripts_is_one_json_object(kepu: Kepu, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(a_workbook(sessions=[{**SESSION, "名额": "五十"}]))
    report = json.loads(kepu("import", "a.xlsx", "--json", "--lang", "en").stdout)
    assert report["ok"] is False
    assert report["marked"] == "a-错误.xlsx"
    (problem,) = report["problems"]
    assert problem == {
        "sheet": "场次", "row": 2, "column": "名额", "cell": "H2",
        "problem": "五十 is not a whole number",
    }  # fmt: skip
    refused = kepu("import", str(HOME / "pyproject.toml"), "--json")
    assert refused.returncode == 1
    assert json.loads(refused.stdout)["ok"] is False


def test_the_marked_sheet_goes_where_it_is_told_to(kepu: Kepu, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(a_workbook(sessions=[{**SESSION, "名额": "五十"}]))
    (tmp_path / "marked").mkdir()
    kepu("import", "a.xlsx", "--errors-to", "wrong.xlsx")
    kepu("import", "a.xlsx", "--errors-to", "marked")
    found = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.xlsx")}
    assert found == {"a.xlsx", "wrong.xlsx", "marked/a-错误.xlsx"}


def test_a_folder_that_is_read_only_is_left_alone(kepu: Kepu, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "a.xlsx").write_bytes(a_workbook(sessions=[{**SESSION, "名额": "五十"}]))
    kept.chmod(0o555)
    assert kepu("import", "kept/a.xlsx").returncode == 1
    kept.chmod(0o755)
    assert [path.name for path in kept.iterdir()] == ["a.xlsx"]
    assert (tmp_path / "a-错误.xlsx").exists()


def test_a_trial_says_what_would_happen_and_writes_nothing(kepu: Kepu) -> None:
    done = kepu("import", str(SCHEDULE), "--dry-run", "--lang", "en")
    assert done.returncode == 0
    assert "Sessions: 1,282 new, 0 changed, 0 as before" in done.stdout
    assert "A trial: nothing was written." in done.stdout
    assert kepu.exported("sessions") == []


@pytest.mark.parametrize("name", ["nowhere.xlsx", "folder", "garbage.xlsx"])
def test_what_is_no_workbook_is_refused_in_one_line(kepu: Kepu, tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "garbage.xlsx").write_bytes(b"PK\x03\x04" + bytes(range(256)) * 40)
    assert one_line(kepu("import", name)).startswith("kepu: ")


def test_an_export_is_written_in_the_format_its_name_says(filled: Kepu, tmp_path: Path) -> None:
    for name in ("sessions.xlsx", "sessions.csv", "sessions.json", "visitors.CSV"):
        kind = name.partition(".")[0]
        done = filled("export", kind, name, "--lang", "en")
        assert (done.returncode, done.stderr) == (0, "")
        rows = "1 row" if kind == "sessions" else "0 rows"
        assert done.stdout == f"{rows} written to {name}.\n"
    assert filled.exported("sessions") == json.loads((tmp_path / "sessions.json").read_text())
    with (tmp_path / "sessions.csv").open(encoding="utf-8-sig", newline="") as opened:
        assert [row["code"] for row in csv.DictReader(opened)] == ["A-1"]
    assert cells_of((tmp_path / "sessions.xlsx").read_bytes(), "sessions")[1][0] == "A-1"
    assert not [path for path in tmp_path.iterdir() if path.suffix == ".part"]


def test_an_export_that_is_not_there_names_those_that_are(kepu: Kepu) -> None:
    there = "bookings, visitors, sessions, ratings, audit"
    promised = one_line(kepu("export", "hours", "-", "--lang", "en"))
    assert promised == f"kepu: There is no export of hours; there are {there}."
    assert there in one_line(kepu("export", "cats", "-"), status=2)


def test_an_export_into_a_folder_that_is_not_there_is_refused(filled: Kepu) -> None:
    assert one_line(filled("export", "sessions", "gone/a.csv")).startswith("kepu: gone/a.csv: ")


def test_an_export_reports_as_json(filled: Kepu) -> None:
    report = json.loads(filled("export", "sessions", "a.csv", "--json").stdout)
    assert report == {"ok": True, "kind": "sessions", "rows": 1, "file": "a.csv"}


@pytest.mark.parametrize(
    "words",
    [
        ("run",),
        ("migrate",),
        ("import", str(SCHEDULE)),
        ("export", "bookings", "-"),
        ("invite", "desk"),
    ],
)
def test_a_second_process_on_the_same_file_is_refused_in_one_line(
    used: Kepu, words: tuple[str, ...]
) -> None:
    line = one_line(used(*words))
    assert (
        line
        == "kepu: data/kepu.db is in use by another kepu process (SQLite serves one); stop it first"
    )


@pytest.mark.parametrize("words", [("run",), ("migrate",), ("config", "show")])
def test_a_wrong_setting_is_refused_in_one_line_that_names_it(
    kepu: Kepu, words: tuple[str, ...]
) -> None:
    assert "KEPU_PORT" in one_line(kepu(*words, KEPU_PORT="many"))


def test_an_option_of_run_is_checked_like_the_setting(kepu: Kepu) -> None:
    assert "KEPU_HOST" in one_line(kepu("run", "--host", "0.0.0.0"))
    assert "KEPU_PORT" in one_line(kepu("run", "--port", "70000"))


def test_an_invitation_is_a_code_and_what_to_do_with_it(filled: Kepu) -> None:
    done = filled("invite", "desk", "--base", "江边科技馆", "--name", "王老师", "--lang", "en")
    assert (done.returncode, done.stderr) == (0, "")
    first, second = done.stdout.splitlines()
    assert first.startswith("王老师 · desk · 江边科技馆 · ")
    code = first.rpartition(" ")[2]
    assert second == f"Within 24 hours, type in any chat: /start {code}"
    found = (filled.folder / "data/kepu.db").read_bytes()
    assert "王老师".encode() not in found
    assert code.replace("-", "").encode() not in found


def test_an_invitation_reports_as_json(filled: Kepu) -> None:
    report = json.loads(filled("invite", "admin", "--json").stdout)
    code = report.pop("code")
    assert re.fullmatch(r"[2-9A-Z]{4}-[2-9A-Z]{4}", code)
    assert report == {"ok": True, "role": "admin", "base": None, "name": None, "hours": 24}


def test_nobody_is_invited_to_a_base_that_is_not_there(filled: Kepu) -> None:
    line = one_line(filled("invite", "desk", "--base", "月球馆", "--lang", "en"))
    assert line == "kepu: There is no base called 月球馆."
    report = json.loads(filled("invite", "desk", "--base", "月球馆", "--json").stdout)
    assert report["ok"] is False


def test_a_database_that_cannot_be_reached_is_one_line_without_its_password(kepu: Kepu) -> None:
    url = "postgresql://kepu:hush@127.0.0.1:1/kepu"
    line = one_line(kepu("migrate", KEPU_DATABASE_URL=url))
    assert "cannot reach the PostgreSQL database" in line
    assert "hush" not in line


def test_the_tables_are_made_and_made_again_without_harm(kepu: Kepu) -> None:
    done = kepu("migrate", "--lang", "en")
    assert (done.returncode, done.stdout) == (0, "The database is up to date.\n")
    assert json.loads(kepu("migrate", "--json").stdout) == {"ok": True}


def test_the_settings_are_shown_with_their_origin_and_without_secrets(
    kepu: Kepu, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("KEPU_PORT=9999\n")
    secret = "x" * 40
    shown = json.loads(kepu("config", "show", "--json", KEPU_SECRET_KEY=secret).stdout)
    assert shown["KEPU_PORT"] == {"value": "9999", "origin": ".env"}
    assert shown["KEPU_HOST"] == {"value": "127.0.0.1", "origin": "default"}
    assert shown["KEPU_SECRET_KEY"]["value"] == "•••"
    lines = kepu("config", "show", KEPU_SECRET_KEY=secret, KEPU_PROT="1")
    assert secret not in lines.stdout
    assert "KEPU_PORT=9999  (.env)" in lines.stdout.splitlines()
    assert "KEPU_PROT is no setting of Kepu; did you mean KEPU_PORT?" in lines.stderr


def _seconds_worked() -> float:
    """What the commands run so far took of the processor."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
