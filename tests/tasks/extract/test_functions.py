"""What the record of a kept function says, and which annotations stay."""

from typing import Any

import pytest

from tasks.records.functions import Parameter, ParameterKind


def test_parameters_have_kind_annotation_and_default(extracted: Any) -> None:
    source = "def f(a, /, b: int, c: str = 'x', *rest, d, e: int = 1 + 1, **more): return a * b + d"
    kind = ParameterKind
    assert extracted(source)["f"].parameters == (
        Parameter(name="a", kind=kind.POSITIONAL_ONLY),
        Parameter(name="b", annotation="int"),
        Parameter(name="c", annotation="str", default="'x'"),
        Parameter(name="d", kind=kind.KEYWORD_ONLY),
        Parameter(name="e", kind=kind.KEYWORD_ONLY, annotation="int", default="1 + 1"),
    )


def test_a_record_says_where_the_function_is_from(extracted: Any) -> None:
    function = extracted({"p/m.py": "import re\n\ndef f(x):\n    return re.sub('a', x[0], 'b')\n"})[
        "f"
    ]
    assert (function.source, function.path, function.corpus) == ("c/p/m.py", "p/m.py", "c")
    assert (function.first_line, function.last_line) == (3, 4)
    assert function.imports == ("re",)
    assert (function.operations, function.branches) == (2, 0)


def test_branches_and_operations_are_counted(extracted: Any) -> None:
    source = """
    def f(items, flag):
        total = -1
        for item in items:
            if item and flag:
                total += item[0]
        return [n for n in items] if total > 0 else not flag
    """
    function = extracted(source)["f"]
    assert (function.branches, function.operations) == (4, 6)


def test_the_id_changes_with_source_name_and_program(extracted: Any) -> None:
    source = "def f(x): return x * 2 + 1"
    one = extracted({"a.py": source})["f"]
    assert one.id == extracted({"a.py": source})["f"].id
    assert one.id != extracted({"b.py": source})["f"].id
    assert one.identity == extracted({"b.py": source.replace("x", "y")})["f"].identity


ANNOTATED: dict[str, tuple[str, str]] = {
    "builtins and typing stay": (
        """
        from typing import Optional, Sequence
        def f(x: Sequence[int], y: Optional[str] = None) -> list[int]:
            z: int = len(x) + 1
            return [z]
        """,
        """\
from __future__ import annotations

from typing import Optional, Sequence


def f(x: Sequence[int], y: Optional[str] = None) -> list[int]:
    z: int = len(x) + 1
    return [z]
""",
    ),
    "names from elsewhere go": (
        """
        from mypkg.types import Text, Maybe
        def f(x, y: Text = "a", *z: "Text", w: Maybe[int] = None) -> int:
            v: Text = y
            n: "Maybe"
            n = 1
            return len(v) + n
        """,
        """\
from __future__ import annotations


def f(x, y="a", *z, w=None) -> int:
    v = y
    n: object
    n = 1
    return len(v) + n
""",
    ),
    "imports for type checkers are used": (
        """
        import typing as t
        if t.TYPE_CHECKING:
            from collections.abc import Iterable
        def f(x: "Iterable[int]", y: t.List[int]): return sum(x) + 1
        """,
        """\
from __future__ import annotations

import typing as t
from collections.abc import Iterable


def f(x: "Iterable[int]", y: t.List[int]): return sum(x) + 1
""",
    ),
    "aliases and type variables come along": (
        """
        from typing import List, TypeVar
        T = TypeVar("T")
        Rows = List[List[T]]
        def f(x: Rows) -> T: return x[0][0]
        """,
        """\
from __future__ import annotations

from typing import List, TypeVar

T = TypeVar("T")
Rows = List[List[T]]


def f(x: Rows) -> T: return x[0][0]
""",
    ),
    "no annotations, no future import": (
        "def f(x): return x[0] + 1",
        "def f(x): return x[0] + 1\n",
    ),
}


@pytest.mark.parametrize("name", ANNOTATED)
def test_annotations(name: str, extracted: Any) -> None:
    source, program = ANNOTATED[name]
    assert extracted(source)["f"].program == program


def test_a_parameter_shows_the_annotation_that_the_program_shows(extracted: Any) -> None:
    source = "from x import A\ndef f(a: int, b: A = 1): return a + b + 1"
    assert [p.annotation for p in extracted(source)["f"].parameters] == ["int", ""]


FEASIBLE = """
from typing import *
import typing as t
from collections import abc
from decimal import Decimal
T = TypeVar("T")
N = TypeVar("N", bound=Decimal)
UserId = NewType("UserId", int)
Row = Dict[str, "Row"]
class Options(TypedDict):
    a: int
class Thing: pass
def f(x: {}): return [x][0], x == 1
"""


@pytest.mark.parametrize(
    ("annotation", "feasible"),
    [
        ("int", True),
        ("'int'", True),
        ("None", True),
        ("int | Thing", True),
        ("Thing", False),
        ("Optional[Thing]", True),
        ("Union[Thing, Decimal]", False),
        ("t.Union[Decimal, t.List[int]]", True),
        ("Literal['a', 'b']", True),
        ("Annotated[int, Thing]", True),
        ("Tuple[int, ...]", True),
        ("abc.Mapping[str, Any]", True),
        ("List[Thing]", False),
        ("Callable[[int], int]", False),
        ("Iterator[int]", False),
        ("Type[int]", False),
        ("T", True),
        ("N", False),
        ("UserId", True),
        ("Options", True),
        ("unknown.Type", False),
        ("Unknown", False),
        ("'not an expression('", False),
    ],
)
def test_an_annotation_says_whether_a_literal_can_be_passed(
    annotation: str, feasible: bool, extracted: Any
) -> None:
    result = extracted(FEASIBLE.format(annotation))
    assert [f.name for f in result.functions] == (["f"] if feasible else [])


def test_an_optional_parameter_may_be_anything(extracted: Any) -> None:
    source = "def f(x, key=None): return sorted(x) if key is None else [key(i) for i in x]"
    assert extracted(source)["f"]


def test_a_parameter_that_is_converted_may_have_attributes(extracted: Any) -> None:
    source = """
    from fractions import Fraction
    def f(x):
        x = Fraction(x)
        return x.numerator + x.denominator
    """
    assert extracted(source)["f"]
