"""Zygotes of several kinds and the jobs for them; what dies is replaced.

Covered: a job is settled once, however many zygotes die with it. Which jobs share a zygote, and
when, has no influence on what is settled. Not covered: use from several threads at once.
"""

import selectors
import time
from collections import deque
from collections.abc import Iterator

from sandbox.image import Image
from sandbox.outcome import Limits
from sandbox.policy import Jail
from sandbox.runs import MAX_ATTEMPTS, Job, Pass, give_up, settle
from sandbox.worker import Worker, WorkerDiedError

DEPTH = 2
"""Jobs in a zygote's channel: one at work, one to go on with."""
LOOK_SECONDS = 0.2
"""Between two looks at zygotes that are at work, while something is waited for."""

Kind = tuple[str, int, int]
"""Flavour, hash seed and clock of a zygote."""


class Pool:
    """The zygotes of one sandbox."""

    def __init__(self, image: Image, limits: Limits, workers: int) -> None:
        """Start with nothing done yet.

        Args:
        image: What the jails are made of.
        limits: Of each call, in all jails.
        workers: Zygotes that may be at work at a time.
        """
        self.deaths = 0
        """Zygotes that died and were replaced."""
        self._image, self._limits, self._workers = image, limits, workers
        self._waiting: deque[Job] = deque()
        self._running = 0
        self._looked = time.monotonic()
        self._zygotes: dict[Kind, list[Worker]] = {}
        self._selector = selectors.DefaultSelector()
        self._watched: set[int] = set()
        """Channels in which something waits for room."""

    @property
    def has_room(self) -> bool:
        """A job put in now would go to a zygote at once."""
        return not self._waiting and self._running < DEPTH * self._workers

    def put(self, job: Job) -> None:
        """Take a job; the first to come is the first to go."""
        self._waiting.append(job)
        self._dispatch()

    def step(self, *, wait: bool) -> None:
        """Settle what has come back, and send what there is room for.

        Args:
            wait: For something to happen, where nothing has yet.

        Raises:
            SandboxUnavailableError: A zygote cannot be started.
        """
        events = self._selector.select(LOOK_SECONDS if wait and self._running else 0)
        for key, _ in events:
            self._serve(key.data)
        if wait and time.monotonic() - self._looked > LOOK_SECONDS:
            for worker in list(self._all()):
                self._look(worker)
            self._looked = time.monotonic()
        self._dispatch()

    def start(self, kind: Kind) -> Worker:
        """A new zygote of that kind."""
        worker = Worker(Jail(self._image, self._limits, *kind))
        self._zygotes.setdefault(kind, []).append(worker)
        self._selector.register(worker.output, selectors.EVENT_READ, worker)
        return worker

    def process_ids(self) -> list[int]:
        """Of the nsjails that are running."""
        return [worker.process_id for worker in self._all()]

    def zygote_ids(self) -> list[int]:
        """Of their zygotes, as the host counts processes."""
        return [worker.zygote_id for worker in self._all()]

    def forget(self, terms: Pass) -> None:
        """Drop the jobs of a pass that no one waits for any more; end zygotes that are at them."""
        self._waiting = deque(job for job in self._waiting if job.terms is not terms)
        for worker in list(self._all()):
            if any(job.terms is terms for job in worker.jobs):
                others = [job for job in self._remove(worker) if job.terms is not terms]
                self._waiting.extendleft(reversed(others))

    def close(self) -> None:
        """End all zygotes, whatever they are doing."""
        for worker in list(self._all()):
            self._remove(worker)
        self._waiting.clear()
        self._selector.close()

    def _all(self) -> Iterator[Worker]:
        return (worker for group in self._zygotes.values() for worker in group)

    def _dispatch(self) -> None:
        """Start waiting jobs in order; none waits for a kind of zygote that it does not need."""
        left: deque[Job] = deque()
        while self._waiting and self._running < DEPTH * self._workers:
            job = self._waiting.popleft()
            worker = self._worker_for(job)
            if worker is None:
                left.append(job)
            else:
                self._give(worker, job)
        self._waiting.extendleft(reversed(left))

    def _worker_for(self, job: Job) -> Worker | None:
        """The least busy zygote of the job's kind, a new one, or none while all are busy."""
        kind = (job.flavour, job.terms.hash_seed, job.terms.clock_shift)
        group = self._zygotes.get(kind, [])
        least = min(group, key=lambda worker: len(worker.jobs), default=None)
        if least is not None and not least.jobs:
            return least
        if len(group) < self._workers:
            return self.start(kind)
        return least if least is not None and len(least.jobs) < DEPTH else None

    def _give(self, worker: Worker, job: Job) -> None:
        self._running += 1
        try:
            worker.give(job)
        except WorkerDiedError:
            self._bury(worker)
        else:
            self._await_room(worker)

    def _serve(self, worker: Worker) -> None:
        if worker.is_closed:  # by another event of the same step
            return
        try:
            worker.send()
            answered = worker.receive()
        except WorkerDiedError:
            self._bury(worker)
            return
        self._await_room(worker)
        for job, answer in answered:
            self._running -= 1
            self._waiting.extendleft(reversed(settle(job, answer)))

    def _look(self, worker: Worker) -> None:
        try:
            worker.look()
        except WorkerDiedError:
            self._bury(worker)

    def _await_room(self, worker: Worker) -> None:
        """Wake up for room in the channel just while something waits for it."""
        watched = worker.input in self._watched
        if worker.has_unsent and not watched:
            self._selector.register(worker.input, selectors.EVENT_WRITE, worker)
            self._watched.add(worker.input)
        elif watched and not worker.has_unsent:
            self._selector.unregister(worker.input)
            self._watched.remove(worker.input)

    def _bury(self, worker: Worker) -> None:
        """Give a dead zygote's jobs to another; the first was at work and may be to blame."""
        self.deaths += 1
        jobs = self._remove(worker)
        for at, job in enumerate(jobs):
            if at == 0:
                job.attempts += 1
            again = give_up(job) if job.attempts >= MAX_ATTEMPTS else [job]
            self._waiting.extend(again)

    def _remove(self, worker: Worker) -> list[Job]:
        """End a zygote; the jobs that it still had."""
        self._selector.unregister(worker.output)
        if worker.input in self._watched:
            self._selector.unregister(worker.input)
            self._watched.remove(worker.input)
        jail = worker.jail
        self._zygotes[jail.flavour, jail.hash_seed, jail.clock_shift].remove(worker)
        self._running -= len(worker.jobs)
        jobs = list(worker.jobs)
        worker.close()
        return jobs
