"""Subinterpreters: a clear refusal, whoever comes first, and the main interpreter goes on."""

from __future__ import annotations

import pytest
from processes import run

# Isolated ones are what `concurrent.interpreters` makes; legacy ones are what mod_wsgi makes.
SUBINTERPRETERS = """
import sys
def interpreter(isolated, code):
    if sys.version_info >= (3, 13):
        import _interpreters
        made = _interpreters.create("isolated" if isolated else "legacy")
        failed = _interpreters.exec(made, code)
        _interpreters.destroy(made)
        assert failed is None, failed
    else:
        import _xxsubinterpreters
        if sys.version_info >= (3, 10):
            made = _xxsubinterpreters.create(isolated=isolated)
        else:
            made = _xxsubinterpreters.create()
        _xxsubinterpreters.run_string(made, code)
        _xxsubinterpreters.destroy(made)
TRIES = '''
try:
    import backstay
except ImportError as error:
    print("subinterpreter" in str(error), flush=True)
'''
def main():
    import backstay
    with backstay.Host() as host:
        print(host.register("t", lambda instance: None).fire().wait(30).outcome.name, flush=True)
"""


@pytest.mark.parametrize("isolated", [True, False], ids=["isolated", "legacy"])
@pytest.mark.parametrize(
    ("order", "said"),
    [
        ("sub main", "True\nSUCCEEDED\n"),
        ("main sub main", "SUCCEEDED\nTrue\nSUCCEEDED\n"),
        ("sub sub main sub", "True\nTrue\nSUCCEEDED\nTrue\n"),
    ],
)
def test_it_is_refused_and_the_main_interpreter_goes_on(order: str, said: str, isolated: bool) -> None:
    code = "\n".join(
        "main()" if step == "main" else f"interpreter({isolated}, TRIES)" for step in order.split()
    )
    assert run(code, prelude=SUBINTERPRETERS) == (0, said, "")
