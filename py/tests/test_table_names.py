"""Every name of the headers works in an extension, in C and in C++, and none is asked of a library."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import backstay
import pytest
from extensions import build
from extensions import run as tool
from processes import run

ROOT = Path(__file__).parents[2]

#: What the functions of the header stand for in an extension is its own: no macro can stand for these two.
ITS_OWN = {"backstay_get_api", "backstay_instance_get_deferral"}


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The extension, with every function that the header declares."""
    folder = tmp_path_factory.mktemp("names")
    with open(os.path.join(backstay.get_include(), "backstay.h"), encoding="utf-8") as file:
        declared = re.findall(r"^(?!#|typedef|extern)\w[\w *]*?(backstay_\w+)\(", file.read(), re.MULTILINE)
    assert len(declared) > 100
    (folder / "names.inc").write_text("".join(f"NAME({name})\n" for name in declared), encoding="utf-8")
    return build(folder, "names", ["names.c", "names.cpp"])


def test_every_name_is_the_function_of_the_table(names: Path) -> None:
    code = f"""
    sys.path.insert(0, {str(names.parent)!r})
    import names
    from backstay import capi
    functions = capi.functions()
    for found in (names.in_c, names.in_cpp):
        print({{name for name in found if found[name] != functions.get(name)}} == {ITS_OWN!r}, end=" ")
    print(names.in_c == names.in_cpp, names.gives_the_table, len(names.in_c) == len(functions) + 1)
    """
    assert run(code) == (0, "True True True 1 True\n", "")


def test_every_name_can_be_called(names: Path) -> None:
    code = f"""
    sys.path.insert(0, {str(names.parent)!r})
    import names
    print(names.call_all() > 80, names.life_in_cpp(), backstay._lib._live_handles())
    """
    assert run(code) == (0, "True Succeeded 0\n", "")


@pytest.mark.skipif(sys.platform != "linux", reason="looks at ELF files")
def test_it_is_linked_to_nothing_and_shows_nothing(names: Path) -> None:
    if shutil.which("readelf") is None:
        pytest.skip("binutils are not installed")
    needed = re.findall(r"NEEDED.*\[(.*)\]", tool("readelf", "--dynamic", "--wide", str(names)))
    assert needed and not [library for library in needed if "backstay" in library]
    symbols = tool("readelf", "--dyn-syms", "--wide", str(names))
    assert "PyInit_names" in symbols
    assert not re.findall(r" (?:backstay_\w+|_ZN?K?\d*backstay\w*)$", symbols, re.MULTILINE)
