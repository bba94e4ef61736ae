"""Every regular expression of the bot as it uses it, and strings that make a careless one slow."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import bot
from bot.english.patterns import LazyPattern

METHODS = {"match", "search", "fullmatch", "sub", "subn", "findall", "finditer", "split"}
CALLS = {f"re.{method}" for method in (*METHODS, "compile")}


class Use(NamedTuple):
    """A pattern, where it is used, and the method that it is used with."""

    place: str
    pattern: "re.Pattern[str]"
    method: str

    def run(self, text: str) -> None:
        """Do with a text what the bot does."""
        if self.method in ("sub", "subn"):
            self.pattern.sub(lambda match: match.group(), text)
        elif self.method == "finditer":
            for _ in self.pattern.finditer(text):
                pass
        else:
            getattr(self.pattern, self.method)(text)


class NotFound(Exception):
    """A pattern that only the running function knows; say in `local` what it may be."""


Local = Mapping[tuple[str, str], Sequence[object]]


def uses(local: Local) -> list[Use]:
    """Every use of a pattern in `bot`, each once.

    `local` has what the local variables in a pattern may be, by module and name. Raises NotFound
    for one that is not there.
    """
    found: dict[tuple[str, int, str], Use] = {}
    for module in _modules():
        for use in (*_of_globals(module), *_of_calls(module, local)):
            found.setdefault((use.pattern.pattern, use.pattern.flags, use.method), use)
    return list(found.values())


def _modules() -> Iterator[ModuleType]:
    for info in pkgutil.walk_packages(bot.__path__, "bot."):
        if not info.name.endswith("__main__"):
            yield importlib.import_module(info.name)


def _tree(module: ModuleType) -> ast.AST:
    return ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))


def _of_globals(module: ModuleType) -> Iterator[Use]:
    """The compiled patterns of a module, with the methods that it calls on each."""
    methods = _methods_of_names(_tree(module))
    for name, value in vars(module).items():
        for pattern in _patterns_in(value):
            for method in sorted(methods.get(name, {"finditer"})):
                yield Use(f"{module.__name__}.{name}", pattern, method)


def _of_calls(module: ModuleType, local: Local) -> Iterator[Use]:
    """The patterns that a module gives to `re.search` and the like.

    What is compiled of nothing local is one of its globals.
    """
    for call in ast.walk(_tree(module)):
        if not (isinstance(call, ast.Call) and ast.unparse(call.func) in CALLS):
            continue
        method, written = ast.unparse(call.func).removeprefix("re."), ast.unparse(call.args[0])
        unknown = _unknown(module, written)
        if method == "compile" and unknown is None:
            continue
        for pattern in _values(module, written, unknown, local):
            yield Use(
                f"{module.__name__}:{call.lineno}",
                re.compile(pattern, _flags(module, call, method)),
                "finditer" if method == "compile" else method,
            )


def _flags(module: ModuleType, call: ast.Call, method: str) -> int:
    place = 1 if method == "compile" else 2
    given = [word.value for word in call.keywords if word.arg == "flags"]
    if not given and method not in ("sub", "subn", "split"):
        given = call.args[place : place + 1]
    return int(eval(ast.unparse(given[0]), vars(module))) if given else 0


def _unknown(module: ModuleType, written: str) -> str | None:
    """The local variable in an expression, if there is one. It is our own source that runs."""
    try:
        eval(written, vars(module))
    except NameError as error:
        return error.name
    return None


def _values(module: ModuleType, written: str, unknown: str | None, local: Local) -> list[Any]:
    if unknown is None:
        return [eval(written, vars(module))]
    if (module.__name__, unknown) not in local:
        raise NotFound(f"{module.__name__}: {unknown} in {written}")
    return [eval(written, vars(module), {unknown: one}) for one in local[module.__name__, unknown]]


def _methods_of_names(tree: ast.AST) -> dict[str, set[str]]:
    """By the name of a pattern, the methods that its module calls on it."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.attr in METHODS
        ):
            found.setdefault(node.value.id, set()).add(node.attr)
    return found


def _patterns_in(value: object) -> Iterator["re.Pattern[str]"]:
    if isinstance(value, LazyPattern):
        value = re.compile(value.pattern, value.flags)
    if isinstance(value, re.Pattern):
        if isinstance(value.pattern, str):
            yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _patterns_in(one)
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _patterns_in(one)


# What is repeated in a hostile string, and what stands before and after that.
UNITS = (
    "a", "A", "1", " ", "\t", "\n", "\r", ".", ",", ":", ";", "-", "_", "'", '"', "<", ">", "(",
    ")", "[", "]", "{", "}", "|", "/", "&", "?", "!", "#", "%", "=", "*", "+", "@", "\u4e00",
    "a ", "A ", "1 ", "a.", "a,", "a-", "a'", "a&", "a/", "1.", "1,", "1:", ": ", "a:", ":a", "<a",
    "{%", "%}", "{{", "}}", "{#", "a\n", "\n ", " \n", "\r\n", "# \n", "%\n", "a: b\n", "a = b\n",
    "us ", "and ", "and, ", "or, ", "what ", "what about ", "and what ", "see ", "for ", "of ",
    "a of a ", "the ", "catch ", "break ", "fill ", "does a ", "tl ", "\u0300", "a\u0300", "‚a",
    "in:", 'in:"', "in:'a ", "in:«", "http://", "http://a", "mailto:", "Aa ", "Aa-", "Aa, ",
    "A’", "Aa’s ", "the Aa ", "Dr Aa ", "Aa von ", "president ", "president a ", "president, Aa ",
    "a president", "10 000 ", "1 000", "A.", "a+", "C#", "9 a.m.", "2025-01-01", "。", "。a",
)  # fmt: skip
AROUND = (("", ""), ("", "\n"), ("", "\0"), (":", ""), ("x ", "\nx"), ("<", " "), ("see ", "\n"))


class Hostile(NamedTuple):
    """A text that is one thing over and over, with something before and after it."""

    head: str
    unit: str
    tail: str

    def of(self, n: int) -> str:
        """About n characters of it."""
        return self.head + self.unit * (n // len(self.unit)) + self.tail


def hostile(pattern: str = "") -> list[Hostile]:
    """What might be slow for anything, and for a pattern: of its own words and signs."""
    pieces = _pieces(pattern)
    units = dict.fromkeys((*UNITS, *pieces))
    around = (*AROUND, *((piece, "\0") for piece in pieces[:3]))
    return [Hostile(head, unit, tail) for unit in units for head, tail in around]


def _pieces(pattern: str) -> list[str]:
    """The plain words and signs that a pattern itself is made of."""
    bare = re.sub(r"\\[a-zA-Z]|\(\?[:=!<P]?|[\^$*+?(){}|\[\]]", "\0", pattern).replace("\\", "")
    found = [piece for piece in bare.split("\0") if 0 < len(piece) < 20]
    return list(dict.fromkeys([*found[:12], "".join(found[:2])])) if found else []
