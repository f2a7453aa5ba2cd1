"""Runs untrusted Python in a jail, fast. Standard library only, and the nsjail binary.

    from sandbox import Call, Program, Sandbox

    with Sandbox() as sandbox:
        program = Program("def double(x): return 2 * x", "double", (Call((21,)),))
        [[outcome]] = sandbox.run([program])
        print(outcome.status, outcome.value)  # ok 42

What it covers and what it does not: `sandbox/README.md`.
"""

from sandbox.core import Sandbox
from sandbox.errors import SandboxError, SandboxUnavailableError
from sandbox.escapes import EscapeResult, try_escapes
from sandbox.outcome import Call, Limits, Outcome, Program, Status
from sandbox.preflight import Check, check_host
from sandbox.values import ValueTooLargeError, decode, encode

__all__ = [
    "Call",
    "Check",
    "EscapeResult",
    "Limits",
    "Outcome",
    "Program",
    "Sandbox",
    "SandboxError",
    "SandboxUnavailableError",
    "Status",
    "ValueTooLargeError",
    "check_host",
    "decode",
    "encode",
    "try_escapes",
]
