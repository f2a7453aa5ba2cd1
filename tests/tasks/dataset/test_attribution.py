from pathlib import Path

from tasks.dataset.assemble import assemble
from tasks.dataset.attribution import ATTRIBUTION_NAME, Attribution
from tasks.records.configs import DatasetConfig
from tasks.records.drops import Funnel
from tasks.records.samples import Sample
from tasks.store.tables import read_records

CONFIG = DatasetConfig(validation_share=0.2, test_share=0.2, rows_per_file=10)


def test_every_function_has_one_row_that_says_where_it_is_from(
    samples: list[Sample], funnel: Funnel, tmp_path: Path
) -> None:
    twin = samples[3].model_copy(update={"id": "0" * 64})
    assemble([*samples, twin], funnel, {}, tmp_path, CONFIG, 3)
    rows = {row.function_id: row for row in read_records(tmp_path / ATTRIBUTION_NAME, Attribution)}
    assert len(list(read_records(tmp_path / ATTRIBUTION_NAME, Attribution))) == len(samples)
    for sample in samples:
        row = rows[sample.function_id]
        assert (row.source, row.path) == ("stdlib", "ä.py")
        assert (row.revision, row.licence) == (sample.revision, sample.licence)
        assert (row.first_line, row.last_line) == (sample.first_line, sample.last_line)


def test_the_order_of_the_samples_changes_no_byte(
    samples: list[Sample], funnel: Funnel, tmp_path: Path
) -> None:
    assemble(samples, funnel, {}, tmp_path / "a", CONFIG, 3)
    assemble(samples[::-1], funnel, {}, tmp_path / "b", CONFIG, 3)
    assert (tmp_path / "a" / ATTRIBUTION_NAME).read_bytes() == (
        tmp_path / "b" / ATTRIBUTION_NAME
    ).read_bytes()


def test_the_card_names_the_file(samples: list[Sample], funnel: Funnel, tmp_path: Path) -> None:
    assemble(samples, funnel, {}, tmp_path, CONFIG, 3)
    assert f"`{ATTRIBUTION_NAME}` names the source" in (tmp_path / "README.md").read_text()
