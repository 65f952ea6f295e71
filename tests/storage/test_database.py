"""Is the database opened, read and closed as it should be, or refused with one line?"""

import re
import subprocess
import sys
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from storage.database import Database, DatabaseUnusable
from storage.db import Db
from storage.models import Family
from storage.statements import Query, scalar
from tests.builders import a_family
from tests.storage.works import Gate, fails, families

ROOT = Path(__file__).parent.parent.parent

_FAMILIES = Query(select(func.count(col(Family.id))), into=scalar)


async def test_a_read_sees_what_is_committed_and_keeps_nothing(database: Database) -> None:
    await database.write(a_family)

    def work(db: Db) -> Any:
        a_family(db)
        return db.first(_FAMILIES)

    assert await database.read(work) == 2
    assert families(database) == 1


def test_a_read_that_fails_says_so_and_holds_nothing(database: Database) -> None:
    for _ in range(30):  # more than there are connections
        with pytest.raises(ValueError, match="no"):
            database.read_and_wait(fails)
    database.write_and_wait(a_family)
    assert families(database) == 1


def test_reads_do_not_wait_for_a_writer(database: Database) -> None:
    gate = Gate()
    thread = threading.Thread(target=database.write_and_wait, args=(gate.work,))
    thread.start()
    gate.entered()
    assert families(database) == 0
    gate.open()
    thread.join()


def test_closing_finishes_what_waits_and_takes_nothing_new(database_url: str) -> None:
    database = Database.open(database_url)
    gate, outcome = Gate(), Future[int]()
    holder = threading.Thread(target=database.write_and_wait, args=(gate.work, "x"))
    holder.start()
    gate.entered()
    late = threading.Thread(
        target=lambda: outcome.set_result(database.write_and_wait(a_family, "x"))
    )
    late.start()
    while database._writers[0].jobs.empty() and all(w.jobs.empty() for w in database._writers):
        threading.Event().wait(0.001)
    gate.open()
    database.close()
    assert outcome.result(5) > 0
    holder.join()
    late.join()
    with pytest.raises(RuntimeError, match="closed"):
        database.write_and_wait(a_family)
    with Database.open(database_url) as again:
        assert families(again) == 1


def test_a_second_process_on_the_same_file_is_refused_with_one_line(
    sqlite_database: Database, sqlite_url: str
) -> None:
    program = (
        "import sys\n"
        "from storage.database import Database, DatabaseUnusable\n"
        "try:\n    Database.open(sys.argv[1])\n"
        "except DatabaseUnusable as no:\n    print(no)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", program, sqlite_url],
        capture_output=True, text=True, check=True, cwd=ROOT, timeout=30,
    ).stdout  # fmt: skip
    assert re.fullmatch(r"\S+kepu\.db is in use by another kepu process .*stop it first\n", told)


def test_a_file_is_free_again_once_it_is_closed(sqlite_url: str) -> None:
    for _ in range(2):
        with Database.open(sqlite_url) as database:
            database.write_and_wait(a_family)
    with Database.open(sqlite_url) as database:
        assert families(database) == 2


def test_the_folder_of_a_new_file_is_made(tmp_path: Path) -> None:
    Database.open(f"sqlite:///{tmp_path}/new/folder/kepu.db").close()
    assert (tmp_path / "new" / "folder" / "kepu.db").exists()


def test_a_file_that_is_no_database_is_refused_with_one_line(tmp_path: Path) -> None:
    path = tmp_path / "kepu.db"
    path.write_text("not a database " * 100)
    for _ in range(2):  # the second finds no lock left behind
        with pytest.raises(DatabaseUnusable, match=r"kepu\.db: file is not a database$"):
            Database.open(f"sqlite:///{path}")


def test_a_folder_that_cannot_be_made_is_refused_with_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DatabaseUnusable, match=r"cannot open .*kepu\.db: \w+"):
        Database.open(f"sqlite:///{tmp_path}/file/kepu.db")


def test_a_server_that_is_not_there_is_refused_with_one_line() -> None:
    url = "postgresql://kepu:canary@127.0.0.1:1/kepu"
    with pytest.raises(DatabaseUnusable, match="cannot reach the PostgreSQL database") as refused:
        Database.open(url)
    assert "\n" not in str(refused.value)
    assert "canary" not in str(refused.value)


def test_nothing_but_the_writer_begins_commits_or_rolls_back() -> None:
    allowed = {"storage/writer.py", "storage/database.py"}
    allowed |= {"storage/postgres.py", "storage/sqlite.py", "storage/migrations/env.py"}
    words = re.compile(r"\.(commit|rollback|begin_nested)\(|\b(BEGIN|COMMIT|ROLLBACK)\b")
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for folder in ("bot", "handlers", "storage")
        for path in (ROOT / folder).rglob("*.py")
        if str(path.relative_to(ROOT)) not in allowed
        for line in path.read_text("utf-8").splitlines()
        if words.search(line.partition("#")[0])
    ]
    assert found == []
