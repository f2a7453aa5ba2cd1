"""Names of writers, as the command line and the config have them, read in one place.

`search` needs no model. `openai:MODEL` is a model behind an OpenAI-compatible server, by the name
that the server has for it. `transformers:MODEL` runs in this process: a model id, a folder or a
file, as `tasks.models.local` takes it.
"""

from enum import StrEnum

from tasks.records.base import Record

SEARCH = "search"


class Engine(StrEnum):
    """Who runs a model."""

    OPENAI = "openai"
    TRANSFORMERS = "transformers"


class ModelName(Record):
    """A model and who runs it."""

    engine: Engine
    model: str

    def __str__(self) -> str:
        return f"{self.engine}:{self.model}"


def model_name(writer: str) -> ModelName | None:
    """The model that a writer's name names; None for `search`. Raises ValueError for no name."""
    if writer == SEARCH:
        return None
    engine, colon, model = writer.partition(":")
    if colon and model and engine in set(Engine):
        return ModelName(engine=Engine(engine), model=model)
    raise ValueError(f"{writer!r} is no writer; use search, openai:MODEL or transformers:MODEL")
