"""Answers that are held to a grammar are rows of literals with the function's own names."""

import ast
from pathlib import Path
from typing import Any

import pytest

from tasks.inputs.answers import parse_answer
from tasks.models.grammar import rows_grammar
from tasks.models.grammar_matching import Constraints
from tasks.models.local import open_local
from tasks.models.requests import Message, Request
from tasks.records.functions import Parameter
from tests.tiny_model import VOCABULARY, make_tokenizer

pytestmark = pytest.mark.xdist_group("torch")


def parameter(name: str, annotation: str = "", default: str | None = None) -> Parameter:
    return Parameter(name=name, annotation=annotation, default=default)


def asked(**changes: Any) -> Request:
    given: dict[str, Any] = {
        "key": "k",
        "messages": (Message("user", "rows please"),),
        "temperature": 0.0,
        "max_tokens": 300,
        "seed": 0,
    }
    return Request(**given | changes)


def fits(grammar: str, answer: str) -> bool:
    """Whether an answer is the whole of what the grammar wants."""
    tokenizer = make_tokenizer()
    constraints = Constraints(tokenizer, VOCABULARY, frozenset([tokenizer.eos_token_id]))
    matcher = constraints.matcher(asked(grammar=grammar))
    assert matcher is not None
    for token in tokenizer(answer).input_ids:
        if not matcher.allowed()[token]:
            return False
        matcher.take(token)
    return matcher.is_done


def rows(*values: str) -> str:
    """An answer after `dict(x=`."""
    return "),\n    dict(x=".join(values) + ")\n]"


@pytest.mark.parametrize(
    ("annotation", "values"),
    [
        ("int", ("3", "-20")),
        ("float", ("0.5", "7")),
        ("str", ('"a, b"', "'it\\n'")),
        ("bool", ("True", "False")),
        ("bytes", ('b"\\x00a"', 'b""')),
        ("list[int]", ("[]", "[1, 2, 3]")),
        ("typing.List[List[str]]", ('[["a"], []]', "[]")),
        ("Optional[str]", ("None", '"x"')),
        ("int | None", ("None", "1")),
        ("Union[int, list[float]]", ("4", "[0.5, 2]")),
        ('Literal["up", "down"]', ("'up'", "'down'")),
        ("dict[str, int]", ('{"a": 1, "b": 2}', "{}")),
        ("tuple[int, str]", ('(1, "a")', '(2, "b")')),
        ("tuple[int]", ("(1,)", "(2,)")),
        ("tuple[float, ...]", ("(1, )", "(1, 2.5)")),
        ("set[str]", ('{"a"}', '{"a", "b"}')),
        ('"list[int]"', ("[1]", "[2]")),
        ("Unheard[of]", ('{"a": [1, (2, 3)]}', "None")),
        ("not an annotation(", ("1", '"x"')),
        ("", ("[None, 'b', 2.5]", "True")),
    ],
)
def test_literals_of_the_annotated_type_are_allowed(
    annotation: str, values: tuple[str, str]
) -> None:
    assert fits(rows_grammar([parameter("x", annotation)], 2), rows(*values))


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        ("int", '"3"'),
        ("str", "3"),
        ("list[int]", '["a"]'),
        ("dict[str, int]", "{1: 1}"),
        ("", "print(1)"),
        ("", "__import__('os')"),
        ("str", '"' + "a" * 70 + '"'),
    ],
)
def test_anything_else_is_not(annotation: str, value: str) -> None:
    assert not fits(rows_grammar([parameter("x", annotation)], 1), rows(value))


def test_only_parameters_with_a_default_can_be_left_out() -> None:
    grammar = rows_grammar([parameter("x", "int"), parameter("y", "int", "0")], 2)
    assert fits(grammar, "1, y=2),\n    dict(x=3)\n]")
    assert not fits(rows_grammar([parameter("x", "int"), parameter("y", "int")], 1), "1)\n]")


def test_it_holds_as_many_rows_as_are_wanted() -> None:
    grammar = rows_grammar([parameter("x", "int")], 3)
    assert fits(grammar, rows("1", "2", "3"))
    assert not fits(grammar, rows("1", "2"))


def test_a_model_of_random_weights_writes_rows_that_can_all_be_read(tiny_model: Path) -> None:
    parameters = [parameter("x", "int"), parameter("flag", "bool", "False")]
    begun = "examples = [\n    dict(x="
    wanted = asked(grammar=rows_grammar(parameters, 3), prefill=begun, stop=("\n]",))
    [reply] = open_local(str(tiny_model), dtype="float32")([wanted])
    assert not reply.cut
    assert len(ast.parse(reply.text.removeprefix("examples = ") + "]").body) == 1
    assert 1 <= len(parse_answer(reply.text, parameters)) <= 3


def test_an_answer_fits_the_schema_and_begins_by_itself(tiny_model: Path) -> None:
    schema = {
        "type": "object",
        "properties": {"n": {"type": "array", "items": {"enum": [1, 2]}, "maxItems": 3}},
        "required": ["n"],
        "additionalProperties": False,
    }
    wanted = asked(schema=schema, prefill="not JSON")
    [reply] = open_local(str(tiny_model), dtype="float32")([wanted])
    assert set(ast.literal_eval(reply.text)) == {"n"}
    assert set(ast.literal_eval(reply.text)["n"]) <= {1, 2}


def test_a_grammar_that_is_none_is_an_error_of_its_request_alone(tiny_model: Path) -> None:
    requests = [asked(grammar="start: nothing"), asked(key="fine", max_tokens=3)]
    replies = {r.key: r for r in open_local(str(tiny_model), dtype="float32")(requests)}
    assert "the grammar cannot be used" in replies["k"].error
    assert not replies["fine"].error
