"""The sandbox's face: programs in, outcomes out, in order, one for every call.

Covered: every program gets exactly one tuple with one outcome for each of its calls, whatever it
does and whatever dies. Two passes with other hash seeds, another address layout, another clock,
other order and other company (`prove`) disagree on what depends on any of these. Not covered: a
program that depends on something that both passes happened to share (the audit draws samples for
that).
"""

from collections.abc import Generator, Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from sandbox.image import prepare_image
from sandbox.outcome import Limits, Outcome, Program
from sandbox.pool import Pool
from sandbox.prepare import ignore_warnings
from sandbox.runs import Pass
from sandbox.stream import BATCH_PROGRAMS, Stream

HASH_SEEDS = (0, 20_241, 7, 990_001)
"""Of each pass. `run` makes the first, `prove` two, and all for programs that use sets."""
CLOCK_SHIFT = 625 * 86_400 + 7 * 3_600 + 13 * 60
"""Seconds between the clocks of two passes: another year, month, weekday, hour and minute."""
AHEAD = 4
"""Batches for each worker that may be under way."""


class Sandbox:
    """Runs untrusted programs in nsjail. A context manager; one thread at a time may use it.

    Args:
        workers: Jails that may be at work at a time, on a core each.
        limits: Of each call.
        cache_dir: Where the jail's image is kept; `sandbox.image.default_cache_dir` if None.
        python: The Python for the jail, of the same minor version; the running one if None.
        hash_seeds: PYTHONHASHSEED of each pass: of `run` the first, of `prove` all.

    Raises:
        SandboxUnavailableError: It cannot start here; the message says what to do. There is
            never a fall-back without isolation.
    """

    def __init__(
        self,
        *,
        workers: int = 1,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        cache_dir: Path | None = None,
        python: Path | None = None,
        hash_seeds: tuple[int, ...] = HASH_SEEDS,
    ) -> None:
        self.limits = limits
        self._workers = workers
        self._hash_seeds = hash_seeds
        self._image = prepare_image(cache_dir, python)
        self._pool = Pool(self._image, limits, workers)
        self._pool.start(("bare", hash_seeds[0], 0))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all jails. Nothing is left running."""
        self._pool.close()

    def process_ids(self) -> list[int]:
        """Of the nsjails that are running now, for those who watch them."""
        return self._pool.process_ids()

    def zygote_ids(self) -> list[int]:
        """Of the first process of each jail, as the host sees it."""
        return self._pool.zygote_ids()

    @property
    def image_hash(self) -> str:
        """Changes with all that may change an outcome: Python, jail image, in-jail code."""
        return self._image.digest

    def run(
        self, programs: Iterable[Program], *, arcs: bool = False
    ) -> Generator[tuple[Outcome, ...], None, None]:
        """The outcomes of each program's calls, in order, as they become known.

        Programs are read ahead, some hundred for each worker.

        Args:
            programs: What to run.
            arcs: Record line to line jumps; each call then also has a budget of lines.

        Yields:
            For each program, one outcome for each call.

        Raises:
            SandboxUnavailableError: A jail that ended cannot be replaced.
        """
        return self._stream(programs, self._passes(arcs)[:1])

    def prove(
        self, programs: Iterable[Program], *, arcs: bool = False
    ) -> Generator[tuple[Outcome, ...], None, None]:
        """Like `run`, but run everything twice, and call what differs nondeterministic."""
        return self._stream(programs, self._passes(arcs))

    def _passes(self, arcs: bool) -> list[Pass]:
        return [
            Pass(self.limits, arcs, seed, at * CLOCK_SHIFT)
            for at, seed in enumerate(self._hash_seeds)
        ]

    def _stream(
        self, programs: Iterable[Program], passes: list[Pass]
    ) -> Generator[tuple[Outcome, ...], None, None]:
        ignore_warnings()
        ahead = AHEAD * BATCH_PROGRAMS * self._workers
        stream = Stream(self._pool, passes, ahead=ahead, workers=self._workers)
        source = iter(programs)
        try:
            while stream.fill(source):
                self._pool.step(wait=not stream.first_is_done)
                while stream.first_is_done:
                    yield stream.take()
        finally:
            for terms in passes:
                self._pool.forget(terms)
