"""The cells of a study as runs of the other flows, each thing once, and the accounts of all."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from flows.build_dataset import build_dataset
from flows.evaluate_model import evaluate_model
from flows.mix_datasets import mix_datasets
from flows.progress import watcher
from flows.shards import ShardRun
from flows.train_model import train_model
from tasks.benchmarks.finding import find
from tasks.benchmarks.pins import CASE2CODE
from tasks.errors import ConfigError, EmptyDatasetError
from tasks.models.opening import identity_of
from tasks.models.stored import fetched, name_of_trained
from tasks.records.artifacts import ArtifactRef
from tasks.records.base import canonical_json
from tasks.records.configs import BuildConfig
from tasks.records.drops import Funnel
from tasks.records.evaluations import EvaluateConfig
from tasks.records.mixes import MixConfig, MixPart
from tasks.records.steps import BuildSummary
from tasks.records.studies import (
    UNTRAINED,
    Built,
    CellPlan,
    FreshModel,
    Measured,
    StudyPlan,
    Trained,
)
from tasks.records.training import TrainConfig
from tasks.records.writers import Engine, ModelName
from tasks.settings import load_settings
from tasks.store.artifacts import open_store
from tasks.studies.rows import OTHERS, SAMPLES
from tasks.studies.step import MeasuredAt, fresh_model, measure_answers, other_rows, study_rows


class Grid:
    """Runs what a plan asks for, and counts the task runs of all flows."""

    def __init__(self, plan: StudyPlan, run: ShardRun, workers: int) -> None:
        self.plan = plan
        self.task_runs = 0
        self.cached_steps = 0
        self._run = run
        self._workers = workers
        self._store = run.place.store
        self._made: dict[bytes, BuildSummary] = {}
        self._tests: dict[str, ArtifactRef] = {}
        self._names: dict[str, str] = {}
        self._trainings = 0

    def require(self) -> None:
        """Raises ConfigError where a model or a benchmark is not there: before hours of work."""
        if isinstance(self.plan.base, str) and self.plan.base:
            with self._here(f"{Engine.TRANSFORMERS}:{self.plan.base}"):
                pass
        if self.plan.trains:
            named = [
                one for one in self.plan.score.benchmarks if not one.startswith(f"{CASE2CODE}:")
            ]
            find(named, load_settings().home / "benchmarks")

    def built(self) -> list[Built]:
        """The data set of each cell, and those that models are tested on."""
        done = [self._cell(cell) for cell in self.plan.cells]
        if self.plan.trains:
            for name, config in self.plan.tests.items():
                self._tests[name] = self._build(name, config).dataset.ref
        return done

    def _cell(self, cell: CellPlan) -> Built:
        try:
            made = self._build(cell.name, cell.build).dataset
        except EmptyDatasetError as error:
            # Of the cell that others are compared with something has to come out.
            if cell.name == self.plan.baseline:
                raise
            return Built(cell=cell.name, dataset=None, funnel=Funnel(steps=()), empty=str(error))
        return Built(cell=cell.name, dataset=made.ref, funnel=made.funnel)

    def _build(self, name: str, config: BuildConfig) -> BuildSummary:
        key = canonical_json(config)
        if key not in self._made:
            watcher().said(f"building {name}")
            done = build_dataset(
                config,
                store=self._store,
                workers=self._workers,
                name=f"study-{self.plan.name}-{name}",
            )
            self._count(done.task_runs, done.cached_steps)
            self._made[key] = done
        return self._made[key]

    def trained(self, built: Sequence[Built]) -> list[Trained]:
        """The base model, and of each cell that trains one model for each seed, all measured."""
        data = {one.cell: one.dataset for one in built if one.dataset}
        base = self._base(data[self.plan.baseline])
        found = [self._with_losses(Trained(cell=UNTRAINED, seed=0, model=""), base)]
        for cell in self.plan.cells:
            if cell.train is not None and cell.name in data:
                found += self._of_cell(cell, cell.train, data[cell.name], base)
        return found

    def _base(self, data: ArtifactRef) -> str:
        if isinstance(self.plan.base, FreshModel):
            return self._run.once(fresh_model, spec=self.plan.base, data=data)
        if not self.plan.base:
            raise ConfigError("this study trains, and names no base model: give one with --base")
        return self.plan.base

    def _of_cell(
        self, cell: CellPlan, config: TrainConfig, data: ArtifactRef, base: str
    ) -> Iterator[Trained]:
        tests = tuple(self._tests.values())
        rows = self._run.once(study_rows, data=data, tests=tests, rows=cell.rows)
        mixed = self._mixed(cell, rows)
        total = len(self.plan.seeds) * sum(one.train is not None for one in self.plan.cells)
        for seed in self.plan.seeds:
            self._trainings += 1
            place = f"{self._trainings} of {total}"
            watcher().said(f"training {cell.name}, seed {seed}: {place}")
            done = train_model(
                mixed.digest,
                base,
                config=config.model_copy(update={"seed": seed}),
                launch=self.plan.launch,
                store=self._store,
            )
            self._count(done.task_runs, int(done.cached))
            one = Trained(cell=cell.name, seed=seed, model="", rows=rows, result=done.result)
            yield self._with_losses(one, name_of_trained(base, done.result.ref))

    def _mixed(self, cell: CellPlan, rows: ArtifactRef) -> ArtifactRef:
        """The rows of a cell with the other data that its mix names."""
        if not cell.mix:
            return rows
        parts = tuple(
            MixPart(data=self._part(name, rows), share=share) for name, share in cell.mix.items()
        )
        config = MixConfig(parts=parts, by="tokens")
        called = f"study-{self.plan.name}-{cell.name}-mix"
        return mix_datasets(config, store=self._store, name=called).ref

    def _part(self, name: str, rows: ArtifactRef) -> str:
        if name == SAMPLES:
            return rows.digest
        return self._run.once(other_rows, kind=name).digest if name in OTHERS else name

    def _with_losses(self, one: Trained, name: str) -> Trained:
        """The model by its content, and how likely it finds the right answers."""
        with self._here(f"{Engine.TRANSFORMERS}:{name}") as (identity, folder):
            self._names.setdefault(identity, f"{Engine.TRANSFORMERS}:{name}")
            own = one.model_copy(update={"model": identity})
            if not self.plan.score.answer_loss:
                return own
            place = MeasuredAt(store=self._store, models={identity: folder})
            losses = self._losses(identity, place)
        return own.model_copy(update={"losses": losses})

    def _losses(self, model: str, place: MeasuredAt) -> dict[str, ArtifactRef]:
        """By test set. For this the run's place says where the one model lies."""
        before, self._run.place = self._run.place, place
        limit = self.plan.score.limit
        found = {
            test: self._run.once(measure_answers, data=ref, model=model, limit=limit)
            for test, ref in self._tests.items()
        }
        self._run.place = before
        return found

    @contextmanager
    def _here(self, name: str) -> Iterator[tuple[str, str]]:
        """The model's identity, and its name with a local folder in it."""
        with open_store(self._store, load_settings()) as opened, fetched(opened, name) as here:
            model = here.removeprefix(f"{Engine.TRANSFORMERS}:")
            yield identity_of(ModelName(engine=Engine.TRANSFORMERS, model=model)), model

    def measured(self) -> list[Measured]:
        """All models on all test sets and benchmarks, a run for each set."""
        score = self.plan.score
        sets = {name: f"{CASE2CODE}:{ref.digest}" for name, ref in self._tests.items()}
        sets |= {name: name for name in score.benchmarks}
        found = []
        for name, benchmark in sets.items():
            watcher().said(f"evaluating {len(self._names)} models on {name}")
            config = EvaluateConfig(
                models=tuple(self._names.values()),
                benchmarks=(benchmark,),
                limit=score.limit,
                ask=score.ask,
                grade=score.grade,
            )
            done = evaluate_model(config, store=self._store, workers=self._workers)
            self._count(done.task_runs, done.cached_steps)
            found.append(Measured(test=name, ref=done.result.ref, models=tuple(self._names)))
        return found

    def _count(self, task_runs: int, cached: int) -> None:
        self.task_runs += task_runs
        self.cached_steps += cached
