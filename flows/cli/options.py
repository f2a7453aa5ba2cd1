"""Options and a config file into one BuildConfig; every mistake names what to change."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from tasks.errors import ConfigError
from tasks.records.configs import BuildConfig
from tasks.records.runners import Runner

_INSIDE = {
    "writers": ("inputs", "writers"),
    "llm_share": ("inputs", "llm_share"),
    "llm_budget": ("inputs", "llm_budget"),
    "dedup_against": ("dedup", "against"),
    "tasks": ("prompts", "tasks"),
    "templates": ("prompts", "templates"),
    "twins": ("prompts", "twins"),
    "tokenizer": ("prompts", "tokenizer"),
}
"""Options that are keys of a part of the config."""


def build_config(file: Path | None, given: Mapping[str, Any]) -> BuildConfig:
    """The file's values, with the options that were given on top. Raises ConfigError."""
    values = dict(_read(file)) if file else {}
    for option, (part, name) in _INSIDE.items():
        own = values.get(part) or {}
        if given.get(option) and isinstance(own, dict):  # else the model says what is wrong with it
            values[part] = own | {name: given[option]}
    values |= {
        name: value
        for name, value in given.items()
        if name not in _INSIDE and value not in (None, ())
    }
    try:
        return BuildConfig.model_validate(values)
    except ValidationError as error:
        where = f" in {file}" if file else ""
        raise ConfigError(f"wrong config{where}: " + "; ".join(_mistakes(error))) from error


def runner_of(text: str) -> Runner:
    """Reads KIND or KIND:ADDRESS, such as dask:tcp://host:8786. Raises ConfigError."""
    kind, _, address = text.partition(":")
    try:
        return Runner.model_validate({"kind": kind, "address": address})
    except ValidationError as error:
        raise ConfigError(
            f"{text!r} is no task runner: write threads, processes, dask, ray, "
            "dask:tcp://HOST:PORT or ray:ray://HOST:PORT"
        ) from error


def _read(file: Path) -> Mapping[str, Any]:
    try:
        values = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read the config {file}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"the config {file} is not YAML: {error}") from error
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise ConfigError(f"the config {file} must be a mapping, such as `seed: 1`")
    return values


def _mistakes(error: ValidationError) -> list[str]:
    return [_mistake(one["loc"], one["type"], one["msg"]) for one in error.errors()]


def _mistake(where: tuple[int | str, ...], kind: str, message: str) -> str:
    name = ".".join(str(part) for part in where)
    if kind == "extra_forbidden":
        known = ", ".join(_siblings(where))
        return f"{name} is no key of the config; known here: {known}"
    if kind == "tuple_type":
        return f"{name}: write a list, as in `{name}: [stdlib]`"
    return f"{name}: {message}"


def _siblings(where: tuple[int | str, ...]) -> list[str]:
    """The keys that the config knows where the unknown one stands."""
    model: Any = BuildConfig
    for part in where[:-1]:
        model = model.model_fields[str(part)].annotation
    return sorted(model.model_fields)
