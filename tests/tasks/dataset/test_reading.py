from pathlib import Path

from tasks.dataset.reading import open_dataset
from tasks.settings import Settings
from tasks.store.artifacts import open_store


def test_a_data_set_out_of_a_store_is_a_folder_like_any_other(tmp_path: Path) -> None:
    """Whoever is given the folder, as an evaluation is, opens it as one that was published."""
    (tmp_path / "rows").write_bytes(b"rows")
    url = str(tmp_path / "store")
    with open_store(url, Settings()) as store:
        ref = store.put("dataset", {"data/test-00000.parquet": tmp_path / "rows"}, rows=1)
    with (
        open_dataset(ref.short, url, Settings()) as stored,
        open_dataset(str(stored.folder), "", Settings()) as again,
    ):
        assert again.ref == ref
        assert (again.folder / "data" / "test-00000.parquet").read_bytes() == b"rows"
