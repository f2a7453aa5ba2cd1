"""Compares two data sets, with the drops of their builds where the store has them."""

from collections.abc import Iterator

from tasks.dataset.diffing import changes, config_changes, known
from tasks.dataset.reading import Dataset, open_dataset
from tasks.errors import StoreError
from tasks.records.diffs import Change, DatasetDiff
from tasks.records.drops import Drop
from tasks.settings import load_settings
from tasks.store.artifacts import open_store


def diff_datasets(old: str, new: str, store: str = "") -> DatasetDiff:
    """What came, went and changed from one data set to the other.

    Args:
        old: `name`, `name@version`, the start of a digest, or a folder.
        new: The same.
        store: A folder or s3://bucket/prefix; empty for the one in the settings.

    Raises:
        StoreError: One of them is not there.
    """
    settings = load_settings()
    with open_dataset(old, store, settings) as before, open_dataset(new, store, settings) as after:
        was, became = known(before.samples()), known(after.samples())
        found = changes(was, became, _drops(after, store), _drops(before, store))
        went = sum(one.change == Change.WENT for one in found)
        return DatasetDiff(
            old=before.ref,
            new=after.ref,
            same=len(became) + went - len(found),
            changes=tuple(found),
            config=tuple(config_changes(before.meta["config"], after.meta["config"])),
        )


def _drops(dataset: Dataset, store: str) -> Iterator[Drop]:
    """What its build dropped, step by step; nothing where the store does not have it."""
    settings = load_settings()
    with open_store(store or settings.store_url, settings) as opened:
        for digest in dataset.meta.get("inputs", {}).get("drops", []):
            try:
                ref = opened.find("drops", digest)
            except StoreError:
                return
            yield from opened.read_records(ref, Drop)
