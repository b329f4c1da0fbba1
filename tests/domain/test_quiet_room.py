"""The quiet room stays quiet: standard library only, no clock of its own, nothing async, no files."""

import ast
import sys
from pathlib import Path

import pytest

import backend.domain

FILES = sorted(Path(backend.domain.__file__).parent.glob("*.py"))
ALLOWED = ("backend.domain", "nlu.errors", "nlu.contract")
LOUD_CALLS = {"open", "print", "input", "now", "today", "utcnow", "sleep", "time"}
LOUD_MODULES = {"asyncio", "socket", "subprocess", "os", "pathlib", "logging", "random", "threading", "sqlite3"}


def imported(tree: ast.Module) -> set[str]:
    names = {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
    return names | {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_a_rule_file_imports_only_the_standard_library_and_its_own_room(path):
    for name in imported(ast.parse(path.read_text("utf-8"))):
        top = name.partition(".")[0]
        assert name.startswith(ALLOWED) or (top in sys.stdlib_module_names and top not in LOUD_MODULES), name


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_a_rule_file_asks_no_clock_and_touches_no_file(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        assert not isinstance(node, ast.AsyncFunctionDef | ast.Await)
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            stands_alone = isinstance(node.func, ast.Name)
            assert called not in LOUD_CALLS or (called == "time" and stands_alone), (path.name, node.lineno)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_a_rule_file_says_first_what_it_decides_and_stays_short(path):
    text = path.read_text("utf-8")
    assert ast.get_docstring(ast.parse(text))
    assert len(text.splitlines()) <= 300
