"""Two versions of a data set: told apart, published, and made again from the manifest."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from flows.build_dataset import build_dataset
from flows.diff_datasets import diff_datasets
from flows.publish_dataset import publish_dataset
from flows.rebuild_dataset import compared, manifest_at, places_of
from tasks.dataset.reading import open_dataset
from tasks.dataset.rebuilding import config_again
from tasks.errors import ConfigError
from tasks.records.configs import BuildConfig, FilterConfig
from tasks.records.diffs import Change
from tasks.records.steps import BuildSummary
from tasks.settings import Settings
from tests.flows.corpus import write_corpus

# Together on one worker: what they look at is built once.
pytestmark = pytest.mark.xdist_group("versions")


@dataclass(frozen=True)
class World:
    corpus: Path
    store: str
    first: BuildSummary
    second: BuildSummary


@pytest.fixture(scope="module")
def world(
    prefect_server: str,  # noqa: ARG001 - it runs meanwhile
    tmp_path_factory: pytest.TempPathFactory,
) -> World:
    """A data set, and its next version from a changed corpus under another limit."""
    root = tmp_path_factory.mktemp("versions")
    corpus, store = write_corpus(root), str(root / "store")
    config = BuildConfig(corpus=(str(corpus),), shards=2, benchmarks=())
    first = build_dataset(config, store=store, workers=2)
    order = corpus / "lists" / "order.py"
    order.write_text(order.read_text().replace("def runs(", "def lengths(", 1))
    text = corpus / "text" / "case.py"
    text.write_text(text.read_text().replace("part[0].upper()", "part[-1].upper()"))
    (corpus / "numbers" / "more.py").write_text(
        "def triangle(n: int) -> int:\n    return sum(range(abs(n) % 50 + 1)) + n\n"
    )
    (corpus / "lists" / "copied.py").write_text(
        "def first(items: list) -> list:\n    return [items[0] for _ in items if items]\n"
    )
    stricter = config.model_copy(update={"filters": FilterConfig(min_distinct_outputs=4)})
    second = build_dataset(stricter, store=store, workers=2)
    return World(corpus, store, first, second)


def test_a_diff_names_what_came_went_and_changed_and_why(world: World) -> None:
    found = diff_datasets("corpus@1", "corpus", world.store)
    assert (found.old, found.new) == (world.first.dataset.ref, world.second.dataset.ref)
    changed = {(one.change, one.source.partition("/")[2]) for one in found.changes}
    assert (Change.CAME, "numbers/more.py") in changed
    assert (Change.CODE, "lists/order.py") in changed
    assert (Change.CODE, "text/case.py") in changed
    assert "filters.min_distinct_outputs: 3 -> 4" in found.config
    assert found.same + len(found.changes) - found.count(Change.WENT) == (
        world.second.dataset.functions
    )
    assert diff_datasets("corpus", "corpus", world.store).changes == ()


def test_the_published_folder_is_the_data_set_and_its_report_names_no_place(
    world: World, tmp_path: Path
) -> None:
    target = tmp_path / "public"
    found, where = publish_dataset("corpus@1", str(target), world.store)
    assert (found, where) == (world.first.dataset.ref, str(target))
    with open_dataset(str(target), "", Settings()) as dataset:
        assert dataset.ref == world.first.dataset.ref
        assert dataset.report == str(target / "report.html")
    page = (target / "report.html").read_text()
    assert "corpus@1" in page
    assert str(world.store) not in page
    assert world.first.flow_run not in page
    told = (Path(world.first.path).with_name(f"{found.digest}.report.json")).read_text()
    assert json.loads(told)["run"]["store"] == world.store


def test_a_manifest_makes_the_same_bytes_again_elsewhere(world: World, tmp_path: Path) -> None:
    wanted = manifest_at(world.second.path, "")
    assert manifest_at("corpus", world.store) == wanted
    elsewhere = str(tmp_path / "elsewhere")
    (tmp_path / "moved").symlink_to(world.corpus)
    with pytest.raises(ConfigError, match="--corpus corpus=PATH"):
        config_again(wanted, places_of([], ["installed"], "", "", []))
    places = places_of([f"corpus={tmp_path / 'moved'}"], ["installed"], "", "", [])
    again = build_dataset(config_again(wanted, places), store=elsewhere, workers=1)
    result = compared(wanted, again.dataset.ref, again.path, elsewhere)
    assert result.identical
    assert result.files == result.why == ()
    for path in Path(world.second.path).rglob("*.*"):
        inside = path.relative_to(world.second.path)
        assert (Path(again.path) / inside).read_bytes() == path.read_bytes()
    older = compared(manifest_at("corpus@1", world.store), again.dataset.ref, "", elsewhere)
    assert not older.identical
    assert "the corpora hold something else" in older.why
