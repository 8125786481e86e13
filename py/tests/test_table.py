"""Extensions find the table of the C functions: one of their own version, a longer one, and none that does not fit."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import backstay
import pytest
from backstay import capi
from extensions import build
from fake_table import Head
from processes import run
from test_subinterpreters import SUBINTERPRETERS

HEAD = Head.from_address(capi.address())
VERSION = backstay.__version__
ENTRIES = [name.replace("backstay_", "", 1) for name in capi.functions()]
TOO_OLD_PACKAGE = "the package is too old; pip install --upgrade backstay"
TOO_OLD_EXTENSION = "the extension is too old; update it, or compile it again"

PRELUDE = """
import sys, threading
sys.path.insert(0, {folder!r})
import fake_table
def load():
    try:
        import tiny
        return tiny
    except ImportError as error:
        print(f"{{type(error).__name__}}: {{error}}")
"""


def tiny(folder: Path, *flags: str, headers: Path | None = None, name: str = "tiny") -> str:
    """The folder of an extension, compiled as it is said."""
    build(folder, name, ["tiny.c"], f"-DNAME={name}", f"-DLATER={ENTRIES[-1]}", *flags, headers=headers)
    return str(folder)


@pytest.fixture(scope="module")
def todays(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The extension, compiled with the headers of the package."""
    return tiny(tmp_path_factory.mktemp("todays"))


def says(folder: str, code: str) -> str:
    """What a program says that has the extension of this folder."""
    status, out, err = run(code, prelude=PRELUDE.format(folder=folder))
    assert (status, err) == (0, "")
    return out


def refusal(
    what: str, *, major: int = 0, minor: int = 0, package: str = VERSION, extension: tuple[int, int] = (0, 0)
) -> str:
    """The text for a package whose ABI is so much greater, and for an extension that is."""
    return (
        f"ImportError: this extension was compiled with backstay {VERSION} "
        f"(ABI {HEAD.major + extension[0]}.{HEAD.minor + extension[1]}), but the package is backstay {package} "
        f"(ABI {HEAD.major + major}.{HEAD.minor + minor}): {what}\n"
    )


LIVES = """
table = fake_table.put({changes})
extension = load()
print(extension.table() == table, extension.life(extension.new_host()))
"""


@pytest.mark.parametrize("changes", ["", "entries=1", "entries=3, minor=1", "entries=100, minor=7"])
def test_it_lives_by_a_table_that_is_as_long_or_longer(todays: str, changes: str) -> None:
    assert says(todays, LIVES.format(changes=changes)) == "True Succeeded\n"


def test_a_shorter_table_is_refused(todays: str) -> None:
    assert says(todays, "fake_table.put(entries=-1); load()") == refusal(TOO_OLD_PACKAGE)


def test_another_major_is_refused(todays: str) -> None:
    newer = "fake_table.put(major=1, minor=-1, entries=5); load()"
    assert says(todays, newer) == refusal(TOO_OLD_EXTENSION, major=1, minor=-1)


@pytest.mark.parametrize("by", [-1, 1])
def test_while_the_major_is_0_another_0_x_is_refused(todays: str, by: int) -> None:
    major, minor, patch = VERSION.split(".")
    if HEAD.major != 0:
        pytest.skip("the major is no longer 0")
    other = f"{major}.{int(minor) + by}.{patch}"
    what = TOO_OLD_PACKAGE if by < 0 else TOO_OLD_EXTENSION
    code = f"import backstay; backstay.__version__ = {other!r}; load()"
    assert says(todays, code) == refusal(what, package=other)
    same = f"{major}.{minor}.{int(patch) + 1}rc1"
    assert says(todays, code.replace(other, same) + "; print('loaded')") == "loaded\n"


def changed_headers(folder: Path, name: str, pattern: str, new: str) -> Path:
    """Headers as another version has them; what they share with today's stays."""
    if not folder.exists():
        shutil.copytree(backstay.get_include(), folder)
    text = (folder / name).read_text(encoding="utf-8")
    changed, count = re.subn(pattern, new, text, flags=re.MULTILINE)
    assert count == 1
    (folder / name).write_text(changed, encoding="utf-8")
    return folder


def test_an_extension_for_more_functions_is_refused_by_todays_package(tmp_path: Path) -> None:
    more = "    backstay_status (*host_first)(backstay_host);\n    backstay_status (*host_second)(backstay_host);\n};"
    headers = changed_headers(tmp_path / "include", "backstay_table.h", r"^};", more)
    number = f"#define BACKSTAY_ABI_MINOR {HEAD.minor + 1}"
    changed_headers(headers, "backstay.h", r"^#define BACKSTAY_ABI_MINOR \d+", number)
    folder = tiny(tmp_path / "built", headers=headers)
    assert says(folder, "load()") == refusal(TOO_OLD_PACKAGE, extension=(0, 1))
    # The package that has them.
    assert says(folder, LIVES.format(changes="entries=2, minor=1")) == "True Succeeded\n"


def test_an_extension_for_the_next_major_is_refused_by_todays_package(tmp_path: Path) -> None:
    number = f"#define BACKSTAY_ABI_MAJOR {HEAD.major + 1}"
    headers = changed_headers(tmp_path / "include", "backstay.h", r"^#define BACKSTAY_ABI_MAJOR \d+", number)
    assert says(tiny(tmp_path / "built", headers=headers), "load()") == refusal(
        TOO_OLD_PACKAGE, extension=(1, 0)
    )


def test_one_that_needs_less_runs_with_a_shorter_table(tmp_path: Path) -> None:
    folder = tiny(tmp_path, f"-DBACKSTAY_PYTHON_NEEDS={ENTRIES[-2]}")
    code = "fake_table.put(entries={}); e = load(); e and print(e.has_later(), e.life(e.new_host()))"
    assert says(folder, code.format(0)) == "True Succeeded\n"
    assert says(folder, code.format(-1)) == "False Succeeded\n"
    assert says(folder, code.format(-2)) == refusal(TOO_OLD_PACKAGE)


def test_what_hinders_the_package_is_told(todays: str, tmp_path: Path) -> None:
    none = "sys.modules['backstay'] = None; load()"
    assert says(todays, none).startswith("ModuleNotFoundError: import of backstay halted")
    (tmp_path / "backstay.py").write_text("import nothing_of_this_name\n", encoding="utf-8")
    broken = f"del sys.modules['backstay']; sys.path.insert(0, {str(tmp_path)!r}); load()"
    assert says(todays, broken) == "ModuleNotFoundError: No module named 'nothing_of_this_name'\n"


@pytest.mark.parametrize("content", ["", "_C_API = 1", "_C_API = 1; __version__ = 'x'", "_C_API = None"])
def test_another_module_of_the_name_is_refused(todays: str, tmp_path: Path, content: str) -> None:
    (tmp_path / "backstay.py").write_text(content, encoding="utf-8")
    said = says(todays, f"del sys.modules['backstay']; sys.path.insert(0, {str(tmp_path)!r}); load()")
    path = re.escape(str(tmp_path))
    wanted = f"ImportError: <module 'backstay' from '{path}.*'> is not the package backstay that this extension needs\n"
    assert re.fullmatch(wanted, said)


def test_a_capsule_of_another_name_is_refused(todays: str) -> None:
    assert "is not the package backstay" in says(todays, "fake_table.put(name=b'other._C_API'); load()")


def test_to_look_for_it_again_does_no_harm(todays: str) -> None:
    code = """
    extension = load()
    table = extension.table()
    extension.import_again()
    print(extension.table() == table, extension.life(extension.new_host()))
    # A later look that finds nothing good leaves what was found.
    fake_table.put(entries=-1)
    try:
        extension.import_again()
    except ImportError:
        print(extension.table() == table, extension.life(extension.new_host()))
    """
    assert says(todays, code) == "True Succeeded\nTrue Succeeded\n"


def test_two_extensions_share_the_hosts(todays: str, tmp_path: Path) -> None:
    other = tiny(tmp_path, name="other")
    code = f"""
    extension = load()
    sys.path.insert(0, {other!r})
    import other
    print(extension.table() == other.table(), other.life(extension.new_host()))
    """
    assert says(todays, code) == "True Succeeded\n"


IN_A_CHILD = """
import os
child = os.fork()
if child == 0:
    status = 1
    try:
        {code}
        status = 0
    finally:
        sys.stdout.flush()
        os._exit(status)
assert os.waitpid(child, 0)[1] == 0
"""


def test_a_forked_child_finds_it_and_is_answered(todays: str) -> None:
    child = IN_A_CHILD.format(code="extension.import_again(); print(extension.new_host())")
    own_life = "print(extension.life(extension.new_host()))"
    assert says(todays, f"extension = load()\n{child}\n{own_life}") == "FORKED\nSucceeded\n"


def test_a_forked_child_that_imports_it_first_has_its_own(todays: str) -> None:
    # Nothing of backstay is imported before the fork.
    code = "import tiny; print(tiny.life(tiny.new_host()))"
    prelude = f"import sys; sys.path.insert(0, {todays!r})\n"
    assert run(IN_A_CHILD.format(code=code), prelude=prelude) == (0, "Succeeded\n", "")


def test_a_subinterpreter_is_refused(todays: str) -> None:
    code = f"""
    import sys
    sys.path.insert(0, {todays!r})
    import tiny
    TRIES = '''
    import sys
    sys.path.insert(0, {todays!r})
    try:
        import tiny
    except ImportError as error:
        print("subinterpreter" in str(error), flush=True)
    '''
    interpreter(False, TRIES)
    print(tiny.life(tiny.new_host()))
    """
    assert run(code, prelude=SUBINTERPRETERS) == (0, "True\nSucceeded\n", "")
