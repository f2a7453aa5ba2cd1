"""The sampled audit: one function in a hundred is run once more, in a fresh jail.

Which functions those are follows from their ids and the seed. A function that answers another
way is dropped. One alone says little about the others; from the second on, more than one in ten
thousand of those asked fails the build. In continuous integration, the first one does.
"""

from collections.abc import Sequence

from sandbox import Limits, Outcome, Program, Status
from sandbox.audit import Mismatch, audit, is_sampled
from tasks.errors import AuditError
from tasks.records.drops import DropReason, Funnel

MOST_DIFFERING = 1 / 10_000
"""Of the audited functions, the share that may answer another way."""


class Auditor:
    """Asks a sample of functions again."""

    def __init__(self, *, one_in: int, seed: int, limits: Limits) -> None:
        """Start with nothing asked yet.

        Args:
            one_in: Functions for each that is asked; 0 for none at all.
            seed: Of the build: another one draws another sample.
            limits: Of each call, as they were when the outcomes were recorded.
        """
        self._one_in, self._seed, self._limits = one_in, seed, limits
        self.audited = 0
        """Functions asked so far."""

    def complaint(self, function: str, program: Program, recorded: Sequence[Outcome]) -> str:
        """What a function of that id said another time; empty if the same, or if not asked.

        Raises:
            RuntimeError: The sandbox itself failed.
        """
        if not is_sampled(function, seed=self._seed, one_in=self._one_in):
            return ""
        mismatches = audit(program, recorded, limits=self._limits)
        self.audited += 1
        return _described(mismatches[0]) if mismatches else ""


def _described(mismatch: Mismatch) -> str:
    before, now = mismatch.recorded, mismatch.audited
    if now.status is Status.INTERNAL_ERROR:
        raise RuntimeError(f"the audit's sandbox failed: {now.error}; run `case2code doctor`")
    return (
        f"call {mismatch.call}: {before.status} {before.value or before.error} in the build, "
        f"{now.status} {now.value or now.error} in a fresh jail"
    )


def differing_functions(funnel: Funnel) -> int:
    """How many of the functions that were asked again answered another way."""
    return sum(row.dropped.get(DropReason.AUDIT_MISMATCH, 0) for row in funnel.steps)


def require_agreement(asked: int, funnel: Funnel, *, strict: bool) -> None:
    """End a build whose outcomes are not to be trusted.

    Args:
        asked: Functions that ran once more.
        funnel: What became of all functions so far.
        strict: Bear no mismatch at all, as in continuous integration.

    Raises:
        AuditError: Too many functions answered another way.
    """
    differing = differing_functions(funnel)
    bearable = 0 if strict else max(1, asked * MOST_DIFFERING)
    if differing > bearable:
        raise AuditError(
            f"{differing} of {asked} audited functions gave other outcomes in a fresh jail, and at "
            f"most {'none' if strict else 'one in 10,000'} may: the outcomes of this build cannot "
            "be trusted. They are in the drops of the step execute, with the reason "
            f"{DropReason.AUDIT_MISMATCH.value}. Report them with the versions of Python and the "
            "kernel; `case2code doctor` says whether this machine's sandbox is sound"
        )
