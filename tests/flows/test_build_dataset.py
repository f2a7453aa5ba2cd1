"""The whole pipeline on a small corpus: real jail, real Prefect server, real S3 server."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import pytest

from flows.build_dataset import build_dataset
from sandbox import Call, Program, Sandbox, Status, decode
from tasks.dataset.reading import open_dataset
from tasks.errors import ConfigError, CorpusError, StoreError
from tasks.records.configs import BuildConfig, DecontaminationConfig, DedupConfig, PromptConfig
from tasks.records.drops import DropReason
from tasks.records.samples import Sample
from tasks.records.steps import BuildSummary
from tasks.settings import Settings
from tests.flows.corpus import write_corpus

pytestmark = pytest.mark.usefixtures("prefect_server", "no_waiting")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_corpus(tmp_path)


Build = Callable[..., BuildSummary]

NEVER_CACHED = ["discover", "find-benchmarks", "find-earlier"]
"""Steps that only look at what there is."""


@pytest.fixture
def build(corpus: Path, tmp_path: Path) -> Build:
    def run(store: str = "store", workers: int = 2, **others: Any) -> BuildSummary:
        named = {key: others.pop(key) for key in ("name", "version") if key in others}
        config = BuildConfig(**{"corpus": (str(corpus),), "shards": 4, "benchmarks": ()} | others)
        place = store if store.startswith("s3://") else str(tmp_path / store)
        return build_dataset(config, store=place, workers=workers, **named)

    return run


def contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def samples_of(summary: BuildSummary) -> list[Sample]:
    with open_dataset(summary.path, "", Settings()) as dataset:
        return dataset.draw(1_000, seed=0)


def cached_steps(store: Path) -> dict[str, int]:
    """Result records by step."""
    return {path.name: len(list(path.rglob("*"))) for path in (store / "results").iterdir()}


def test_code_goes_in_and_verified_samples_come_out(build: Build) -> None:
    summary = build()
    samples = samples_of(summary)
    names = {sample.source.rpartition("/")[2] for sample in samples}
    assert summary.dataset.functions == len({sample.function_id for sample in samples})
    assert summary.dataset.functions >= 9
    assert names >= {"case.py", "steps.py", "order.py"}
    assert summary.dataset.functions_with_8_cases >= 8


def test_every_case_of_the_data_set_is_what_its_program_does(build: Build) -> None:
    samples = samples_of(build())
    programs, wanted = [], []
    for sample in samples:
        cases = sample.shown + sample.hidden
        calls = tuple(Call(kwargs=decode(case.arguments)) for case in cases)
        programs.append(Program(sample.completion, sample.name, calls))
        wanted.append([(Status.OK, case.output) for case in cases])
    with Sandbox() as sandbox:
        got = [[(one.status, one.value) for one in outcomes] for outcomes in sandbox.run(programs)]
    assert got == wanted


def test_the_funnel_loses_nothing_without_a_reason(build: Build) -> None:
    funnel = build().dataset.funnel
    for step in funnel.steps:
        assert step.taken == step.kept + sum(step.dropped.values()), step
    steps = {step.step: step for step in funnel.steps}
    assert list(steps) == [
        "collect",
        "parse",
        "extract",
        "deduplicate",
        "decontaminate",
        "inputs",
        "execute",
        "filters",
        "prompts",
    ]
    for before, after in zip(list(steps)[2:], list(steps)[3:], strict=False):
        assert steps[before].kept == steps[after].taken, (before, after)


def test_copies_randomness_and_hash_order_are_left_out_with_their_reason(build: Build) -> None:
    steps = {step.step: step.dropped for step in build().dataset.funnel.steps}
    assert steps["deduplicate"][DropReason.DUPLICATE] == 1
    assert steps["extract"][DropReason.IMPURE_MODULE] == 1
    assert steps["filters"][DropReason.NONDETERMINISTIC] == 1


def test_seeds_mined_from_tests_of_the_package_are_among_the_cases(build: Build) -> None:
    shown = [
        case.output
        for sample in samples_of(build())
        if sample.source.endswith("text/case.py")
        for case in sample.shown + sample.hidden
    ]
    assert "'G.B.H.'" in shown
    assert "'three two one'" in shown
    assert "5" in shown


def test_the_data_set_loads_with_the_datasets_library(
    build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    summary = build()
    loaded = datasets.load_dataset(summary.path, cache_dir=str(tmp_path / "hub"))
    assert sum(len(split) for split in loaded.values()) == summary.dataset.samples
    assert set(loaded["train"].column_names) == set(Sample.model_fields)


def test_workers_and_store_change_no_byte(build: Build) -> None:
    one = build("one", workers=1)
    four = build("four", workers=4)
    assert four.cached_steps == 0
    assert contents(Path(one.path)) == contents(Path(four.path))
    assert one.dataset == four.dataset


def test_on_s3_the_data_set_is_the_same(
    build: Build, bucket: str, s3_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    local = build()
    for name in ("s3_endpoint", "s3_region"):
        monkeypatch.setenv(f"CASE2CODE_{name.upper()}", str(getattr(s3_settings, name)))
    monkeypatch.setenv("CASE2CODE_S3_ACCESS_KEY", "test")
    monkeypatch.setenv("CASE2CODE_S3_SECRET_KEY", "test")
    remote = build(f"s3://{bucket}/builds")
    assert remote.dataset == local.dataset
    with open_dataset(remote.dataset.ref.short, f"s3://{bucket}/builds", s3_settings) as dataset:
        manifest = {"manifest.json"}
        here = {k: v for k, v in contents(Path(local.path)).items() if k not in manifest}
        assert {
            name: hashlib.sha256((dataset.folder / name).read_bytes()).hexdigest() for name in here
        } == here
    again = build(f"s3://{bucket}/builds")
    assert again.cached_steps == again.task_runs - len(NEVER_CACHED)


def test_a_second_run_does_nothing_again_but_look(build: Build) -> None:
    first, second = build(), build()
    assert second.dataset == first.dataset
    assert first.cached_steps == 0
    assert second.cached_steps == second.task_runs - len(NEVER_CACHED), "all but looking"


def test_another_phrasing_runs_again_from_the_prompts_on(build: Build, tmp_path: Path) -> None:
    build()
    before = cached_steps(tmp_path / "store")
    build(prompts=PromptConfig(samples_per_function=2))
    after = cached_steps(tmp_path / "store")
    assert {step for step in after if after[step] != before.get(step)} == {
        "prompts",
        "dataset",
        "record-asset",
        "report",
    }


def test_another_file_runs_its_own_shard_again(build: Build, corpus: Path) -> None:
    first = build(shards=16)
    (corpus / "extra").mkdir()
    (corpus / "extra" / "one.py").write_text(
        "def twice(text: str) -> str:\n    return (text + ' ' + text).strip()\n"
    )
    second = build(shards=16)
    assert second.dataset.functions == first.dataset.functions + 1
    one_shard = ["collect", "extract", "sketch", "contamination", "decontaminate", "inputs"]
    one_shard += ["search", "execute", "filters", "group", "weigh", "prompts"]
    undivided = [*NEVER_CACHED, "deduplicate", "dataset", "report", "record-asset"]
    ran = second.task_runs - second.cached_steps
    assert ran <= len(one_shard) + len(undivided)


def test_a_limit_keeps_that_many_functions(build: Build) -> None:
    summary = build(limit=4)
    steps = {step.step: step for step in summary.dataset.funnel.steps}
    assert steps["deduplicate"].kept == 4
    assert DropReason.OVER_LIMIT in steps["deduplicate"].dropped


def test_what_has_a_clock_or_a_place_stands_beside_the_data_set(build: Build, corpus: Path) -> None:
    summary = build()
    folder = Path(summary.path)
    record = json.loads(folder.with_name(f"{folder.name}.run.json").read_text())
    assert record["flow_run"]["id"] == summary.flow_run
    assert record["sources"] == [str(corpus)]
    inside = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert str(corpus.parent).encode() not in inside
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["meta"]["config"]["corpus"] == ["corpus"]
    assert set(manifest["meta"]["inputs"]) >= {"listing", "functions", "cases", "samples"}


def test_a_build_writes_a_report_and_is_called_by_a_name_and_a_version(
    build: Build, tmp_path: Path
) -> None:
    summary = build()
    again = build()
    assert (summary.name, summary.version) == (again.name, again.version) == ("corpus", "1")
    page = Path(summary.report)
    assert page == Path(summary.path).with_name(f"{summary.dataset.ref.digest}.report.html")
    told = json.loads(page.with_suffix(".json").read_text())
    assert told["counts"]["samples"] == summary.dataset.samples
    assert told["run"]["flow_run"]["id"] == again.flow_run
    duplicates = next(row for row in told["funnel"] if row["step"] == "deduplicate")["dropped"]
    assert "seen" in duplicates[0]["example"]["code"] or "known" in duplicates[0]["example"]["code"]
    assert "count_vowels" in page.read_text()
    other = build(seed=1, name="mine", version="v1.2")
    for ref, meant in [("mine", other), ("mine@v1.2", other), ("corpus@1", summary)]:
        with open_dataset(ref, str(tmp_path / "store"), Settings()) as dataset:
            assert dataset.ref == meant.dataset.ref
    with pytest.raises(ConfigError, match="letters"):
        build(name="no/name")


def test_a_corpus_that_is_not_there_is_said_so(build: Build, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="nowhere"):
        build(corpus=(str(tmp_path / "nowhere"),))


def test_a_corpus_of_which_nothing_is_left_says_where_it_went(build: Build, tmp_path: Path) -> None:
    (tmp_path / "poor").mkdir()
    (tmp_path / "poor" / "a.py").write_text("print('hello')\n")
    with pytest.raises(CorpusError, match="no sample"):
        build(corpus=(str(tmp_path / "poor"),))


def test_a_store_that_cannot_be_written_is_said_so(build: Build, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="--store"):
        build("file/store")


def test_bad_files_are_counted_and_the_good_ones_used(build: Build, corpus: Path) -> None:
    (corpus / "binary.py").write_bytes(bytes(range(256)) * 40)
    (corpus / "broken.py").write_text("def f(:\n")
    (corpus / "blank.py").write_text("\n\n")
    with (corpus / "huge.py").open("wb") as huge:
        huge.truncate(50 << 20)
    summary = build()
    dropped = {step.step: dict(step.dropped) for step in summary.dataset.funnel.steps}
    assert dropped["collect"] == {
        DropReason.EMPTY: 1,
        DropReason.NOT_TEXT: 1,
        DropReason.TOO_LARGE: 1,
    }
    assert dropped["parse"][DropReason.SYNTAX] == 1
    assert summary.dataset.functions >= 9


def test_functions_of_an_earlier_data_set_do_not_come_again(build: Build) -> None:
    first = build(limit=4)
    second = build(dedup=DedupConfig(against=(first.path,)))
    third = build("elsewhere", dedup=DedupConfig(against=(first.path,)))
    assert third.dataset == second.dataset, "wherever the earlier one lies"
    before = {sample.function_id for sample in samples_of(first)}
    assert before
    assert not before & {sample.function_id for sample in samples_of(second)}
    manifest = json.loads((Path(second.path) / "manifest.json").read_text())
    assert manifest["meta"]["config"]["dedup"]["against"] == [first.dataset.ref.digest]


def test_what_solves_a_benchmark_is_dropped_or_tagged_and_listed(
    build: Build, tmp_path: Path
) -> None:
    rows = [
        {
            "task_id": 1,
            "text": "Count vowels.",
            "code": "def vowels(s):\n    return len([c for c in s if c in 'aeiouAEIOU'])",
            "test_list": [
                "assert vowels('education') == 5",
                "assert vowels('sky') == 0",
                "assert vowels('An EAR') == 3",
            ],
        }
    ]
    path = tmp_path / "own.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    dropped = build(benchmarks=(str(path),))
    steps = {step.step: step.dropped for step in dropped.dataset.funnel.steps}
    assert steps["decontaminate"] == {DropReason.CONTAMINATED: 1}
    folder = Path(dropped.path)
    [hit] = map(json.loads, (folder / "contamination.jsonl").read_text().splitlines())
    assert (hit["name"], hit["evidence"]) == ("count_vowels", "behaviour")
    assert "| own (not a file known by its hash) | 1 | 1 |" in (folder / "README.md").read_text()
    before = cached_steps(tmp_path / "store")
    tagged = build(benchmarks=(str(path),), decontaminate=DecontaminationConfig(tagged=("own",)))
    after = cached_steps(tmp_path / "store")
    spared = ("search", "contamination")
    assert [after[name] for name in spared] == [before[name] for name in spared], "not done again"
    assert after["decontaminate"] > before["decontaminate"]
    assert ("own:MBPP/1",) in {sample.tags for sample in samples_of(tagged)}


def test_a_data_set_that_was_checked_against_nothing_says_so(build: Build) -> None:
    assert "not checked against any benchmark" in (Path(build().path) / "README.md").read_text()
