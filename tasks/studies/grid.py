"""From the YAML of a study to what is run: every value settled, every mistake named."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from tasks.errors import ConfigError
from tasks.records.configs import BuildConfig
from tasks.records.studies import (
    HELD_OUT,
    Cell,
    CellPlan,
    FreshModel,
    ScoreConfig,
    Size,
    SizeConfig,
    StudyConfig,
    StudyPlan,
    Values,
)
from tasks.records.training import TrainConfig

SHIPPED = Path(__file__).parents[2] / "deployments" / "studies"
M = TypeVar("M", bound=BaseModel)


def shipped() -> list[str]:
    """Names of the studies that come along."""
    return sorted(path.stem for path in SHIPPED.glob("*.yaml"))


def find_study(name: str) -> Path:
    """The file of a study, by its name or its path. Raises ConfigError."""
    path = Path(name).expanduser()
    with suppress(OSError):  # no file can have such a name
        if path.is_file():
            return path
    if name in shipped():
        return SHIPPED / f"{name}.yaml"
    raise ConfigError(
        f"no study {name}: name a YAML file, or one of those that come along: "
        + ", ".join(shipped())
    )


def text_of(path: Path) -> str:
    """A study's file as it stands. Raises ConfigError where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read the study {path}: {error}") from error


def read_study(path: Path) -> StudyConfig:
    """The study in a file. Raises ConfigError with what is wrong and where."""
    text = text_of(path)
    try:
        values = yaml.load(text, Loader=_OnceLoader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        at = error.problem_mark
        where = f":{at.line + 1}:{at.column + 1}" if at else ""
        raise ConfigError(f"cannot read the study {path}{where}: {error.problem}") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"cannot read the study {path}: {error}") from error
    if not isinstance(values, dict):
        raise ConfigError(f"the study {path} must be a mapping with `question` and `cells`")
    return _validated(StudyConfig, values, f"study {path.stem}")


class _OnceLoader(yaml.SafeLoader):
    """Refuses a key that stands twice in one mapping, of which YAML would keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for place, key in enumerate(keys):
            if key in keys[:place]:
                raise yaml.constructor.ConstructorError(
                    problem=f"{key} is here twice", problem_mark=node.value[place][0].start_mark
                )
        return super().construct_mapping(node, deep=deep)


def plan_of(
    config: StudyConfig, name: str, size: Size, base: str = "", *, build_only: bool = False
) -> StudyPlan:
    """What is run at that size. Raises ConfigError where values do not fit.

    Args:
        config: The study.
        name: What it is called.
        size: One of those that the study has.
        base: Folder or Hub id of a base model, in place of the study's own.
        build_only: Train nothing: the yields are what is asked for.
    """
    own = _size(config, name, size)
    cells = own.cells or config.cells
    plans = tuple(_cell(config, own, key, cell) for key, cell in cells.items())
    if build_only:
        plans = tuple(plan.model_copy(update={"train": None}) for plan in plans)
    baseline = config.baseline or plans[0].name
    first = next(plan for plan in plans if plan.name == baseline)
    tests = {HELD_OUT: first.build} | {
        key: _build(f"tests.{key}", config.build, own.build, values)
        for key, values in config.tests.items()
    }
    score = _validated(ScoreConfig, merged(config.evaluate, own.evaluate), f"{size}: evaluate")
    return StudyPlan(
        name=name,
        question=config.question,
        about=config.about,
        size=size,
        baseline=baseline,
        cells=plans,
        tests=tests,
        base=(base or own.base or FreshModel()) if any(plan.train for plan in plans) else None,
        launch=own.launch,
        seeds=own.seeds,
        score=score,
    )


def _size(config: StudyConfig, name: str, size: Size) -> SizeConfig:
    if size not in config.sizes:
        raise ConfigError(f"study {name} has no size {size}; it has {', '.join(config.sizes)}")
    return config.sizes[size]


def merged(*parts: Values) -> dict[str, Any]:
    """Nested mappings as one; where two name the same key, the later one wins."""
    whole: dict[str, Any] = {}
    for part in parts:
        for key, value in part.items():
            before = whole.get(key)
            both = isinstance(before, Mapping) and isinstance(value, Mapping)
            whole[key] = merged(before or {}, value) if both else value
    return whole


def _cell(config: StudyConfig, own: SizeConfig, name: str, cell: Cell) -> CellPlan:
    train = None
    if config.train is not None or own.train is not None:
        values = merged(config.train or {}, own.train or {}, cell.train)
        train = _validated(TrainConfig, values, f"cells.{name}.train")
    return CellPlan(
        name=name,
        note=cell.note,
        build=_build(f"cells.{name}.build", config.build, own.build, cell.build),
        rows=cell.rows,
        mix=cell.mix,
        train=train,
    )


def _build(where: str, *parts: Values) -> BuildConfig:
    return _validated(BuildConfig, merged(*parts), where)


def _validated(model: type[M], values: Mapping[str, Any], where: str) -> M:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise ConfigError(f"{where}: " + "; ".join(_mistakes(error))) from error


def _mistakes(error: ValidationError) -> Iterable[str]:
    for one in error.errors():
        place = ".".join(map(str, one["loc"]))
        what = "is no key here" if one["type"] == "extra_forbidden" else str(one["msg"])
        what = what.removeprefix("Value error, ")
        yield f"{place} {what}".strip()
