"""What does the code of a function say, and what do the names in it stand for?"""

import ast
import builtins
import contextlib
import inspect
import linecache
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType
from typing import Any, TypeAlias

from handlers.conversation.question import FlowError

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


class Unknown:
    """What a name stands for when that is known only as the code runs."""


@dataclass(frozen=True)
class Source:
    """A function as its syntax tree, and the values its global and enclosing names have now."""

    function: Callable[..., Any]
    file: str
    tree: Function
    names: dict[str, Any]
    parameters: tuple[str, ...]

    def nodes(self) -> Iterator[ast.AST]:
        """Every node of the body; not the decorators, nor the types of the parameters."""
        for statement in self.tree.body:
            yield from ast.walk(statement)

    def value(self, node: ast.AST) -> Any:
        """What a name, or an attribute of a module or class, stands for; else Unknown."""
        if isinstance(node, ast.Name):
            return self.names.get(node.id, Unknown)
        if isinstance(node, ast.Attribute):
            owner = self.value(node.value)
            if isinstance(owner, (ModuleType, type)):
                return getattr(owner, node.attr, Unknown)
        return Unknown

    def dump(self) -> str:
        """The code without its layout, comments and docstring."""
        body = self.tree.body
        start = 1 if ast.get_docstring(self.tree, clean=False) is not None else 0
        parts = [ast.dump(each) for each in [self.tree.args, *body[start:]]]
        return "\n".join([self.tree.name, *parts])


def source_of(function: Callable[..., Any]) -> Source:
    """Read a function's source. Raises FlowError when there is none to read."""
    function = inspect.unwrap(function)
    code = function.__code__
    lines = linecache.getlines(code.co_filename, function.__globals__)
    tree = _functions("".join(lines)).get((code.co_firstlineno, code.co_name))
    if tree is None:
        raise FlowError(
            f"the source of {code.co_name!r} is not at {code.co_filename}:{code.co_firstlineno}: "
            "define flows in files, and install the files with the program"
        )
    parameters = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    outside = {**vars(builtins), **function.__globals__, **_enclosing(function)}
    names = {name: outside[name] for name in outside.keys() - {*parameters, *_assigned(tree)}}
    return Source(function, code.co_filename, tree, names, parameters)


@lru_cache(maxsize=4)
def _functions(text: str) -> dict[tuple[int, str], Function]:
    found = {}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, Function):
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            found[first, node.name] = node
    return found


def _assigned(tree: Function) -> set[str]:
    return {
        each.id
        for each in ast.walk(tree)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    }


def _enclosing(function: Callable[..., Any]) -> dict[str, Any]:
    found = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        with contextlib.suppress(ValueError):  # the cell is still empty
            found[name] = cell.cell_contents
    return found
