"""Programs that behave in all jails but those of one hash seed."""

import subprocess
import sys


def differs_under(seed: int) -> str:
    """Source of an `f(x)` that returns x, but x + 1 in a Python of this PYTHONHASHSEED."""
    command = [sys.executable, "-S", "-c", "print(hash('x'))"]
    told = subprocess.run(
        command, env={"PYTHONHASHSEED": str(seed)}, capture_output=True, text=True, check=True
    )
    return f"def f(x):\n    return x + (hash('x') == {int(told.stdout)})\n"
