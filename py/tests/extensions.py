"""Extensions in C and C++, compiled by the tests against the headers that the package ships, or against others."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sysconfig
from pathlib import Path

import backstay
import pytest

HERE = Path(__file__).parent / "table"
#: Where the tests in C keep what all of them need.
OF_C = Path(__file__).parents[2] / "tests" / "c"

WARNINGS = "-Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wsign-conversion -Wundef -Wcast-qual"
LANGUAGES = {
    ".c": ("CC", "cc", "-std=c11 -Wstrict-prototypes -Wmissing-prototypes"),
    # Where the headers keep something private they say so; what inline functions make is the compiler's.
    ".cpp": ("CXX", "c++", "-std=c++17 -Wold-style-cast -Wzero-as-null-pointer-constant -fvisibility=hidden"),
}


def compiler(suffix: str) -> list[str]:
    """The compiler for files that end so, with its flags; where there is none, the test is skipped."""
    variable, name, flags = LANGUAGES[suffix]
    command = shlex.split(os.environ.get(variable) or name)
    if shutil.which(command[0]) is None:
        pytest.skip(f"there is no compiler {command[0]!r}; set {variable}")
    return [*command, *shlex.split(f"{flags} {WARNINGS} -g -O1 -fPIC -pthread")]


def build(folder: Path, name: str, sources: list[str], *flags: str, headers: Path | None = None) -> Path:
    """The extension of this name, made of files of `table`; one for every Python from 3.9 on."""
    python = Path(sysconfig.get_path("include"))
    if not (python / "Python.h").exists():
        pytest.skip("Python.h is not installed")
    include = headers or Path(backstay.get_include())
    folder.mkdir(parents=True, exist_ok=True)
    objects = []
    for source in sources:
        objects.append(str(folder / f"{source}.o"))
        run(
            *compiler(Path(source).suffix),
            *("-DPy_LIMITED_API=0x03090000", f"-isystem{python}", f"-I{include}", f"-I{OF_C}", f"-I{folder}"),
            *(*flags, "-c", str(HERE / source), "-o", objects[-1]),
        )
    made = folder / f"{name}.abi3.so"
    run(compiler(Path(sources[-1]).suffix)[0], "-shared", "-pthread", *objects, "-o", str(made))
    return made


def run(*command: str) -> str:
    """What a tool of the compiler's says; when it fails, so does the test."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, f"{shlex.join(command)}\n{done.stderr}"
    return done.stdout
