"""Answers requests with a model in this process, many at once.

Promised:
- Every request gets one reply; one that cannot be answered (its prompt is too long, its grammar
  is none) gets a reply that says why, and costs nobody else anything.
- Requests are taken some batches ahead of their turn, and answered the longest prompts first.
- What is drawn for an answer depends on the request's own seed, sample and probabilities, never on
  its neighbours. The probabilities themselves are sums whose order the batch decides: in bfloat16
  two tokens that are as good as equally likely can change places, and the answer with them.
- A grammar or a schema is held to, but for one exception: where a request has a grammar and shows
  the form by a prefill, only small models are held to it, since larger ones follow by themselves,
  and better (`SMALL_PARAMETERS`).
- When memory runs out, half as many rows are tried, down to one; nothing that was said is lost.

Not covered: several models at once on one device; beams; penalties for repetition.
"""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

import torch

from tasks.errors import WriterError
from tasks.models.grammar_matching import Constraints
from tasks.models.local_batch import Batch
from tasks.models.local_loading import Loaded
from tasks.models.local_prompts import tokens_of
from tasks.models.local_row import Row
from tasks.models.requests import Reply, Request

AHEAD = 4
"""Batches of requests that are taken at once, to sort them by length."""
MAX_READ_TOKENS = 16_384
"""Read in one pass at most: the activations of more fill the memory."""
SMALL_PARAMETERS = 300_000_000
"""Of 20 functions, those with three valid inputs, free and held to a grammar: 1 and 6 with
SmolLM2-135M, 13 and 11 with Qwen2.5-Coder-0.5B."""
ROOM_SHARE = 4
"""Rows are taken in when at least one in so many is free: each time costs a forward pass."""


class LocalEngine:
    """A loaded model. Threads may ask at the same time; they are answered one after the other.

    Args:
        loaded: The model.
        rows: Answers that are written at once, at most.
    """

    def __init__(self, loaded: Loaded, rows: int) -> None:
        self._loaded = loaded
        self._limit = rows
        self._turn = threading.Lock()
        self._batch = Batch(loaded)
        self._constraints = Constraints(loaded.tokenizer, loaded.vocabulary, loaded.ends)

    def generate(self, requests: Iterable[Request]) -> Iterator[Reply]:
        """Replies as they are done. Raises WriterError where not even one row fits in memory."""
        with self._turn:
            try:
                yield from self._replies(iter(requests))
            finally:
                self._batch.empty()

    def _replies(self, requests: Iterator[Request]) -> Iterator[Reply]:
        waiting: list[Row] = []
        while True:
            if len(waiting) < self._limit:
                for taken in self._taken(islice(requests, self._limit * AHEAD - len(waiting))):
                    if isinstance(taken, Reply):
                        yield taken
                    else:
                        waiting.append(taken)
                waiting.sort(key=lambda row: (-len(row.read), row.read))
            if not (waiting or self._batch.rows):
                return
            yield from (row.reply() for row in self._step(waiting))

    def _taken(self, requests: Iterable[Request]) -> Iterator[Row | Reply]:
        for request in requests:
            try:
                yield self._row(request)
            except ValueError as error:
                yield Reply(request.key, "", error=str(error))

    def _row(self, wanted: Request) -> Row:
        request = self._without_needless(wanted)
        prompt = tokens_of(request, self._loaded.tokenizer)
        room = min(request.max_tokens, self._loaded.context - len(prompt))
        if room < 1:
            raise ValueError(
                f"the prompt has {len(prompt)} tokens, the model takes {self._loaded.context}"
            )
        matcher = self._constraints.matcher(request)
        return Row(request, prompt, room, self._loaded.tokenizer, matcher)

    def _without_needless(self, request: Request) -> Request:
        if self._loaded.parameters > SMALL_PARAMETERS and request.grammar and request.prefill:
            return replace(request, grammar="", schema=None)
        return request

    def _step(self, waiting: list[Row]) -> list[Row]:
        """One token for every row, rows from `waiting` taken in first where there is room."""
        try:
            self._take_in(waiting)
            return self._batch.step()
        except (torch.OutOfMemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            self._shrink(waiting, error)
            return []

    def _take_in(self, waiting: list[Row]) -> None:
        free = self._limit - len(self._batch.rows)
        enough = max(1, min(len(waiting), self._limit // ROOM_SHARE))
        if not waiting or (self._batch.rows and (not self._batch.can_join or free < enough)):
            return
        self._batch.share([row.read for row in waiting])
        longest = max(len(row.read) for row in waiting)
        chosen = waiting[: min(free, max(1, MAX_READ_TOKENS // longest))]
        self._batch.admit(chosen)
        del waiting[: len(chosen)]

    def _shrink(self, waiting: list[Row], error: Exception) -> None:
        """Puts all rows back and halves the batch. Raises WriterError where one row is too much."""
        waiting[:0] = self._batch.empty()
        self._batch.forget()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        if self._limit == 1:
            raise WriterError(
                "the model does not fit in memory with even one answer: take a smaller model,"
                " or one that is quantised"
            ) from error
        self._limit //= 2


def is_out_of_memory(error: Exception) -> bool:
    """Whether a device, or the allocator of the CPU, says that it has no memory left."""
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)
