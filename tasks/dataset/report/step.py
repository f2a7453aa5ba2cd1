"""The step `report`: figures, plots and samples of a data set, an artifact of their own.

The page itself is written beside the data set when the run is over (`write_report`): it also
tells of the run, and what is content-addressed holds no clock.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import TypeAdapter

from tasks.dataset.reading import FIGURES_SUFFIX, PAGE_SUFFIX, dataset_in, report_of
from tasks.dataset.report.dropped import DropExample, examples
from tasks.dataset.report.figures import contaminated, count_writers, figures, item_of
from tasks.dataset.report.measures import Measures
from tasks.dataset.report.page import draw_plots, report_page
from tasks.records.artifacts import ArtifactRef
from tasks.records.cases import Answer, ExecutedFunction
from tasks.records.steps import Place, Shard
from tasks.reports.parts import Item
from tasks.steps import step, store_at
from tasks.store.artifacts import ArtifactStore

REPORT_VERSION = 2
KIND = "report"
_FIGURES, _PLOTS, _SAMPLES = "figures.json", "plots.json", "samples.json"


def drawn_with() -> str:
    """What draws the plots: another one may draw them otherwise."""
    return f"matplotlib {version('matplotlib')}"


@step("report", version=REPORT_VERSION)
def report(  # noqa: PLR0913, PLR0917 - what a report tells of
    dataset: ArtifactRef,
    executed: tuple[Shard, ...],
    answers: tuple[Shard, ...],
    drops: tuple[ArtifactRef, ...],
    drawn_with: str,  # noqa: ARG001 - in the cache key, see drawn_with()
    place: Place,
) -> ArtifactRef:
    """Counts and draws everything that the page of a data set shows.

    Args:
        dataset: The data set.
        executed: Its functions with their cases, which know who wrote them.
        answers: Of models that were asked for inputs.
        drops: Of all steps.
        drawn_with: `drawn_with()`.
        place: Of the store.
    """
    with store_at(place) as store, dataset_in(store, dataset) as opened:
        measures = Measures()
        for sample in opened.samples():
            measures.add(sample)
        writers = count_writers(
            _records(store, executed, ExecutedFunction), _records(store, answers, Answer)
        )
        told = figures(measures, opened.funnel, _examples(store, drops), writers, opened.meta)
        told["contaminated"] = contaminated(opened.folder)
        return _put(
            store,
            {
                _FIGURES: told,
                _PLOTS: draw_plots(told["distributions"]),
                _SAMPLES: [asdict(item_of(sample)) for sample in measures.shown],
            },
            rows=measures.samples,
        )


def _records(store: ArtifactStore, shards: tuple[Shard, ...], model: type[Any]) -> Iterator[Any]:
    return chain.from_iterable(store.read_records(one.ref, model) for one in shards)


def _examples(
    store: ArtifactStore, drops: tuple[ArtifactRef, ...]
) -> dict[tuple[str, str], DropExample]:
    with ExitStack() as files:
        return examples(files.enter_context(store.open(ref)) for ref in drops)


def _put(store: ArtifactStore, contents: Mapping[str, Any], rows: int) -> ArtifactRef:
    with TemporaryDirectory(dir=store.scratch) as folder:
        files = {name: Path(folder) / name for name in contents}
        for name, path in files.items():
            path.write_text(_json(contents[name]), encoding="utf-8", newline="\n")
        return store.put(KIND, files, rows=rows)


def write_report(
    store: ArtifactStore, dataset: ArtifactRef, made: ArtifactRef, name: str, run: Mapping[str, Any]
) -> str:
    """Writes the page and its figures beside the data set; returns where the page lies."""
    text = page_of(store, made, name, run)
    told = _read(store, made, _FIGURES) | {"name": name, "run": dict(run), "made": made.digest}
    store.backend.put_bytes(dataset.key + FIGURES_SUFFIX, _json(told).encode())
    store.backend.put_bytes(dataset.key + PAGE_SUFFIX, text.encode())
    return report_of(store, dataset)


def made_for(store: ArtifactStore, dataset: ArtifactRef) -> ArtifactRef | None:
    """The report of a data set, as an artifact; None where there is none."""
    raw = store.backend.get_bytes(dataset.key + FIGURES_SUFFIX)
    digest = json.loads(raw).get("made", "") if raw is not None else ""
    return store.find(KIND, digest) if digest else None


def page_of(store: ArtifactStore, made: ArtifactRef, name: str, run: Mapping[str, Any]) -> str:
    """The page; without a run it names no clock and no place, and can be published."""
    told, drawn, shown = (_read(store, made, file) for file in (_FIGURES, _PLOTS, _SAMPLES))
    items = TypeAdapter(list[Item]).validate_python(shown)
    return report_page(name, told, drawn, items, run)


def _read(store: ArtifactStore, made: ArtifactRef, name: str) -> Any:
    with store.open(made, name) as path:
        return json.loads(path.read_bytes())


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=False) + "\n"
