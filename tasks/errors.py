"""Errors that a person can act on: each message says what is wrong and what to do.

A bad record is never an error: it is a drop with a reason (`tasks.records.drops`).
"""


class Case2CodeError(Exception):
    """The base of every error that this project raises on purpose."""


class ConfigError(Case2CodeError):
    """A parameter, setting or file given by the user does not make sense."""


class CorpusError(Case2CodeError):
    """A corpus does not exist, cannot be read, or holds nothing."""


class EmptyDatasetError(CorpusError):
    """A corpus was read, and not one sample came out of it."""


class StoreError(Case2CodeError):
    """The artifact store cannot be reached, read or written."""


class StoreRefusedError(StoreError):
    """The store says no and will again: no room, no permission, no such bucket, a wrong key."""


class ArtifactNotFoundError(StoreError):
    """No complete artifact of that reference stands in the store."""


class ArtifactCorruptError(StoreError):
    """The bytes of an artifact are not the bytes that its manifest names."""


class WriterError(Case2CodeError):
    """A language model that should write inputs did not answer."""


class StepFailedError(Case2CodeError):
    """At least one shard of a step failed after all its retries."""


class AuditError(Case2CodeError):
    """Too many outcomes were not the same again: what was built cannot be trusted."""


class ServerError(Case2CodeError):
    """No Prefect server could be found or started."""


class TrainingError(Case2CodeError):
    """A training could not begin, or ended without a model."""


class EvaluationError(Case2CodeError):
    """An evaluation cannot say what it should: problems that cannot be graded, runs that differ."""
