"""Streams of rows into one, at given shares.

Promised: at every moment each part is within a row or two of its share (of rows or of tokens), so
any beginning of a mix is a mix; the same parts, shares and seed give the same rows in the same
order; memory holds one buffer of rows a part, whatever their size.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from tasks.errors import ConfigError
from tasks.records.mixes import MixConfig, MixedRow

Measure = Callable[[MixedRow], int]


@dataclass(frozen=True)
class Part:
    """One stream that goes into a mix."""

    label: str
    share: float
    open: Callable[[], Iterable[MixedRow]]
    """Begins the stream anew."""


@dataclass
class Taken:
    """What was taken of a part so far."""

    rows: int = 0
    tokens: int = 0
    passes: int = 0
    """Times that the part was used up."""


class Mixer:
    """The rows of all parts, one stream. Iterate once; then it knows what it took."""

    def __init__(self, parts: Sequence[Part], config: MixConfig, tokens: Measure) -> None:
        self.taken = [Taken() for _ in parts]
        self.ended = ""
        """Why the mix ended, once it has."""
        self._parts = parts
        self._config = config
        self._tokens = tokens
        self._shares = sum(part.share for part in parts)
        self._amounts = 0
        """Of all parts together, in what the shares are of."""
        self._streams = [self._stream(number) for number in range(len(parts))]

    def __iter__(self) -> Iterator[MixedRow]:
        """The rows, each with its part and its tokens filled in.

        Raises ConfigError for a part without a row.
        """
        while not self._is_enough():
            number = min(range(len(self._parts)), key=self._lead)
            row = self._next(number)
            if row is None:
                self.ended = f"{self._parts[number].label} is used up"
                return
            counted = row.model_copy(
                update={"part": self._parts[number].label, "tokens": self._tokens(row)}
            )
            self.taken[number].rows += 1
            self.taken[number].tokens += counted.tokens
            self._amounts += 1 if self._config.by == "rows" else counted.tokens
            yield counted
        self.ended = "it is as long as it was to be"

    def _lead(self, number: int) -> tuple[float, int]:
        """How far a part is ahead of its share: the one that is furthest behind is next."""
        due = (self._amounts + 1) * self._parts[number].share / self._shares
        return self._amount(number) - due, number

    def _amount(self, number: int) -> int:
        taken = self.taken[number]
        return taken.rows if self._config.by == "rows" else taken.tokens

    def _is_enough(self) -> bool:
        rows, tokens = self._config.rows, self._config.tokens
        return (rows is not None and sum(one.rows for one in self.taken) >= rows) or (
            tokens is not None and sum(one.tokens for one in self.taken) >= tokens
        )

    def _next(self, number: int) -> MixedRow | None:
        row = next(self._streams[number], None)
        if row is not None:
            return row
        if not self.taken[number].rows:
            raise ConfigError(f"{self._parts[number].label} holds no row that can be trained on")
        self.taken[number].passes += 1
        if not self._config.repeat:
            return None
        self._streams[number] = self._stream(number)
        return next(self._streams[number], None)

    def _stream(self, number: int) -> Iterator[MixedRow]:
        part, config = self._parts[number], self._config
        key = f"mix:{config.seed}:{number}:{self.taken[number].passes}"
        return shuffled(part.open(), config.buffer, Random(key))  # noqa: S311 - not for secrets


def shuffled(rows: Iterable[MixedRow], size: int, rng: Random) -> Iterator[MixedRow]:
    """The rows in another order: each is drawn from a buffer of that many."""
    buffer: list[MixedRow] = []
    for row in rows:
        if len(buffer) < size:
            buffer.append(row)
            continue
        place = rng.randrange(size)
        yield buffer[place]
        buffer[place] = row
    rng.shuffle(buffer)
    yield from buffer
