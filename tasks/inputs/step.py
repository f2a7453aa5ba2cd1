"""The steps `ask` and `inputs`."""

from functools import partial

from sandbox import Sandbox
from tasks.errors import ConfigError
from tasks.inputs.asking import ask
from tasks.inputs.writing import LIMITS, write_inputs
from tasks.models.server import OpenAIServer
from tasks.records.artifacts import ArtifactRef
from tasks.records.cases import Answer, WrittenFunction
from tasks.records.configs import AskConfig, InputsConfig
from tasks.records.functions import Function
from tasks.records.steps import Place, StepResult
from tasks.settings import load_settings
from tasks.steps import sift, step, store_at

ASK_VERSION = 1
INPUTS_VERSION = 3
MODEL_RETRIES = 8
"""Of one request, with growing waits, before the step itself is tried again."""


@step("ask", version=ASK_VERSION)
def ask_shard(shard: ArtifactRef, config: AskConfig, place: Place) -> StepResult:
    """Asks a model for inputs. The answers are an artifact: they are paid for once."""
    with store_at(place) as store:
        functions = list(store.read_records(shard, Function))
        generate = _server(config).generate
        return sift(
            store,
            ask(functions, generate, config),
            step="ask",
            unit="answers",
            kind="answers",
            model=Answer,
        )


def require_server(asks: tuple[AskConfig, ...]) -> None:
    """Raises ConfigError before anything is done where a model is named and no server is."""
    if asks and not load_settings().llm_url:
        raise ConfigError(
            f"--writer openai:{asks[0].model} needs a server: set CASE2CODE_LLM_URL to the base "
            "URL of one that speaks the OpenAI protocol, for example http://127.0.0.1:8000/v1"
        )


def _server(config: AskConfig) -> OpenAIServer:
    require_server((config,))
    settings = load_settings()
    key = settings.llm_key
    return OpenAIServer(
        config.model,
        base_url=str(settings.llm_url),
        api_key=key.get_secret_value() if key else None,
        max_retries=MODEL_RETRIES,
    )


@step("inputs", version=INPUTS_VERSION, executes=True)
def write_inputs_shard(
    shard: ArtifactRef,
    answers: tuple[ArtifactRef, ...],
    config: InputsConfig,
    seed: int,
    place: Place,
) -> StepResult:
    """Writes inputs for the functions of a shard and chooses among those that run."""
    with store_at(place) as store, Sandbox(limits=LIMITS) as sandbox:
        by_function: dict[str, list[Answer]] = {}
        for ref in answers:
            for answer in store.read_records(ref, Answer):
                by_function.setdefault(answer.function, []).append(answer)
        functions = list(store.read_records(shard, Function))
        return sift(
            store,
            write_inputs(functions, by_function, partial(sandbox.run, arcs=True), config, seed),
            step="inputs",
            unit="functions",
            kind="inputs",
            model=WrittenFunction,
        )
