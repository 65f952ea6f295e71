"""What does every test get: a fixed now, and a migrated, empty database of its own?"""

import itertools
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import settings

from storage.database import Database
from storage.schema import migrate
from tests import postgres
from tests.builders import NOW
from tests.conversation.flows import DESK, Desk

settings.register_profile("kepu", deadline=None, print_blob=True)
settings.load_profile("kepu")

TESTS = Path(__file__).parent
UNCOUNTED = ("invariants", "kill", "telegram")

_numbers = itertools.count(1)
_passed = itertools.count(1)


@pytest.fixture(autouse=True)
def _fresh_desk() -> Iterator[None]:
    """What a test changed about the engine's small base is as it was for the next one."""
    yield
    DESK.__dict__.update(Desk().__dict__)


@pytest.fixture
def now() -> datetime:
    """The moment every test happens at, unless it says another."""
    return NOW


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[postgres.Cluster]:
    """One server a test process. Its databases are made and dropped by the fixtures below."""
    programs = postgres.binaries()
    if programs is None:
        pytest.skip("PostgreSQL is not installed")
    with postgres.Cluster(programs) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "kepu.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def _postgres_template(postgres_cluster: postgres.Cluster) -> Iterator[str]:
    with postgres_cluster.database("kepu_template") as url:
        migrate(url)
        yield "kepu_template"


@pytest.fixture
def sqlite_url(_sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a migrated, empty SQLite file."""
    path = tmp_path / "kepu.db"
    shutil.copy(_sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres_cluster: postgres.Cluster, _postgres_template: str) -> Iterator[str]:
    """The address of a migrated, empty PostgreSQL database."""
    with postgres_cluster.database(f"test_{next(_numbers)}", _postgres_template) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a migrated, empty database, once on each kind."""
    found = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    assert isinstance(found, str)
    return found


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An open, empty database, once on each kind."""
    with Database.open(database_url) as opened:
        yield opened


@pytest.fixture
def sqlite_database(sqlite_url: str) -> Iterator[Database]:
    """An open, empty SQLite database, for a test that both kinds need not run."""
    with Database.open(sqlite_url) as opened:
        yield opened


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[Database]:
    """An open, empty PostgreSQL database, for what only several writers can show."""
    with Database.open(postgres_url) as opened:
        yield opened


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Do not count what thousands of random or repeated steps run: it is tested line by line."""
    for item in items:
        if item.path.relative_to(TESTS).parts[0] in UNCOUNTED:
            item.add_marker(pytest.mark.no_cover)


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """A dot for every fifty tests that passed: all of it has to stay on one screen."""
    if report.when == "call" and report.passed:
        return "passed", "." if next(_passed) % 50 == 0 else "", "PASSED"
    return None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name every test that was left out, and why: nobody should take it for passed."""
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped:
        terminalreporter.section("left out")
    for report in skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        terminalreporter.write_line(f"{report.nodeid}  {str(reason).removeprefix('Skipped: ')}")
