"""A signature says what its rows look like in JSON, or that JSON cannot write them."""

from typing import Any

import pytest

from tasks.inputs.schemas import schema_of
from tasks.records.functions import Parameter


def row(*parameters: Parameter) -> dict[str, Any]:
    schema = schema_of(parameters, 10)
    assert schema is not None
    found: dict[str, Any] = schema["properties"]["examples"]["items"]
    return found


def of(annotation: str = "", default: str | None = None) -> Any:
    found = row(Parameter(name="a", annotation=annotation, default=default))
    return found["properties"]["a"]


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        ("int", {"type": "integer"}),
        ("'str'", {"type": "string"}),
        ("list[float]", {"type": "array", "items": {"type": "number"}}),
        ("typing.Sequence[str]", {"type": "array", "items": {"type": "string"}}),
        ("tuple[int, ...]", {"type": "array", "items": {"type": "integer"}}),
        ("tuple[int, int]", {"type": "array", "items": {"type": "integer"}}),
        ("dict[str, bool]", {"type": "object", "additionalProperties": {"type": "boolean"}}),
        ("int | None", {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
        ("Optional[str]", {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        ("Union[int, str]", {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
        ("Literal['a', 'b']", {"enum": ["a", "b"]}),
    ],
)
def test_annotations_are_types(annotation: str, schema: Any) -> None:
    assert of(annotation) == schema


@pytest.mark.parametrize("annotation", ["", "Thing", "not python ("])
def test_what_is_not_known_may_be_anything_plain(annotation: str) -> None:
    assert {"type": "string"} in of(annotation)["anyOf"]


def test_a_default_tells_the_type_where_no_annotation_does() -> None:
    assert of(default="3") == {"type": "integer"}
    assert "anyOf" in of(default="None")


@pytest.mark.parametrize("annotation", ["bytes", "set[int]", "dict[int, str]", "list[complex]"])
def test_what_json_cannot_write_has_no_schema(annotation: str) -> None:
    assert schema_of([Parameter(name="a", annotation=annotation)], 10) is None


def test_a_row_has_all_that_must_be_passed_and_nothing_unknown() -> None:
    found = row(Parameter(name="a"), Parameter(name="b", default="1"))

    assert found["required"] == ["a"]
    assert list(found["properties"]) == ["a", "b"]
    assert found["additionalProperties"] is False
