"""What `deployments/` declares: deployments with their parameters, pools, limits, notifications."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import yaml

from tasks.errors import ConfigError
from tasks.records.base import Record

FOLDER = Path(__file__).parents[2] / "deployments"
PoolType = Literal["process", "docker", "kubernetes"]


class Pool(Record):
    """A work pool; what type it is says where runs are started."""

    description: str
    concurrency_limit: int | None = None
    """Runs at once."""


class Notification(Record):
    """Who is told of a run that failed or crashed, in Jinja templates of Prefect's."""

    block: str
    """Name of a notification block. Where there is none, nobody is told."""
    name: str
    subject: str
    body: str


class Declared(Record):
    """`server.yaml`."""

    pools: dict[str, Pool]
    tag_limits: dict[str, int]
    secrets: dict[str, str]
    """Names of Secret blocks by the environment variable of a run that gets their value."""
    notify_on_failure: Notification


def declared() -> Declared:
    """What the server is told besides the deployments."""
    return Declared.model_validate(_read(FOLDER / "server.yaml"))


def deployments(parameters: str, *, chained: bool = True) -> dict[str, Any]:
    """The content of `prefect.yaml` with the parameters in it.

    Args:
        parameters: The name of a file in `deployments/parameters`, or the path of one.
        chained: Whether the triggers are on.

    Raises ConfigError where there is no such file, or it names a deployment that is not there.
    """
    found = _read(FOLDER / "prefect.yaml")
    given = _read(_parameter_file(parameters))
    known = [one["name"] for one in found["deployments"]]
    for name in given:
        if name not in known:
            raise ConfigError(f"{parameters}: {name!r} is no deployment; there are {known}")
    found["deployments"] = [
        with_parameters(one, given.get(one["name"]) or {}, chained=chained)
        for one in found["deployments"]
    ]
    return found


def with_parameters(
    deployment: Mapping[str, Any], given: Mapping[str, Any], *, chained: bool
) -> dict[str, Any]:
    """A deployment with parameters of its own, in its triggers too.

    Prefect lets each parameter of a trigger replace the deployment's whole, however much is in it:
    so a trigger gets what the deployment has, its own values over it, and its lists after it.
    """
    own = merged(deployment.get("parameters") or {}, given)
    triggers = [
        dict(one)
        | {"enabled": chained and one.get("enabled", True)}
        | {"parameters": merged(own, one.get("parameters") or {})}
        for one in deployment.get("triggers") or ()
    ]
    return dict(deployment) | {"parameters": own} | ({"triggers": triggers} if triggers else {})


def merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Both, however deep: values of `over` win, its lists are appended."""
    result = dict(under)
    for name, value in over.items():
        before = result.get(name)
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            result[name] = merged(before, value)
        elif isinstance(before, list) and isinstance(value, list):
            result[name] = [*before, *(one for one in value if one not in before)]
        else:
            result[name] = value
    return result


def missing_for_training() -> list[str]:
    """Packages without which a training fails at once; empty where it can begin."""
    from tasks.training.launching import NEEDS  # noqa: PLC0415 - the step's own list

    return [library for library in NEEDS if find_spec(library) is None]


def _parameter_file(wanted: str) -> Path:
    own = FOLDER / "parameters" / f"{wanted}.yaml"
    if own.is_file():
        return own
    if Path(wanted).is_file():
        return Path(wanted)
    known = ", ".join(sorted(path.stem for path in own.parent.glob("*.yaml")))
    raise ConfigError(f"{wanted!r} is no file of parameters: name {known}, or a file")


def _read(path: Path) -> dict[str, Any]:
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read {path}: {error}") from error
    if not isinstance(values, dict):
        raise ConfigError(f"{path} must be a mapping of names to parameters")
    return values
