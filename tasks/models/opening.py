"""A generator for a model's name: who is asked is decided here, and nowhere else.

The engine in this process is `tasks.models.local`, which is imported only when it is named:

    open_local(model: str) -> Generate

loads nothing before its first request is read, and `identity_of(model: str) -> str` gives the
name under which answers are kept: without a place in it, and another one for other weights.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from tasks.errors import ConfigError
from tasks.models.requests import Generate
from tasks.models.server import OpenAIServer
from tasks.records.writers import Engine, ModelName
from tasks.settings import Settings

LOCAL_NEEDS = ("torch", "transformers", "llguidance")
MODEL_RETRIES = 8
"""Of one request, with growing waits, before the step itself is tried again."""


def open_generator(name: ModelName, settings: Settings) -> Generate:
    """What answers requests for this model. Raises ConfigError with what to set or install."""
    if name.engine is Engine.TRANSFORMERS:
        generate: Generate = _local(name).open_local(name.model)
        return generate
    return open_server(name, settings).generate


def identity_of(name: ModelName) -> str:
    """The name under which a model's answers are kept: the same weights, the same name.

    Of a server's model nothing is known but its name.
    """
    if name.engine is Engine.TRANSFORMERS:
        return str(_local(name).identity_of(name.model))
    return name.model


def require(name: ModelName, settings: Settings) -> None:
    """Raises ConfigError where a model is named that cannot be asked, before anything is done."""
    if name.engine is Engine.TRANSFORMERS:
        _local(name)
    elif not settings.llm_url:
        raise ConfigError(
            f"--writer {name} needs a server: set CASE2CODE_LLM_URL to the base URL of one that"
            " speaks the OpenAI protocol, for example http://127.0.0.1:8000/v1"
        )


def open_server(name: ModelName, settings: Settings) -> OpenAIServer:
    """The server of the settings. Raises ConfigError where there is none."""
    require(name, settings)
    key = settings.llm_key
    return OpenAIServer(
        name.model,
        base_url=str(settings.llm_url),
        api_key=key.get_secret_value() if key else None,
        max_retries=MODEL_RETRIES,
    )


def _local(name: ModelName) -> Any:
    missing = [library for library in LOCAL_NEEDS if find_spec(library) is None]
    if missing:
        raise ConfigError(
            f"{name} runs in this process, which needs {', '.join(missing)}:"
            " pip install 'case2code[models]'"
        )
    return import_module("tasks.models.local")
