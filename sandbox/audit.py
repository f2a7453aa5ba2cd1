"""Runs a sample of programs once more, each in a fresh jail and with another hash seed.

What two passes in long-lived zygotes agree on could still hang on something that both had in
common. One program in a hundred is therefore asked again in a jail started for it alone, with a
hash seed that no pass has, and without the tracer that records arcs.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.core import Sandbox
from sandbox.outcome import BY_MACHINE, Limits, Outcome, Program, Status

AUDIT_SEED = 4_242
ONE_IN = 100
_COMPARED = frozenset((Status.OK, Status.RAISED))
"""The outcomes that may become ground truth."""
_DOUBTFUL = BY_MACHINE | {Status.INTERNAL_ERROR}
"""What a busy machine could cause: asked again before it is believed."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A call whose outcome was not the same again: an alarm."""

    call: int
    recorded: Outcome
    audited: Outcome


def is_sampled(name: str, *, seed: int = 0, one_in: int = ONE_IN) -> bool:
    """True for one name in so many, always the same ones for a seed; for none if `one_in` is 0."""
    digest = hashlib.sha256(f"{seed}\n{name}".encode(errors="surrogatepass")).digest()
    return bool(one_in) and int.from_bytes(digest[:8]) % one_in == 0


def audit(
    program: Program,
    recorded: Sequence[Outcome],
    *,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    cache_dir: Path | None = None,
) -> tuple[Mismatch, ...]:
    """The calls that end another way than `Sandbox.run` or `prove` said; none is as it should be.

    Args:
        program: What to run again, all of its calls.
        recorded: What was said of each call, under the same limits.
        limits: Of each call.
        cache_dir: As for `Sandbox`.
    """
    audited = _run_afresh(program, limits, cache_dir)
    if any(outcome.status in _DOUBTFUL for outcome in audited):
        audited = _run_afresh(program, limits, cache_dir)
    return tuple(_mismatches(recorded, audited))


def _run_afresh(program: Program, limits: Limits, cache_dir: Path | None) -> tuple[Outcome, ...]:
    with Sandbox(limits=limits, cache_dir=cache_dir, hash_seeds=(AUDIT_SEED,)) as sandbox:
        [outcomes] = sandbox.run([program])
    return outcomes


def _mismatches(recorded: Sequence[Outcome], audited: Sequence[Outcome]) -> Iterator[Mismatch]:
    for call, (before, now) in enumerate(zip(recorded, audited, strict=True)):
        if before.status in _COMPARED and _said(before) != _said(now):
            yield Mismatch(call, before, now)


def _said(outcome: Outcome) -> tuple[object, ...]:
    """All but the arcs."""
    return outcome.status, outcome.value, outcome.error, outcome.message, outcome.mutated
