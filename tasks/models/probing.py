"""What a server can do is seen, not assumed: one small request for each ability.

Many servers take parameters that they do not know and leave them be, so a 200 proves nothing. The
answers that are looked for here are those that no model gives by itself.
"""

from tasks.models.requests import Message, Reply, Request

_WORD = "xq-417-velum"
SCHEMA = Request(
    key="schema",
    messages=(Message("user", "Say hello to your grandmother in one short sentence."),),
    temperature=0.0,
    max_tokens=32,
    seed=0,
    schema={
        "type": "object",
        "properties": {"word": {"type": "string", "enum": [_WORD]}},
        "required": ["word"],
        "additionalProperties": False,
    },
)
"""The word stands in the schema alone: who says it was held to the schema."""
PREFILL = Request(
    key="prefill",
    messages=(Message("user", "What is the capital of France? Answer with its name alone."),),
    temperature=0.0,
    max_tokens=4,
    seed=0,
    prefill="The capital of France is Par",
)
"""A model that begins a new turn does not begin it in the middle of a word."""


def is_held_to_schema(reply: Reply) -> bool:
    """Whether the answer to SCHEMA is the one that only the schema asks for."""
    return _WORD in reply.text


def goes_on(reply: Reply) -> bool:
    """Whether the answer to PREFILL ends the word that was begun."""
    return reply.text.removeprefix(PREFILL.prefill).startswith("is")
