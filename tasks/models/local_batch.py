"""The rows in flight: each forward pass gives every one of them its next token.

Rows that are done leave at once. Where the model's cache can be joined, others take their place
while the rest goes on, prompts that are equal are read once, a beginning that prompts share is
read once for all of them, and tokens about which a grammar leaves no choice cost no pass.
"""

from collections.abc import Sequence
from itertools import takewhile
from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache

from tasks.models.local_cache import Block, can_join, joined, lent, without_gaps
from tasks.models.local_loading import Loaded
from tasks.models.local_row import Row
from tasks.models.local_sampling import choose

MIN_SAVED = 128
"""Tokens: where reading a beginning once spares fewer, the pass for it costs more than it saves."""


class Batch:
    """Rows of one model. After an error it must be emptied; the rows themselves stay good."""

    def __init__(self, loaded: Loaded) -> None:
        self.rows: list[Row] = []
        self.can_join = can_join(loaded.model.config)
        self._loaded = loaded
        self._block: Block | None = None
        self._logits: Tensor | None = None
        self._staying: list[int] = []
        self._shared: tuple[int, ...] = ()
        self._shared_block: Block | None = None

    def share(self, texts: Sequence[tuple[int, ...]]) -> None:
        """Reads the beginning that coming texts have in common, if that is worth it."""
        beginning = common_beginning(texts)
        spared = (len(beginning) - _common(self._shared, beginning)) * (len(set(texts)) - 1)
        if self.can_join and spared >= MIN_SAVED:
            ids = self._ids([list(beginning)])
            self._shared_block = self._read(ids, torch.ones_like(ids), None)[0]
            self._shared = tuple(beginning)

    def admit(self, rows: Sequence[Row]) -> None:
        """Reads what the rows have to read and takes them in."""
        self._advance()
        texts = list(dict.fromkeys(row.read for row in rows))
        block, logits = self._first_read(texts)
        places = [texts.index(row.read) for row in rows]
        if places != list(range(len(texts))):
            block.select(places)
            logits = logits[places]
        if self._block is not None and self._logits is not None:
            block = joined(self._block, block)
            logits = torch.cat([self._logits, logits])
        self._block = without_gaps(block) if self.can_join else block
        self._logits = logits
        self.rows += rows
        for row in rows:
            row.unread = 0

    def step(self) -> list[Row]:
        """Gives every row its next token; returns those that are done, which have left.

        What may fail for want of memory comes first: a row that is done is not lost with it.
        """
        self._advance()
        if self._logits is None:
            return []
        with torch.inference_mode():
            tokens = self._chosen(self._logits)
        for row, token in zip(self.rows, tokens, strict=True):
            row.hear(token, self._loaded.ends)
            if self.can_join:  # else no row may wait while another reads several tokens
                row.hear_forced(self._loaded.ends)
        done = [row for row in self.rows if row.is_done]
        self._staying = [place for place, row in enumerate(self.rows) if not row.is_done]
        self.rows = [row for row in self.rows if not row.is_done]
        self._logits = None
        return done

    def empty(self) -> list[Row]:
        """Puts all rows out, and returns them. What they had in common is not forgotten."""
        rows, self.rows = self.rows, []
        self._block = self._logits = None
        self._staying = []
        return rows

    def forget(self) -> None:
        """Gives back the memory of the beginning that prompts shared."""
        self._shared, self._shared_block = (), None

    def _advance(self) -> None:
        """Reads the last tokens of the rows that stay, so that their next ones can be chosen."""
        if self._block is None or self._logits is not None:
            return
        if not self.rows:
            self._block = None
            return
        if len(self._staying) < self._block.mask.shape[0]:
            self._block.select(self._staying)
            if self.can_join:
                self._block = without_gaps(self._block)
            self._staying = list(range(len(self.rows)))
        ids, mask = self._padded([row.fresh() for row in self.rows])
        self._block, self._logits = self._read(ids, mask, self._block)

    def _chosen(self, logits: Tensor) -> list[int]:
        scores = logits.float()
        for place, row in enumerate(self.rows):
            if row.matcher is not None:
                allowed = row.matcher.allowed().to(scores.device)
                scores[place].masked_fill_(~allowed, float("-inf"))
        return choose(scores, [row.draw() for row in self.rows])

    def _first_read(self, texts: Sequence[tuple[int, ...]]) -> tuple[Block, Tensor]:
        """The block of these texts, and what may come next, row by row."""
        # The last token is always read here: what comes after it is wanted.
        shared = min(min(_common(self._shared, text), len(text) - 1) for text in texts)
        before = None
        if self._shared_block is not None and shared:
            before = lent(self._shared_block, shared, len(texts))
        return self._read(
            *self._padded([text[shared if before else 0 :] for text in texts]), before
        )

    def _padded(self, texts: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
        """Ids and mask [rows, columns], the texts at the right."""
        width = max(map(len, texts))
        ids = self._ids([[0] * (width - len(text)) + list(text) for text in texts])
        return ids, self._ids([[0] * (width - len(text)) + [1] * len(text) for text in texts])

    def _read(self, ids: Tensor, mask: Tensor, before: Block | None) -> tuple[Block, Tensor]:
        """One forward pass over ids [rows, columns]: the longer block, and logits [rows, vocab]."""
        cache = before.cache if before else DynamicCache(config=self._loaded.model.config)
        whole = torch.cat([before.mask, mask], dim=1) if before else mask
        positions = (whole.cumsum(dim=1) - 1).clamp(min=0)[:, -ids.shape[1] :]
        with torch.inference_mode():
            out: Any = self._loaded.model(
                input_ids=ids,
                attention_mask=whole,
                position_ids=positions,
                past_key_values=cache,
                use_cache=True,
                logits_to_keep=1,
            )
        return Block(out.past_key_values, whole), out.logits[:, -1]

    def _ids(self, rows: list[list[int]]) -> Tensor:
        return torch.tensor(rows, device=self._loaded.device)


def common_beginning(texts: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """The tokens that all texts begin with; none of a single text."""
    if len(set(texts)) < 2:  # noqa: PLR2004 - one text has nothing in common with others
        return ()
    low, high = min(texts), max(texts)
    return low[: _common(low, high)]


def _common(first: Sequence[int], second: Sequence[int]) -> int:
    """How many tokens the two have in common from the beginning."""
    pairs = zip(first, second, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
