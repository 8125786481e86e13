"""Prints what a compiler needs to embed the Python that runs this, one argument a line.

Exit status 3 and a reason when that cannot be embedded. `python3-config --embed` says as much, but is not in a virtual
environment, and not everywhere else.
"""

from __future__ import annotations

import os
import sys
import sysconfig


def main() -> int:
    """Look where the headers and the shared library are."""
    headers = sysconfig.get_path("include")
    library = sysconfig.get_config_var("INSTSONAME") or ""
    # An interpreter that was moved after it was built does not know where it is.
    folders = [sysconfig.get_config_var("LIBDIR") or "", os.path.join(sys.base_prefix, "lib")]
    found = [folder for folder in folders if os.path.exists(os.path.join(folder, library))]
    version = "{}.{}".format(*sys.version_info)
    if not os.path.exists(os.path.join(headers, "Python.h")):
        print(f"the headers of Python {version} are not installed", file=sys.stderr)
    elif not sysconfig.get_config_var("Py_ENABLE_SHARED") or not found:
        print(f"this Python {version} has no shared library that could be embedded", file=sys.stderr)
    else:
        print("-isystem", headers, os.path.join(found[0], library), f"-Wl,-rpath,{found[0]}", sep="\n")
        return 0
    return 3


if __name__ == "__main__":
    sys.exit(main())
