"""What went wrong with a request to a server: whether it may pass, and what a person can do."""

from dataclasses import dataclass

from openai import (
    APIConnectionError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    OpenAIError,
    RateLimitError,
)

from tasks.models.protocol import GarbageError

Fault = GarbageError | TimeoutError | OpenAIError
FAULTS = (GarbageError, TimeoutError, OpenAIError)
"""All that an attempt may end in."""
REFUSED = frozenset((400, 413, 422))
"""Statuses that blame the request: asking again would not help, another request may do."""
PASSING = frozenset((408, 409, 425, 429))
"""Statuses that may pass by themselves, beside those of the server."""
SERVERS_OWN = 500
"""From here on a status blames the server."""


def is_refusal(fault: Fault) -> bool:
    """Whether the request itself is to blame."""
    return isinstance(fault, APIStatusError) and fault.status_code in REFUSED


def may_pass(fault: Fault) -> bool:
    """Whether a second try makes sense."""
    if not isinstance(fault, APIStatusError):
        return True
    passing = fault.status_code in PASSING or fault.status_code >= SERVERS_OWN
    return passing and fault.code != "insufficient_quota"


@dataclass(frozen=True, slots=True)
class Where:
    """Who was asked, for messages."""

    url: str
    model: str
    timeout: float

    def advice(self, fault: Fault) -> str:
        """What is wrong, and what to set or start."""
        server = f"the model server at {self.url}"
        match fault:
            case GarbageError() | APIResponseValidationError():
                return (
                    f"{self.url} does not answer as an OpenAI-compatible server would:"
                    " the base URL mostly ends in /v1 (CASE2CODE_LLM_URL)"
                )
            case TimeoutError() | APITimeoutError():
                return f"{server} gives no answer in {self.timeout:g} s (CASE2CODE_LLM_TIMEOUT)"
            case APIConnectionError():
                return (
                    f"{server} cannot be reached ({fault.__cause__ or fault}): start one there, or"
                    " set CASE2CODE_LLM_URL to the base URL of one that runs"
                )
            case RateLimitError():
                return f"{server} refuses for its rate limit or quota: try again later ({fault})"
        return self._advice_for_status(server, fault)

    def _advice_for_status(self, server: str, fault: Fault) -> str:
        match fault:
            case APIStatusError(status_code=401 | 403):
                return f"{server} does not accept the key: set CASE2CODE_LLM_KEY ({fault})"
            case APIStatusError(status_code=404):
                return (
                    f"{server} knows no model {self.model!r} (404): name one that it has, as in"
                    " --writer openai:MODEL, and check that CASE2CODE_LLM_URL ends as it should"
                    " (/v1)"
                )
        return f"{server} keeps failing: {fault}"
