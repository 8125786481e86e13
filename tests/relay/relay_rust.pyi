"""The carriers of Rust: `src/lib.rs`."""

from types import ModuleType

_lib: ModuleType

def carry_in_rust(
    host: int, threads: int, addresses: tuple[int, int, int, int, int, int, int], /
) -> None: ...
def listen_in_rust(host: int, addresses: tuple[int, int, int, int, int, int, int], /) -> None: ...
def join() -> None: ...
