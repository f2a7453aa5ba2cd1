"""What of a store nothing refers to: looked for, and removed where a person says so."""

from datetime import UTC, datetime

from tasks.settings import load_settings
from tasks.store.artifacts import ArtifactStore, open_store
from tasks.store.garbage import Rules, Survey, remove, still_garbage, survey
from tasks.training.checkpoints import finished_trainings

_TRAINED = ("adapter", "model")


def find_garbage(store: str, rules: Rules) -> Survey:
    """Divides what a store holds into what is kept and what is garbage; removes nothing.

    Args:
        store: A folder or s3://bucket/prefix; empty for the one in the settings.
        rules: What is to be kept.

    Raises:
        ConfigError, StoreError: With what to do about it.
    """
    settings = load_settings()
    with open_store(store or settings.store_url, settings) as opened:
        return _survey(opened, rules)


def collect_garbage(shown: Survey, store: str, rules: Rules) -> int:
    """Removes what was shown and is garbage still; returns how many bytes that were.

    Args:
        shown: To the person who said yes, who may have taken a day for it.
        store: As for `find_garbage`.
        rules: The same.

    Raises:
        StoreError: With what to do about it; what is removed by then is removed whole.
    """
    settings = load_settings()
    with open_store(store or settings.store_url, settings) as opened:
        return remove(opened.backend, still_garbage(shown, _survey(opened, rules)))


def _survey(store: ArtifactStore, rules: Rules) -> Survey:
    ended = finished_trainings(store, _TRAINED)
    return survey(store.backend, rules, ended.__contains__, datetime.now(UTC))
