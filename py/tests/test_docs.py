"""What the documents show works: the examples of the READMEs, of the docstrings, and the text of the stubs."""

from __future__ import annotations

import ast
import doctest
import importlib
import re
import subprocess
import sys
from pathlib import Path

import backstay
import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = Path(backstay.__file__).parent


def examples(document: str) -> list[str]:
    text = (ROOT / document).read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(
    ("document", "number"),
    [
        (document, number)
        for document in ("README.md", "py/README.md")
        for number in range(len(examples(document)))
    ],
)
def test_the_examples_of_the_readmes_run(document: str, number: int) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", examples(document)[number]],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_there_are_examples() -> None:
    assert (len(examples("README.md")), len(examples("py/README.md"))) == (1, 3)


@pytest.mark.parametrize("module", ["backstay", "backstay._values", "backstay.capi"])
def test_the_examples_of_the_docstrings_run(module: str) -> None:
    if module == "backstay.capi":
        pytest.importorskip("cffi")
    result = doctest.testmod(importlib.import_module(module))
    assert result.attempted > 0 and result.failed == 0


def public(body: list[ast.stmt], within: str = "") -> list[tuple[str, ast.AST]]:
    found: list[tuple[str, ast.AST]] = []
    for node in body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and node.name[0] != "_":
            found.append((f"{within}{node.name}", node))
            if isinstance(node, ast.ClassDef):
                found += public(node.body, f"{node.name}.")
    return found


@pytest.mark.parametrize(
    "file",
    [
        "_lib.pyi",
        "_host.py",
        "_errors.py",
        "_results.py",
        "_snapshot.py",
        "_values.py",
        "_words.py",
        "_run.py",
        "capi.py",
    ],
)
def test_every_public_name_is_documented(file: str) -> None:
    tree = ast.parse((PACKAGE / file).read_text(encoding="utf-8"))
    names = public(tree.body)
    assert names
    for name, node in names:
        decorators = {ast.unparse(one) for one in getattr(node, "decorator_list", [])}
        if {"overload", f"{name.split('.')[-1]}.setter"} & decorators:
            continue
        assert isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        assert ast.get_docstring(node), f"{name} in {file} has no docs"
