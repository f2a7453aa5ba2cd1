"""The forms that trainers take: what they hold is true, and their readers take them as they are."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tasks.errors import ConfigError
from tasks.prompts.forms import Form, row_of, write_form
from tasks.prompts.rendering import Phraser, render
from tasks.prompts.tokens import token_count, tokenizer_digest
from tasks.prompts.weighing import unweighed
from tasks.records.cases import ExecutedFunction
from tasks.records.configs import PromptConfig
from tasks.records.samples import Sample, Task

# The readers of Hugging Face import torch where it is installed.
pytestmark = pytest.mark.xdist_group("torch")

Run = Callable[[str], dict[str, Any]]


@pytest.fixture
def samples(executed: ExecutedFunction) -> list[Sample]:
    config = PromptConfig(tasks=tuple(Task), samples_per_function=2, min_shown=2)
    found = [one for one in render(unweighed(executed), config, 0) if isinstance(one, Sample)]
    assert {one.task for one in found} == set(Task)
    return found


def test_every_check_of_the_form_for_rewards_holds_for_the_answer(
    samples: list[Sample], run: Run
) -> None:
    for sample in samples:
        info = row_of(sample, Form.RL)["verification_info"]
        program = info["program"] or sample.completion
        assert info["test_cases"]
        for case in info["test_cases"]:
            check = case["check"].replace("ANSWER", sample.completion)
            exec(check, run(program))  # noqa: S102  written by the tests


def test_a_check_fails_for_a_wrong_answer(plain: ExecutedFunction, run: Run) -> None:
    [sample] = [
        one for one in render(unweighed(plain), PromptConfig(), 0) if isinstance(one, Sample)
    ]
    [case] = row_of(sample, Form.RL)["verification_info"]["test_cases"]
    wrong = f"def {sample.name}(*_, **__):\n    return 'no'\n"
    with pytest.raises(AssertionError):
        exec(case["check"], run(wrong))  # noqa: S102  written by the tests


@pytest.mark.parametrize("form", list(Form))
@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_load_dataset_takes_every_form(
    plain: ExecutedFunction,
    form: Form,
    suffix: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets")
    config = PromptConfig(tasks=tuple(Task), samples_per_function=3)
    samples = [one for one in render(unweighed(plain), config, 0) if isinstance(one, Sample)]
    to = tmp_path / "new" / f"rows{suffix}"

    assert write_form(iter(samples), form, to) == len(samples) == 9

    kind = {".jsonl": "json", ".parquet": "parquet"}[suffix]
    cache = str(tmp_path / "cache")
    loaded = datasets.load_dataset(kind, data_files=str(to), split="train", cache_dir=cache)
    assert [dict(row) for row in loaded] == [row_of(one, form) for one in samples]
    assert [path.name for path in to.parent.iterdir()] == [to.name]


def test_a_text_ends_with_the_answer(samples: list[Sample]) -> None:
    for sample in samples:
        text = row_of(sample, Form.TEXT)["text"]
        assert text.startswith(sample.prompt)
        assert text.rstrip("\n").endswith(sample.completion.rstrip("\n"))


def test_lines_are_json_whatever_the_values(samples: list[Sample], tmp_path: Path) -> None:
    to = tmp_path / "rows.jsonl"
    write_form(samples, Form.MESSAGES, to)
    rows = [json.loads(line) for line in to.read_text(encoding="utf-8").split("\n")[:-1]]
    assert [row["messages"][1]["content"] for row in rows] == [one.completion for one in samples]


def test_another_ending_and_nothing_to_write_are_errors(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"\.jsonl or \.parquet"):
        write_form([], Form.TEXT, tmp_path / "rows.csv")
    with pytest.raises(ConfigError, match="no sample"):
        write_form([], Form.TEXT, tmp_path / "rows.parquet")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("form", [Form.PROMPT_COMPLETION, Form.MESSAGES, Form.TEXT])
def test_trl_trains_on_what_is_written(
    plain: ExecutedFunction,
    form: Form,
    tiny_model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets")
    trl = pytest.importorskip("trl")
    config = PromptConfig(samples_per_function=4)
    samples = [one for one in render(unweighed(plain), config, 0) if isinstance(one, Sample)]
    to = tmp_path / "rows.jsonl"
    write_form(samples, form, to)
    rows = datasets.load_dataset(
        "json", data_files=str(to), split="train", cache_dir=str(tmp_path / "cache")
    )
    arguments = trl.SFTConfig(
        output_dir=str(tmp_path / "out"),
        max_steps=1,
        per_device_train_batch_size=2,
        max_length=512,
        report_to=[],
        save_strategy="no",
        use_cpu=True,
        bf16=False,
    )
    trainer = trl.SFTTrainer(model=str(tiny_model), args=arguments, train_dataset=rows)
    assert trainer.train().training_loss > 0


def test_prompts_are_counted_by_the_tokenizer_of_a_folder(
    plain: ExecutedFunction, tiny_model: Path
) -> None:
    transformers = pytest.importorskip("transformers")
    count = token_count(str(tiny_model))
    config = PromptConfig(tokenizer=str(tiny_model), max_prompt_tokens=400)
    phraser = Phraser(config, 0, count=count)
    [wanted] = phraser.wanted(unweighed(plain))
    [sample] = phraser.phrase(wanted)
    assert isinstance(sample, Sample)
    tokenizer = transformers.AutoTokenizer.from_pretrained(tiny_model)
    assert sample.prompt_tokens == len(tokenizer(sample.prompt)["input_ids"])
    assert tokenizer_digest(str(tiny_model)).startswith("tiny@")
    assert str(tiny_model.parent) not in tokenizer_digest(str(tiny_model))


def test_a_tokenizer_that_there_is_not_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"prompts\.tokenizer: cannot load .*empty"):
        token_count(str(tmp_path / "empty"))
