"""A generator for a model's name: who is asked is decided here, and nowhere else.

A model in this process may also be named as what is published names it, by its content. That
finds the answers that were kept, and needs neither the model nor torch as long as it has them all.
"""

import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tasks.errors import ConfigError
from tasks.models import local
from tasks.models.pace import Pace
from tasks.models.requests import Generate
from tasks.records.writers import Engine, ModelName
from tasks.settings import Settings

if TYPE_CHECKING:
    from tasks.models.server import OpenAIServer

LOCAL_NEEDS = ("torch", "transformers", "llguidance")
BY_CONTENT = re.compile(r"[\w.-]+(\+lora)?@[0-9a-f]{12}")
"""As `tasks.models.local.identity_of` names a model."""
MODEL_RETRIES = 8
"""Of one request, with growing waits, before the step itself is tried again."""


def open_generator(name: ModelName, settings: Settings) -> Generate:
    """What answers requests for this model. Raises ConfigError with what to set or install."""
    if name.engine is Engine.TRANSFORMERS:
        if _is_by_content(name):
            raise ConfigError(
                f"{name} names a model by its content, and not all of its answers are kept in this"
                " store: name its folder, file or id instead"
            )
        require(name, settings)
        return local.open_local(name.model)
    return open_server(name, settings).generate


def identity_of(name: ModelName) -> str:
    """The name under which a model's answers are kept: the same weights, the same name.

    Of a server's model nothing is known but its name.
    """
    if name.engine is Engine.TRANSFORMERS:
        return name.model if _is_by_content(name) else local.identity_of(name.model)
    return name.model


def require(name: ModelName, settings: Settings) -> None:
    """Raises ConfigError where a model is named that cannot be asked, before anything is done."""
    if name.engine is Engine.TRANSFORMERS:
        if not _is_by_content(name):
            _require_libraries(name)
    elif not settings.llm_url:
        raise ConfigError(
            f"--writer {name} needs a server: set CASE2CODE_LLM_URL to the base URL of one that"
            " speaks the OpenAI protocol, for example http://127.0.0.1:8000/v1"
        )


def open_server(
    name: ModelName, settings: Settings, *, max_retries: int | None = None
) -> "OpenAIServer":
    """The server of the settings. Raises ConfigError where there is none."""
    # The client takes half a second to import, which a run without a model does not pay.
    from tasks.models.server import OpenAIServer  # noqa: PLC0415

    require(name, settings)
    key = settings.llm_key
    return OpenAIServer(
        name.model,
        base_url=str(settings.llm_url),
        api_key=key.get_secret_value() if key else None,
        concurrency=settings.llm_concurrency,
        timeout=settings.llm_timeout,
        max_retries=MODEL_RETRIES if max_retries is None else max_retries,
        pace=Pace(settings.llm_requests_per_minute, settings.llm_tokens_per_minute),
    )


def _is_by_content(name: ModelName) -> bool:
    return bool(BY_CONTENT.fullmatch(name.model)) and not Path(name.model).exists()


def _require_libraries(name: ModelName) -> None:
    missing = [library for library in LOCAL_NEEDS if find_spec(library) is None]
    if missing:
        raise ConfigError(
            f"{name} runs in this process, which needs {', '.join(missing)}:"
            " pip install 'case2code[models]'"
        )
