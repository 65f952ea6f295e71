"""Does the schema come whole from any point at which it was left, and match the models?"""

import os
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine
from sqlmodel import SQLModel

import storage.models
from storage import failpoints, schema
from storage.database import Database, DatabaseUnusable
from tests.postgres import Cluster

assert storage.models  # its tables have to be known before they are compared

STATEMENTS_MAX = 500


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """The address of a database without tables, once on each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    cluster: Cluster = request.getfixturevalue("postgres_cluster")
    with cluster.database(f"empty_{os.getpid()}") as url:
        yield url


def engine_of(url: str) -> Engine:
    """An engine that is closed by its caller."""
    database = Database.open(url)
    database.close()
    return database.engine


def described(engine: Engine) -> dict[str, Any]:
    """Everything the database says of its tables, in the same order however they were made."""
    look = sa.inspect(engine)
    tables = [name for name in look.get_table_names() if name != "alembic_version"]
    parts: dict[str, Callable[[str], Any]] = {
        "columns": look.get_columns,
        "primary key": look.get_pk_constraint,
        "foreign keys": look.get_foreign_keys,
        "unique": look.get_unique_constraints,
        "checks": look.get_check_constraints,
        "indexes": look.get_indexes,
    }
    return {
        table: {part: _sorted(describe(table)) for part, describe in parts.items()}
        for table in tables
    }


def _sorted(found: Any) -> list[str]:
    return sorted(map(_plain, found if isinstance(found, list) else [found]))


def _plain(found: Any) -> str:
    if isinstance(found, dict):
        # A default is there for the rows that are older than their column; new rows say everything.
        kept = {key: _plain(value) for key, value in found.items() if key != "default"}
        return str(dict(sorted(kept.items())))
    return str(found)


def test_the_migrated_schema_is_that_of_the_models(empty_url: str) -> None:
    with Database.open(empty_url) as database:
        engine = database.engine
        schema.migrate(engine)
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, SQLModel.metadata) == []
        migrated = described(engine)
        SQLModel.metadata.drop_all(engine)
        SQLModel.metadata.create_all(engine)
        told = "the models changed; python -m storage.migrations 'what changed' writes a migration"
        assert described(engine) == migrated, told


def test_a_migrated_schema_is_current(database_url: str) -> None:
    with Database.open(database_url) as database:
        assert schema.is_current(database.engine)
        schema.migrate(database.engine)
        assert schema.is_current(database.engine)


def test_an_empty_database_is_not_current(empty_url: str) -> None:
    with Database.open(empty_url) as database:
        assert not schema.is_current(database.engine)


def test_the_connection_that_migrated_is_as_careful_as_every_other(empty_url: str) -> None:
    with Database.open(empty_url) as database:
        schema.migrate(database.engine)
        if database.engine.dialect.name == "sqlite":
            with database.engine.connect() as connection:
                assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_a_schema_of_a_newer_kepu_is_refused_with_one_line(database_url: str) -> None:
    with Database.open(database_url) as database:
        with database.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '2099_01_01_more'")
        for look in (schema.is_current, schema.migrate):
            with pytest.raises(
                DatabaseUnusable,
                match=r"was written by a newer Kepu \(revision 2099_01_01_more\); install that",
            ) as refused:
                look(database.engine)
            assert "\n" not in str(refused.value)


def test_a_database_of_another_program_is_left_alone(empty_url: str) -> None:
    with Database.open(empty_url) as database:
        with database.engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE person (name TEXT)")
        with pytest.raises(DatabaseUnusable, match="holds tables of another program"):
            schema.migrate(database.engine)


def test_an_address_can_be_migrated(empty_url: str) -> None:
    schema.migrate(empty_url)
    with Database.open(empty_url) as database:
        assert schema.is_current(database.engine)


def test_two_processes_may_start_at_once(empty_url: str) -> None:
    if empty_url.startswith("sqlite"):
        return  # its file serves one process, and says so to the second
    children = [_fork(lambda: schema.migrate(empty_url)) for _ in range(3)]
    assert [_outcome(child) for child in children] == [0, 0, 0]
    with Database.open(empty_url) as database:
        assert schema.is_current(database.engine)


def test_killed_at_any_statement_it_starts_again_and_ends_whole(
    empty_url: str,
) -> None:
    """Every N: a process of its own is killed before its Nth statement, another one goes on."""
    for number in range(1, STATEMENTS_MAX):
        url = _another(empty_url, number)
        outcome = _migrated_in(url, f"statement:{number}")
        if outcome == 0:
            assert number > len(SQLModel.metadata.tables)  # it really counted statements
            return
        assert outcome == 9
        assert _is_empty(url)
        assert _migrated_in(url, "") == 0
        assert _is_whole(url)
    pytest.fail("more statements than expected")


@pytest.mark.parametrize("path", sorted((schema.FOLDER / "versions").glob("20*.py")))
def test_a_migration_is_named_by_its_date_and_imports_nothing_that_changes(path: Path) -> None:
    words = path.read_text("utf-8")
    assert f'revision = "{path.stem}"' in words
    assert len(path.stem) <= 32  # PostgreSQL's column of revisions holds no more
    imports = [line for line in words.splitlines() if line.startswith(("import", "from"))]
    ours = [line for line in imports if re.search(r"\b(bot|handlers|storage|locales)\b", line)]
    assert imports[-2:] == ["import sqlalchemy as sa", "from alembic import op"]
    assert ours == []
    assert "def downgrade" not in words


def test_every_migration_follows_the_one_before_it() -> None:
    before = "None"
    for name in schema.revisions():
        words = (schema.FOLDER / "versions" / f"{name}.py").read_text("utf-8")
        assert f"down_revision = {before}\n" in words
        before = f'"{name}"'


def _another(url: str, number: int) -> str:
    if url.startswith("sqlite"):
        return url.replace("empty.db", f"empty-{number}.db")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return url


def _migrated_in(url: str, faults: str) -> int:
    def work() -> None:
        failpoints.arm(faults)
        schema.migrate(url)

    return _outcome(_fork(work))


def _is_empty(url: str) -> bool:
    engine = engine_of(url)
    try:
        return not sa.inspect(engine).get_table_names()
    finally:
        engine.dispose()


def _is_whole(url: str) -> bool:
    engine = engine_of(url)
    try:
        tables = set(sa.inspect(engine).get_table_names())
        return tables == {*SQLModel.metadata.tables, "alembic_version"} and schema.is_current(
            engine
        )
    finally:
        engine.dispose()


def _fork(work: Callable[[], None]) -> int:
    """A process that does `work` and ends; its number. Forked, as importing takes a second."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads, which the child has not
        child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001 - the parent is told by the exit code
            os._exit(1)
        os._exit(0)
    return child


def _outcome(child: int) -> int:
    """How the process ended: 0 well, 1 not, 9 killed."""
    return abs(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
