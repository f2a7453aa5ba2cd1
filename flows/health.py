"""Checks each thing that the pipeline stands on, and says how to mend what is missing."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flows.server import prefect_api
from sandbox import Limits, Sandbox, check_host, try_escapes
from tasks.errors import Case2CodeError
from tasks.settings import Settings
from tasks.store.artifacts import open_store

MODELS_SHOWN = 5
ESCAPE_LIMITS = Limits(cpu_seconds=0.3)
"""Some of them run until they are stopped."""


@dataclass(frozen=True)
class Health:
    """One thing, and whether it works."""

    name: str
    works: bool
    detail: str
    """What was found; where it does not work, what to do."""
    needed: bool = True
    """Without it nothing is built; the others are for those who set them."""


def check_health(settings: Settings, store: str) -> Iterator[Health]:
    """All checks, in the order in which a build needs the things."""
    yield Health("python", sys.version_info >= (3, 11), sys.version.split()[0])
    yield from _check_sandbox()
    yield _try("store", lambda: _check_store(settings, store))
    yield _try("prefect", lambda: _check_prefect(settings))
    if settings.llm_url:
        yield _try("language model", lambda: _check_model(settings))


def _check_sandbox() -> Iterator[Health]:
    checks = check_host()
    for check in checks:
        yield Health(f"sandbox: {check.name}", check.ok, check.remedy if not check.ok else "")
    if all(check.ok for check in checks):
        with Sandbox(limits=ESCAPE_LIMITS) as sandbox:
            for escape in try_escapes(sandbox):
                yield Health(f"escape: {escape.attack}", escape.ok, escape.got)


def _try(name: str, check: Callable[[], str]) -> Health:
    try:
        return Health(name, works=True, detail=check())
    except Case2CodeError as error:
        return Health(name, works=False, detail=str(error))


def _check_store(settings: Settings, url: str) -> str:
    with open_store(url or settings.store_url, settings) as store:
        store.backend.check()
        return store.url


def _check_prefect(settings: Settings) -> str:
    with prefect_api(settings.home) as api:
        return api


def _check_model(settings: Settings) -> str:
    # The client takes half a second to import, which a command without a model does not pay.
    from tasks.models.opening import open_server  # noqa: PLC0415
    from tasks.records.writers import Engine, ModelName  # noqa: PLC0415

    url = settings.llm_url
    server = open_server(ModelName(engine=Engine.OPENAI, model=""), settings, max_retries=0)
    return f"{url} has {', '.join(server.models()[:MODELS_SHOWN]) or 'no model'}"
