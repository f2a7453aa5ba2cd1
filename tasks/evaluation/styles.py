"""How the field's harnesses ask for programs, by name: prompt, stop words, and what they run.

| name | as in |
| --- | --- |
| `evalplus` | EvalPlus 0.3.1, models with a chat template: one user turn, the answer begun |
| `evalplus-base` | EvalPlus 0.3.1, base models: plain completion |
| `lm-eval` | lm-evaluation-harness: `humaneval`, `mbpp` with three examples, [BEGIN] and [DONE] |
| `lm-eval-instruct` | its `humaneval_instruct` and `mbpp_instruct` |
| `bigcode` | bigcode-evaluation-harness: `humaneval`, `mbpp` without examples |

Case2Code items are asked as they stand, as a chat, whatever the style. A new style is a function
from a problem to what is asked, one from an answer to what is run, and a line in `STYLES`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from tasks.errors import ConfigError
from tasks.evaluation.extraction import first_block, sanitized, until
from tasks.models.requests import Message, Request
from tasks.records.base import digest_of
from tasks.records.evaluations import AskStyle
from tasks.records.problems import Problem

FEW_SHOT = ("MBPP/2", "MBPP/3", "MBPP/4")
"""The examples of the MBPP paper, arXiv 2108.07732."""
TEST_IDS = range(11, 511)
"""Of MBPP: its test split."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How a problem is put to a model: a chat, or the text that it goes on from."""

    messages: tuple[Message, ...] = ()
    prompt: str = ""
    prefill: str = ""
    """How the answer is begun."""
    stops: tuple[str, ...] = ()
    """Texts that end the answer."""


@dataclass(frozen=True, slots=True)
class Style:
    """A way of asking."""

    ask: Callable[[Problem, Sequence[Problem]], Asked]
    """Takes the problem and MBPP's examples."""
    program: Callable[[Problem, Asked, str], str]
    """Takes the problem, what was asked, and the answer without the prefill; gives what is run."""
    shows_examples: bool = False
    """Of MBPP it shows the three examples of its paper."""
    shows_tests: bool = False
    """Of MBPP it shows tests, one or three, which the file must have as a list."""


def request_for(
    problem: Problem, style: Style, shots: Sequence[Problem], config: AskStyle, sample: int
) -> Request:
    """What is asked for one completion."""
    asked = style.ask(problem, shots)
    return Request(
        key=f"{problem.benchmark} {problem.id} {sample}",
        messages=asked.messages,
        temperature=config.temperature,
        max_tokens=config.max_tokens,
        seed=int(digest_of(problem.id, str(sample), str(config.seed))[:7], 16),
        top_p=config.top_p,
        sample=sample,
        stop=asked.stops,
        prompt=asked.prompt,
        prefill=asked.prefill,
    )


def program_in(problem: Problem, style: Style, shots: Sequence[Problem], text: str) -> str:
    """What is run, of an answer.

    An engine that cannot go on with an answer that was begun writes one of its own: then it is
    the first block that defines the function.
    """
    asked = style.ask(problem, shots)
    own = text.removeprefix(asked.prefill)
    if asked.prefill and own == text and "```" in text:
        return first_block(text, problem.entry)
    return style.program(problem, asked, until(own, asked.stops))


def style_for(problem: Problem, name: str, shots: Sequence[Problem]) -> Style:
    """The style of that name for a problem. Raises ConfigError where it cannot ask for it."""
    if name not in STYLES:
        raise ConfigError(f"no style {name!r}; there are {', '.join(STYLES)}")
    if problem.hidden:
        return CASE2CODE
    style = STYLES[name]
    if is_mbpp(problem) and style.shows_tests and not problem.examples:
        raise ConfigError(f"{problem.benchmark} has no tests to show: take the style evalplus")
    if is_mbpp(problem) and style.shows_examples and len(shots) != len(FEW_SHOT):
        raise ConfigError(f"{name} shows MBPP's tasks 2, 3 and 4, which the file does not hold")
    return style


def shots_of(problems: Sequence[Problem]) -> list[Problem]:
    """MBPP's examples, in order, where they are among the problems of one file."""
    found = {problem.id: problem for problem in problems}
    return [found[name] for name in FEW_SHOT if name in found]


def is_mbpp(problem: Problem) -> bool:
    """Whether the prompt is a sentence, and not the head of a function."""
    return problem.id.lower().startswith("mbpp/")


def asked_of(problems: Sequence[Problem], limit: int | None) -> list[Problem]:
    """What a score is taken over: of MBPP its tasks 11 to 510, of all else everything.

    Args:
        problems: Of some benchmarks, each with its problems together.
        limit: Of each benchmark at most so many.
    """
    return [
        problem
        for _, own in groupby(problems, lambda one: one.benchmark)
        for problem in list(filter(_is_in_test_split, own))[:limit]
    ]


def _is_in_test_split(problem: Problem) -> bool:
    return not problem.id.startswith("MBPP/") or int(problem.id.removeprefix("MBPP/")) in TEST_IDS


_EOS = ("<|endoftext|>", "<|endofmask|>", "</s>", "\nif __name__", "\ndef main(", "\nprint(")
_EVALPLUS_TASK = """\
Please provide a self-contained Python script that solves the following problem in a markdown \
code block:
```
{prompt}
```
"""
_EVALPLUS_BEGUN = """\
Below is a Python script with a self-contained function that solves the problem and passes \
corresponding tests:
```python
"""


def evalplus_prompt(problem: Problem) -> str:
    """What EvalPlus gives a model. Its MBPP prompts are docstrings with one test."""
    if is_mbpp(problem) and problem.examples:
        return _docstring(problem).strip()
    return problem.prompt.strip()


def _docstring(problem: Problem) -> str:
    return f'"""\n{problem.prompt}\n{problem.examples[0]}\n"""\n'


def _evalplus(problem: Problem, _: Sequence[Problem]) -> Asked:
    task = _EVALPLUS_TASK.format(prompt=evalplus_prompt(problem))
    return Asked((Message("user", task),), prefill=_EVALPLUS_BEGUN, stops=(*_EOS, "\n```\n"))


def _sanitized(problem: Problem, asked: Asked, text: str) -> str:
    """Prompt and answer together; a chat has no prompt."""
    return sanitized(asked.prompt + text.replace("\t", "    "), problem.entry)


_BASE_STOPS = ("\ndef ", "\nclass ", "\nimport ", "\nfrom ", "\nassert ")
_BASE_MBPP_STOPS = ('\n"""', "\nassert")


def _evalplus_base(problem: Problem, _: Sequence[Problem]) -> Asked:
    mbpp, others = (
        ('\n"""', "\nassert"),
        ("\ndef ", "\nclass ", "\nimport ", "\nfrom ", "\nassert "),
    )
    stops = (*_EOS, *(mbpp if is_mbpp(problem) else others))
    return Asked(prompt=evalplus_prompt(problem) + "\n", stops=stops)


_LM_EVAL_STOPS = ("\nclass", "\ndef", "\n#", "\nif", "\nprint")
_LM_EVAL_MBPP = """\
You are an expert Python programmer, and here is your task: {prompt} Your code should pass these \
tests:

{tests}
[BEGIN]
"""
_LM_EVAL_INSTRUCT = """\
Write a solution to the following problem and make sure that it passes the tests:
```python
{prompt}
```
"""
_LM_EVAL_INSTRUCT_MBPP = """\
You are an expert Python programmer, and here is your task:
{prompt}
Your code should pass these tests:
{tests}"""


def _worded(template: str, problem: Problem) -> str:
    return template.format(prompt=problem.prompt, tests="\n".join(problem.examples[:3]))


def _lm_eval(problem: Problem, shots: Sequence[Problem]) -> Asked:
    if not is_mbpp(problem):
        return Asked(prompt=problem.prompt, stops=_LM_EVAL_STOPS)
    examples = [f"{_worded(_LM_EVAL_MBPP, shot)}{shot.solution}\n[DONE]\n\n" for shot in shots]
    return Asked(
        prompt="".join(examples) + _worded(_LM_EVAL_MBPP, problem),
        stops=("[DONE]",),
    )


def _goes_on(problem: Problem, asked: Asked, text: str) -> str:
    """Of HumanEval the answer goes on from the prompt; of MBPP it is whole."""
    del asked
    return text if is_mbpp(problem) else problem.prompt + text


def _lm_eval_instruct(problem: Problem, shots: Sequence[Problem]) -> Asked:
    if not is_mbpp(problem):
        return Asked(
            (Message("user", _worded(_LM_EVAL_INSTRUCT, problem)),),
            prefill=f"Here is the completed function:\n```python\n{problem.prompt}\n",
            stops=(*_LM_EVAL_STOPS, "```"),
        )
    turns = [
        turn
        for shot in shots
        for turn in (
            Message("user", _worded(_LM_EVAL_INSTRUCT_MBPP, shot)),
            Message("assistant", f"\n```python\n{shot.solution}\n```"),
        )
    ]
    asked = Message("user", _worded(_LM_EVAL_INSTRUCT_MBPP, problem))
    return Asked((*turns, asked), prefill="\n```python\n", stops=("```",))


_BIGCODE_STOPS = ("\nclass", "\ndef", "\n#", "\n@", "\nprint", "\nif", "\n```", "<file_sep>")
_BIGCODE_MBPP_STOPS = ("\nclass", "\nassert", '\n"""', "\nprint", "\nif", "\n<|/", "\n```")


def _bigcode(problem: Problem, _: Sequence[Problem]) -> Asked:
    if is_mbpp(problem):
        return Asked(prompt=_docstring(problem), stops=_BIGCODE_MBPP_STOPS)
    return Asked(prompt=problem.prompt.strip(), stops=_BIGCODE_STOPS)


def _with_prompt(_: Problem, asked: Asked, text: str) -> str:
    return asked.prompt + text


def _case2code(problem: Problem, _: Sequence[Problem]) -> Asked:
    return Asked((Message("user", problem.prompt),))


def _first_block(problem: Problem, _: Asked, text: str) -> str:
    return first_block(text, problem.entry)


CASE2CODE = Style(_case2code, _first_block)
STYLES = {
    "evalplus": Style(_evalplus, _sanitized),
    "evalplus-base": Style(_evalplus_base, _sanitized),
    "lm-eval": Style(_lm_eval, _goes_on, shows_examples=True, shows_tests=True),
    "lm-eval-instruct": Style(_lm_eval_instruct, _goes_on, shows_examples=True, shows_tests=True),
    "bigcode": Style(_bigcode, _with_prompt, shows_tests=True),
}
