"""Every way a call can end has its name, and a call's end is its own."""

from collections.abc import Iterator

import pytest

from sandbox import Call, Limits, Outcome, Program, Sandbox, Status

QUICK = Limits(cpu_seconds=0.2, wall_factor=2.0)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(limits=QUICK) as started:
        yield started


def one(sandbox: Sandbox, source: str, *args: object, entry: str = "f") -> Outcome:
    [[outcome]] = sandbox.run([Program(source, entry, (Call(args),))])
    return outcome


@pytest.mark.parametrize(
    ("source", "status", "error"),
    [
        ("def f(): return 1", Status.OK, ""),
        ("def f(): return {}['a']", Status.RAISED, "KeyError"),
        ("class Odd(BaseException): pass\ndef f(): raise Odd", Status.RAISED, "Odd"),
        ("def f():\n while True: pass", Status.TIMEOUT, "cpu"),
        ("import time\ndef f(): time.sleep(99)", Status.TIMEOUT, "stalled"),
        ("def f(): return bytearray(1 << 40)", Status.MEMORY, "MemoryError"),
        ("def f(): return 'x' * 70_000", Status.OUTPUT_TOO_LARGE, ""),
        ("def f(): return f", Status.OPAQUE, "function"),
        ("import re\ndef f(): return re.compile('')", Status.OPAQUE, "re.Pattern"),
        ("import sys\ndef f(): sys.exit(0)", Status.EXITED, "SystemExit"),
        ("def f(): raise KeyboardInterrupt", Status.EXITED, "KeyboardInterrupt"),
        ("import os\ndef f(): os._exit(3)", Status.EXITED, "exit code 3"),
        ("import os\ndef f(): os.abort()", Status.CRASHED, "SIGABRT"),
        ("import ctypes\ndef f(): ctypes.string_at(0)", Status.CRASHED, "SIGSEGV"),
        ("def f(:", Status.BAD_PROGRAM, "SyntaxError"),
        ("1 / 0\ndef f(): return 1", Status.BAD_PROGRAM, "ZeroDivisionError"),
        ("def g(): return 1", Status.BAD_PROGRAM, "NameError"),
        ("f = 1", Status.BAD_PROGRAM, "TypeError"),
        ("import os\ndef f(): os.write(3, b'7\\n')", Status.TAMPERED, "no result where it must be"),
        ("#" * 70_000, Status.REFUSED, "source of more than 65536 bytes"),
        ("while True: pass\ndef f(): return 1", Status.TIMEOUT, "cpu"),
        ("raise SystemExit\ndef f(): return 1", Status.EXITED, "SystemExit"),
        ("def f(): return " + "(" * 100 + ")" * 100, Status.OK, ""),
        ("def f(): return " + "(" * 300 + ")" * 300, Status.BAD_PROGRAM, "SyntaxError"),
    ],
)
def test_a_call_ends_with_its_name(
    sandbox: Sandbox, source: str, status: Status, error: str
) -> None:
    outcome = one(sandbox, source)
    assert (outcome.status, outcome.error) == (status, error)


def test_arguments_that_are_no_values_are_bad_input(sandbox: Sandbox) -> None:
    program = Program("def f(x): return x", "f", (Call((object(),)), Call((1,))))
    [outcomes] = sandbox.run([program])
    assert [outcome.status for outcome in outcomes] == [Status.BAD_INPUT, Status.OK]


def test_a_message_is_kept_unless_the_program_would_write_it(sandbox: Sandbox) -> None:
    assert one(sandbox, "def f(): raise ValueError('a\\tb\\n\\ud800é')").message == "a\tb\n\ud800é"
    lying = "class E(Exception):\n def __str__(self): return 'lie'\ndef f(): raise E"
    assert one(sandbox, lying).message == ""


def test_a_value_comes_out_as_its_canonical_literal(sandbox: Sandbox) -> None:
    source = "def f(): return [float('nan'), -0.0, {2, 1}, b'\\0', 'é\\ud800', (1,), 1e999, 2j]"
    value = "[float('nan'), -0.0, {1, 2}, b'\\x00', 'é\\ud800', (1,), float('inf'), 2j]"
    assert one(sandbox, source).value == value


def test_a_call_that_changes_its_arguments_says_so(sandbox: Sandbox) -> None:
    assert one(sandbox, "def f(x): x.append(1)", []).mutated
    assert one(sandbox, "def f(x): x[0] = 1", [True]).mutated
    assert not one(sandbox, "def f(x): return x + [1]", []).mutated
    assert not one(sandbox, "import sys\ndef f(x): return sys.intern(x)", "a b").mutated


def test_each_call_gets_arguments_of_its_own(sandbox: Sandbox) -> None:
    shared: list[int] = []
    calls = (Call((shared,)), Call((shared,)))
    [outcomes] = sandbox.run([Program("def f(x):\n x.append(1)\n return x", "f", calls)])
    assert [outcome.value for outcome in outcomes] == ["[1]", "[1]"]
    assert shared == []


def test_the_call_that_dies_is_charged_and_the_others_go_on(sandbox: Sandbox) -> None:
    source = "import os\ndef f(x):\n if x in (1, 3): os._exit(x)\n return x"
    [outcomes] = sandbox.run([Program(source, "f", tuple(Call((x,)) for x in range(5)))])
    assert [str(outcome.status) for outcome in outcomes] == ["ok", "exited", "ok", "exited", "ok"]
    assert [outcome.value for outcome in outcomes] == ["0", None, "2", None, "4"]


def test_after_four_deaths_the_rest_is_skipped(sandbox: Sandbox) -> None:
    program = Program("import os\ndef f(x): os._exit(x)", "f", tuple(Call((x,)) for x in range(6)))
    [outcomes] = sandbox.run([program])
    assert [outcome.status for outcome in outcomes] == [Status.EXITED] * 4 + [Status.SKIPPED] * 2


def test_an_entry_may_be_a_method(sandbox: Sandbox) -> None:
    source = "class A:\n @staticmethod\n def f(x): return x"
    assert one(sandbox, source, 1, entry="A.f").value == "1"


def test_print_and_input_are_harmless(sandbox: Sandbox) -> None:
    assert one(sandbox, "def f():\n print('x' * 10**6)\n return 1").value == "1"
    assert one(sandbox, "def f(): return input()").error == "EOFError"


def test_a_program_without_calls_has_no_outcomes(sandbox: Sandbox) -> None:
    assert list(sandbox.run([Program("", "f", ())])) == [()]


@pytest.mark.parametrize("arcs", [False, True])
def test_a_batch_says_the_same_as_programs_alone(sandbox: Sandbox, arcs: bool) -> None:
    sources = [
        f"def f(x):\n if x > {n}:\n  return [x, {n}]\n return str(x) * {n}" for n in range(80)
    ]
    sources[40] = "def f(x):\n while True: pass"
    sources[60] = "def f(x): raise MemoryError"
    programs = [Program(source, "f", (Call((9,)), Call((70,)))) for source in sources]
    together = list(sandbox.run(programs, arcs=arcs))
    alone = [next(iter(sandbox.run([program], arcs=arcs))) for program in programs]
    assert together == alone
