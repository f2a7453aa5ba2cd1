"""How good the inputs of each writer are, on the same functions.

    make bench NAME=writers ARGS="--limit 200 --seed 0"

Writers: `paper`, the inputs that the paper's model wrote and the authors published; `search`, no
model; `stack`, those of the paper as an answer, and the search on top; `stdlib`, the search on
functions kept from the standard library. The first three need `../shared/data`.

For each: the share of functions with at least 3 and 8 valid inputs among the 10 chosen, with at
least 3 distinct outputs, and `varied` (those, and predicates that gave both answers); the mean
share of branch exits taken, of the functions that have branches and a valid input, and of all that
have branches (`coverage_of_all`: nothing ran is nothing taken); CPU seconds a function, jails
included. The last line is JSON.
"""

import argparse
import ast
import json
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sandbox_cost import measured

from sandbox import Outcome, Sandbox, Status
from tasks.collect.corpora import open_corpora
from tasks.collect.reading import collect
from tasks.extract.extract import extract
from tasks.inputs.answers import parse_answer
from tasks.inputs.writing import LIMITS, write_inputs
from tasks.programs.branches import branches_of, exits_taken
from tasks.programs.calls import encode_arguments, program_of
from tasks.records.cases import Answer, Input, WrittenFunction
from tasks.records.configs import CollectConfig, ExtractConfig, InputsConfig
from tasks.records.functions import Function, Parameter, ParameterKind
from tasks.records.sources import SourceFile

ITEMS = Path(__file__).parents[3] / "shared" / "data" / "case2code_test_200.jsonl"
CHOSEN = 10


@dataclass(frozen=True)
class Row:
    """What one writer reached."""

    valid_3: float
    valid_8: float
    distinct_3: float
    varied: float
    branch_coverage: float
    coverage_of_all: float
    cpu_s_per_function: float
    functions: int


def published(path: Path) -> tuple[list[Function], dict[str, Answer]]:
    """The paper's functions, and the inputs that came with each as a model's answer."""
    functions: dict[str, Function] = {}
    answers: dict[str, Answer] = {}
    for line in path.read_text().splitlines():
        item = json.loads(line)
        function = read_function(item["id"], item["code"], item["func_name"])
        functions[function.id] = function
        text = "\n".join(json.loads(row) for row in item["example_inputs"])
        answers[function.id] = Answer(function=function.id, model="paper", sample=0, text=text)
    return list(functions.values()), answers


def read_function(key: str, code: str, name: str) -> Function:
    """A function from source without any module around it."""
    node = next(
        node
        for node in ast.parse(code).body
        if isinstance(node, ast.FunctionDef) and node.name == name
    )
    return Function(
        id=key,
        name=name,
        program=code,
        code=code,
        parameters=tuple(_parameters(node.args)),
        docstring=ast.get_docstring(node) or "",
        identity=key,
        operations=0,
        branches=0,
        source=key,
        path=key,
        corpus="paper",
        first_line=1,
        last_line=code.count("\n") + 1,
    )


def _parameters(args: ast.arguments) -> Iterator[Parameter]:
    plain = [*args.posonlyargs, *args.args]
    missing = [None] * (len(plain) - len(args.defaults))
    for arg, default in zip(plain, [*missing, *args.defaults], strict=True):
        yield _parameter(arg, default, ParameterKind.POSITIONAL_OR_KEYWORD)
    for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        yield _parameter(arg, default, ParameterKind.KEYWORD_ONLY)


def _parameter(arg: ast.arg, default: ast.expr | None, kind: ParameterKind) -> Parameter:
    return Parameter(
        name=arg.arg,
        kind=kind,
        annotation=ast.unparse(arg.annotation) if arg.annotation else "",
        default=ast.unparse(default) if default else None,
    )


def written_by_paper(
    functions: Sequence[Function], answers: Mapping[str, Answer]
) -> list[WrittenFunction]:
    """The published inputs as they are."""
    return [
        WrittenFunction(
            function=function,
            inputs=tuple(
                Input(arguments=encode_arguments(function.parameters, values), writer="paper")
                for values in parse_answer(answers[function.id].text, function.parameters)[:CHOSEN]
            ),
            tried=CHOSEN,
        )
        for function in functions
    ]


def searched(
    functions: Sequence[Function], answers: Mapping[str, Answer], seed: int
) -> tuple[list[WrittenFunction], float]:
    """What the search writes, and the CPU seconds that it took, jails and all."""
    with Sandbox(limits=LIMITS) as sandbox, measured() as cost:
        results = write_inputs(
            functions,
            {key: [answer] for key, answer in answers.items()},
            lambda programs: sandbox.run(programs, arcs=True),
            InputsConfig(chosen=CHOSEN),
            seed,
        )
        # Closed only after the measure: what a jail used is read while it lives.
        kept = [result for result in results if isinstance(result, WrittenFunction)]
    return kept, cost.cpu


def measure(
    written: Sequence[WrittenFunction], functions: Sequence[Function], seconds: float
) -> Row:
    """Run what was chosen once more, and count."""
    total = len(functions)
    branched = sum(bool(branches_of(ast.parse(function.program))) for function in functions)
    programs = [program_of(w.function, [i.arguments for i in w.inputs]) for w in written]
    with Sandbox() as sandbox:
        outcomes = list(sandbox.run(programs, arcs=True))
    valid = [[each for each in calls if each.status is Status.OK] for calls in outcomes]
    shares = [
        share(item.function.program, calls)
        for item, calls in zip(written, valid, strict=True)
        if calls and branches_of(ast.parse(item.function.program))
    ]
    return Row(
        valid_3=sum(len(calls) >= 3 for calls in valid) / total,
        valid_8=sum(len(calls) >= 8 for calls in valid) / total,
        distinct_3=sum(len({each.value for each in calls}) >= 3 for calls in valid) / total,
        varied=sum(map(is_varied, valid)) / total,
        branch_coverage=sum(shares) / max(len(shares), 1),
        coverage_of_all=sum(shares) / max(branched, 1),
        cpu_s_per_function=seconds / total,
        functions=total,
    )


def is_varied(calls: Sequence[Outcome]) -> bool:
    """At least three distinct outputs, or both truth values and nothing else."""
    outputs = {call.value for call in calls}
    return len(outputs) >= 3 or outputs == {"True", "False"}


def share(program: str, calls: Sequence[Outcome]) -> float:
    """Share of branch exits that the calls took together."""
    arcs = {arc for call in calls for arc in call.arcs or ()}
    found = branches_of(ast.parse(program))
    return exits_taken(found, arcs) / (2 * len(found))


def standard_library(limit: int, seed: int) -> list[Function]:
    """Functions kept from the standard library, drawn by the seed."""
    corpora = open_corpora(("stdlib",))
    read = collect(corpora.list(), corpora, CollectConfig())
    files = [each for each in read if isinstance(each, SourceFile)]
    kept = [each for each in extract(files, ExtractConfig()) if isinstance(each, Function)]
    kept.sort(key=lambda function: function.id)
    return random.Random(seed).sample(kept, min(limit, len(kept)))


def main() -> None:
    """Measure, print a table and the JSON line."""
    options = argparse.ArgumentParser()
    options.add_argument("--limit", type=int, default=200)
    options.add_argument("--seed", type=int, default=0)
    args = options.parse_args()
    rows: dict[str, Row] = {}
    if ITEMS.exists():
        functions, answers = published(ITEMS)
        functions = functions[: args.limit]
        rows["paper"] = measure(written_by_paper(functions, answers), functions, 0.0)
        for name, given in (("search", {}), ("stack", answers)):
            written, seconds = searched(functions, given, args.seed)
            rows[name] = measure(written, functions, seconds)
    else:
        print(f"no {ITEMS}: the published functions are left out", file=sys.stderr)
    library = standard_library(args.limit, args.seed)
    written, seconds = searched(library, {}, args.seed)
    rows["stdlib"] = measure(written, library, seconds)
    print_table(rows)


def print_table(rows: Mapping[str, Row]) -> None:
    """A line for each writer, then all of it as JSON."""
    names = list(asdict(next(iter(rows.values()))))
    print("  ".join(["writer".ljust(8), *names]))
    for writer, row in rows.items():
        cells = [f"{value:.3f}".rjust(len(name)) for name, value in asdict(row).items()]
        print("  ".join([writer.ljust(8), *cells]))
    print(json.dumps({writer: asdict(row) for writer, row in rows.items()}))


if __name__ == "__main__":
    main()
