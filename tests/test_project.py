"""Does the project keep the rules it gave itself that no linter knows?"""

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LINES_MAX = 300
TEST_LINES_MAX = 600  # tests are read one by one, not as a whole
FUNCTION_LINES_MAX = 40
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
REQUIREMENTS = ["requirements.txt", "requirements-dev.txt"]


def modules() -> Iterator[Path]:
    """Every Python file of ours that people write."""
    for folder in ("bot", "handlers", "storage", "locales", "tests"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "versions" not in path.parts:  # migrations are made, and long
                yield path


def shown(path: Path, line: int) -> str:
    """A place, as an editor opens it."""
    return f"{path.relative_to(ROOT)}:{line}"


def test_a_file_is_read_in_one_sitting() -> None:
    long = {}
    for path in modules():
        most = TEST_LINES_MAX if "tests" in path.parts else LINES_MAX
        length = len(path.read_text("utf-8").splitlines())
        if length > most:
            long[shown(path, 1)] = length
    assert long == {}


def test_a_function_fits_on_a_screen() -> None:
    long = [
        f"{shown(path, node.lineno)} {node.name}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= FUNCTION_LINES_MAX
    ]
    assert long == []


def test_a_module_begins_with_the_question_it_answers() -> None:
    silent = []
    for path in modules():
        words = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        answers_something = path.name != "__init__.py" and "tests" not in path.parts
        if answers_something and "?" not in words.partition("\n\n")[0]:
            silent.append(shown(path, 1))
    assert silent == []


def test_who_silences_a_linter_says_why_on_the_same_line() -> None:
    bare = re.compile(r"#\s*(noqa(:\s*[A-Z0-9, ]+)?|type: ignore(\[[\w, -]+\])?)\s*$")
    found = [
        shown(path, number)
        for path in modules()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if bare.search(line)
    ]
    assert found == []


def test_the_top_level_holds_what_the_readme_says() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    names = {line.split("/")[0] for line in listed.stdout.splitlines()}
    ours = {"bot", "handlers", "storage", "locales", "tests", "pyproject.toml", "Makefile"}
    ours |= {"README.md", "README.zh-CN.md", "LICENSE", *REQUIREMENTS}
    assert {name for name in names - ours if not name.startswith(".")} == set()


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_requirements_are_pinned_hashed_and_name_no_host(name: str) -> None:
    words = (ROOT / name).read_text("utf-8")
    assert not re.search(r"\w://|^--|@", words, re.M)
    entries = re.findall(
        r"^([a-z0-9][^\s;]*)[^\n]*\\\n((?:    --hash=sha256:\w{64}.*\n)+)", words, re.M
    )
    assert len(entries) == len(re.findall(r"^[a-z0-9]", words, re.M))
    assert all("==" in entry for entry, _ in entries)


def test_requirements_hold_what_the_project_depends_on() -> None:
    test = PROJECT["optional-dependencies"]["test"]
    for name, wanted in zip(
        REQUIREMENTS, (PROJECT["dependencies"], [*PROJECT["dependencies"], *test]), strict=True
    ):
        pinned = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / name).read_text("utf-8"), re.M))
        named = {re.match(r"[a-z0-9-]+", each.lower()) for each in wanted}
        assert {each.group() for each in named if each} <= pinned


def test_both_requirements_pin_the_same_versions() -> None:
    run, dev = (
        set(re.findall(r"^[a-z0-9-]+==\S+", (ROOT / name).read_text("utf-8"), re.M))
        for name in REQUIREMENTS
    )
    assert run <= dev


def test_the_wheel_carries_what_is_not_python(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT, check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        carried = set(archive.namelist())
    for folder in ("bot", "handlers", "storage", "locales"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and path.suffix != ".pyc":
                assert str(path.relative_to(ROOT)) in carried
    assert not {name for name in carried if name.startswith("tests/")}
