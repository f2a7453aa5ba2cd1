"""The steps `find-benchmarks`, `solve-benchmarks`, `contamination` and `decontaminate`."""

from collections.abc import Iterable
from itertools import chain

from prefect import task

from sandbox import Sandbox
from tasks.benchmarks.finding import find
from tasks.benchmarks.loading import load_all
from tasks.decontaminate.matching import BehaviourIndex, TextIndex, find_hits
from tasks.decontaminate.policy import decontaminate
from tasks.decontaminate.solving import PROBING, solve
from tasks.records.artifacts import ArtifactRef
from tasks.records.cases import WrittenFunction
from tasks.records.configs import DecontaminationConfig
from tasks.records.functions import Function
from tasks.records.problems import Benchmarks, Hit, Problem, SolvedProblem
from tasks.records.steps import Place, StepResult
from tasks.steps import sift, step, store_at
from tasks.store.artifacts import ArtifactStore

SOLVE_VERSION = 4
CONTAMINATION_VERSION = 3
DECONTAMINATE_VERSION = 2


@task(name="find-benchmarks", task_run_name="find benchmarks")
def find_benchmarks(wanted: tuple[str, ...], place: Place) -> Benchmarks:
    """Reads the benchmarks that are meant. Raises ConfigError.

    Never cached: this is how a run sees which packages are installed and what files hold.
    """
    files, problems = load_all(find(wanted))
    with store_at(place) as store:
        return Benchmarks(files=files, problems=store.put_records("problems", Problem, problems))


@step("solve-benchmarks", version=SOLVE_VERSION, executes=True)
def solve_benchmarks(problems: ArtifactRef, place: Place) -> ArtifactRef:
    """Runs the benchmarks' own solutions, for what others are compared with."""
    with store_at(place) as store:
        read = list(store.read_records(problems, Problem))
        if not read:
            return store.put_records("solved", SolvedProblem, [])
        with Sandbox() as sandbox, Sandbox(limits=PROBING) as prober:
            return store.put_records("solved", SolvedProblem, solve(read, sandbox, prober))


@step("contamination", version=CONTAMINATION_VERSION, executes=True)
def find_contamination(
    shard: ArtifactRef, solved: ArtifactRef, config: DecontaminationConfig, place: Place
) -> StepResult:
    """Looks for problems of the benchmarks among the functions of one shard: the hits."""
    with store_at(place) as store:
        problems = list(store.read_records(solved, SolvedProblem))
        functions = store.read_records(shard, Function)
        texts = TextIndex(problems, config.min_ngram_share)
        if not problems:
            return _as_hits(store, ())
        if not config.behaviour:
            return _as_hits(store, find_hits(functions, texts, None, problems))
        with Sandbox() as sandbox, Sandbox(limits=PROBING) as prober:
            index = BehaviourIndex(problems, prober, sandbox)
            return _as_hits(store, find_hits(functions, texts, index, problems))


def _as_hits(store: ArtifactStore, hits: Iterable[Hit]) -> StepResult:
    result = sift(store, hits, step="contamination", unit="hits", kind="hits", model=Hit)
    # What was found is no row of the funnel; what becomes of it is.
    return result.model_copy(update={"counts": ()})


@step("decontaminate", version=DECONTAMINATE_VERSION)
def decontaminate_shard(
    shard: ArtifactRef, hits: tuple[ArtifactRef, ...], config: DecontaminationConfig, place: Place
) -> StepResult:
    """Drops or tags what solves a benchmark's problem.

    After the search, which so stands whatever becomes of the hits, and before a model is paid.
    """
    with store_at(place) as store:
        found = chain.from_iterable(store.read_records(one, Hit) for one in hits)
        return sift(
            store,
            decontaminate(store.read_records(shard, WrittenFunction), found, config),
            step="decontaminate",
            unit="functions",
            kind="searched",
            model=WrittenFunction,
        )
