"""Which Python runs in the jail: where its parts lie, and whether it is the host's version."""

import importlib.util
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import SandboxUnavailableError

_DESCRIBE = """
import importlib.util, json, sys, sysconfig
base = {"base": sys.base_prefix, "installed_base": sys.base_prefix}
base |= {"platbase": sys.base_exec_prefix, "installed_platbase": sys.base_exec_prefix}
print(json.dumps({
    "executable": getattr(sys, "_base_executable", sys.executable),
    "stdlib": sysconfig.get_path("stdlib", vars=base),
    "platlibdir": sys.platlibdir,
    "dynload": next((path for path in sys.path if path.endswith("lib-dynload")), ""),
    "magic": importlib.util.MAGIC_NUMBER.hex(),
    "version": sys.version,
}))
"""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """An installed Python, outside of any virtual environment."""

    executable: Path
    stdlib: Path
    platlibdir: str
    dynload: Path | None
    """The extension modules; often a folder inside `stdlib`, sometimes none at all."""
    version: str
    """`sys.version`, in full."""

    @property
    def folder(self) -> str:
        """Name of the library folder: python3.11."""
        return self.stdlib.name


def describe_interpreter(python: Path | None = None) -> Interpreter:
    """The Python behind `python`, or behind the running one where it is None.

    Raises:
        SandboxUnavailableError: It does not run, or its byte code is not this Python's: code is
            compiled here and runs there.
    """
    command = [str(python or sys.executable), "-I", "-S", "-c", _DESCRIBE]
    try:
        answer = subprocess.run(command, capture_output=True, check=True, timeout=30)  # noqa: S603 - the caller's own Python
        found = json.loads(answer.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise SandboxUnavailableError(f"{command[0]} is no Python that runs: {error}") from error
    if found["magic"] != importlib.util.MAGIC_NUMBER.hex():
        raise SandboxUnavailableError(
            f"{command[0]} is Python {found['version'].split()[0]}, whose byte code differs from "
            f"that of {sys.version.split()[0]}: give a Python of the same minor version"
        )
    return Interpreter(
        executable=Path(found["executable"]).resolve(),
        stdlib=Path(found["stdlib"]),
        platlibdir=found["platlibdir"],
        dynload=Path(found["dynload"]) if found["dynload"] else None,
        version=found["version"],
    )
