"""Several data sets as one, at given shares."""

from typing import Literal

from pydantic import Field, model_validator

from tasks.records.artifacts import ArtifactRef
from tasks.records.base import Record


class MixPart(Record):
    """One of the data sets that go into a mix."""

    data: str
    """One of ours (`name`, `name@version`, digest, folder), a JSONL or Parquet file, a folder of
    these, or `hf://organisation/name`. In what is published, label and digest."""
    share: float = Field(gt=0)
    """Against the shares of the others: 3 and 1 is the same as 0.75 and 0.25."""


class MixConfig(Record):
    """Everything that shapes a mix."""

    parts: tuple[MixPart, ...] = Field(min_length=1)
    by: Literal["rows", "tokens"] = "rows"
    """What the shares are of."""
    tokenizer: str = ""
    """Counts tokens: a folder or a name on the Hub. Empty: words and signs are counted instead."""
    rows: int | None = Field(default=None, gt=0)
    tokens: int | None = Field(default=None, gt=0)
    """Where to stop. Without either, and without `repeat`, where the first part is used up."""
    repeat: bool = False
    """A part that is used up begins again, in another order."""
    buffer: int = Field(default=10_000, gt=0)
    """Rows of a part that are in memory and drawn from: the larger, the better shuffled."""
    rows_per_file: int = Field(default=50_000, gt=0)
    seed: int = 0

    @model_validator(mode="after")
    def _ends(self) -> "MixConfig":
        if self.repeat and self.rows is None and self.tokens is None:
            raise ValueError("a mix that repeats never ends: give it rows or tokens")
        return self


class Turn(Record):
    """One message of a chat."""

    role: str
    content: str


class MixedRow(Record):
    """A row of a mix: a prompt with its completion, a chat, or plain text; the others are None."""

    id: str
    """Of the sample, or a hash of what the row holds."""
    part: str = ""
    """Label of the data set that it comes from."""
    prompt: str | None = None
    completion: str | None = None
    messages: tuple[Turn, ...] | None = None
    text: str | None = None
    tokens: int = Field(default=0, ge=0)

    @property
    def whole(self) -> str:
        """All that a model reads of it."""
        turns = "\n".join(turn.content for turn in self.messages or ())
        return "\n".join(filter(None, (self.prompt, self.completion, turns, self.text)))


class PartCount(Record):
    """What a part gave."""

    label: str
    digest: str
    share: float
    """Of all shares together."""
    rows: int = Field(ge=0)
    tokens: int = Field(ge=0)
    passes: float = Field(ge=0)
    """How often the part was gone through: 0.5 for half of it, 2.5 where it repeats."""


class MixResult(Record):
    """A mix, and what is in it."""

    ref: ArtifactRef
    rows: int = Field(ge=0)
    tokens: int = Field(ge=0)
    parts: tuple[PartCount, ...]
    ended: str
    """Why it ends where it does."""
    path: str = ""
    name: str = ""
    version: str = ""
