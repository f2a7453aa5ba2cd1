"""Runs a sample of programs once more, in a fresh jail and with another hash seed.

What two passes in long-lived zygotes agree on could still hang on something that both had in
common. One program in a hundred is therefore asked again in a jail started for it alone.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sandbox.core import Sandbox
from sandbox.outcome import Limits, Outcome, Program, Status

AUDIT_SEED = 4_242
ONE_IN = 100
_COMPARED = frozenset((Status.OK, Status.RAISED))
"""The outcomes that may become ground truth."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A call whose outcome was not the same again: an alarm."""

    program: Program
    call: int
    recorded: Outcome
    audited: Outcome


def is_sampled(program: Program, *, one_in: int = ONE_IN) -> bool:
    """True for one program in so many, always the same ones."""
    digest = hashlib.sha256(f"{program.entry}\n{program.source}".encode(errors="surrogatepass"))
    return int.from_bytes(digest.digest()[:8]) % one_in == 0


def audit(
    results: Iterable[tuple[Program, tuple[Outcome, ...]]],
    *,
    one_in: int = ONE_IN,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    cache_dir: Path | None = None,
) -> Iterator[tuple[Program, tuple[Mismatch, ...]]]:
    """Ask a sample again.

    Args:
        results: Programs and what `Sandbox.prove` said of them, with the same limits.
        one_in: How many programs there are for each that is asked.
        limits: Of each call.
        cache_dir: As for `Sandbox`.

    Yields:
        Each program that was asked, and the calls that went another way.
    """
    for program, recorded in results:
        if is_sampled(program, one_in=one_in):
            with Sandbox(limits=limits, cache_dir=cache_dir, hash_seeds=(AUDIT_SEED,)) as sandbox:
                [audited] = sandbox.run([program])
            yield program, tuple(_mismatches(program, recorded, audited))


def _mismatches(
    program: Program, recorded: tuple[Outcome, ...], audited: tuple[Outcome, ...]
) -> Iterator[Mismatch]:
    for call, (before, now) in enumerate(zip(recorded, audited, strict=True)):
        said = (before.status, before.value, before.error, before.message, before.mutated)
        again = (now.status, now.value, now.error, now.message, now.mutated)
        if before.status in _COMPARED and said != again:
            yield Mismatch(program, call, before, now)
