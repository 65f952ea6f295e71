"""Is a call what the Bot API's own description of its methods and types allows?

tests/data/bot_api.json is that description without its prose.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

_PATH = Path(__file__).parent.parent / "data" / "bot_api.json"
_SIMPLE: dict[str, tuple[type, ...]] = {
    "Integer": (int,),
    "Float": (int, float),
    "String": (str,),
    "Boolean": (bool,),
    "True": (bool,),
}


class Malformed(ValueError):
    """A parameter is not what its type says."""


@cache
def schema() -> dict[str, Any]:
    """The methods and types there are."""
    read: dict[str, Any] = json.loads(_PATH.read_text())
    return read


def checked(
    method: str, given: dict[str, Any], files: dict[str, bytes]
) -> tuple[dict[str, Any], list[str]]:
    """The parameters as values, and everything that is wrong with them.

    A form holds words only: whatever is no String is read from JSON first.
    """
    described = schema()["methods"].get(method)
    if described is None:
        return {}, [f"{method} is no method"]
    problems = [f"{name} is no parameter" for name in given.keys() - described.keys()]
    missing = [name for name, field in described.items() if field["required"]]
    problems += [f"{name} is missing" for name in missing if name not in {*given, *files}]
    values = {}
    for name, value in given.items():
        if name not in described:
            continue
        try:
            values[name] = _value(value, described[name]["types"])
            _check(values[name], described[name]["types"], name, files)
        except Malformed as error:
            problems.append(str(error))
    return values, problems


def _value(value: Any, types: list[str]) -> Any:
    if not isinstance(value, str) or types in (["String"], ["InputFile"], ["InputFile", "String"]):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _check(value: Any, types: list[str], where: str, files: dict[str, bytes]) -> None:
    """Raises Malformed unless the value is of one of the types."""
    problems = []
    for each in types:
        try:
            _check_one(value, each, where, files)
        except Malformed as error:
            problems.append(str(error))
        else:
            return
    raise Malformed("; ".join(problems))


def _check_one(value: Any, kind: str, where: str, files: dict[str, bytes]) -> None:
    if kind in _SIMPLE:
        is_it = isinstance(value, _SIMPLE[kind])
        if not is_it or (isinstance(value, bool) and kind not in ("Boolean", "True")):
            raise Malformed(f"{where} is no {kind}: {value!r}")
    elif kind == "InputFile":
        if not isinstance(value, str) or value.removeprefix("attach://") not in files:
            raise Malformed(f"{where} is no file: {value!r}")
    elif kind.startswith("Array of "):
        if not isinstance(value, list):
            raise Malformed(f"{where} is no list: {value!r}")
        for index, each in enumerate(value):
            _check_one(each, kind.removeprefix("Array of "), f"{where}[{index}]", files)
    else:
        _check_object(value, kind, where, files)


def _check_object(value: Any, kind: str, where: str, files: dict[str, bytes]) -> None:
    described = schema()["types"][kind]
    if "subtypes" in described:
        _check(value, described["subtypes"], where, files)
        return
    if not isinstance(value, dict):
        raise Malformed(f"{where} is no {kind}: {value!r}")
    fields = described["fields"]
    for name in value.keys() - fields.keys():
        raise Malformed(f"{where}.{name} is no field of {kind}")
    for name, field in fields.items():
        if name in value:
            _check(value[name], field["types"], f"{where}.{name}", files)
        elif field["required"]:
            raise Malformed(f"{where}.{name} is missing in {kind}")
