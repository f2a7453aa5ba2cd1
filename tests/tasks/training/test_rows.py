from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tasks.errors import ConfigError
from tasks.training.rows import Answer, Chat, Text, Turn, read_rows


def write(path: Path, rows: list[dict[str, object]]) -> Path:
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path


def test_one_file_may_hold_answers_chats_and_texts(tmp_path: Path) -> None:
    mixed = write(
        tmp_path / "mixed.parquet",
        [
            {"prompt": "p", "completion": "c", "messages": None, "text": None},
            {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]},
            {"text": "plain"},
            {"text": "  "},
        ],
    )
    assert list(read_rows([mixed], "direct")) == [
        Answer("p", "c"),
        Chat((Turn("user", "q"), Turn("assistant", "a"))),
        Text("plain"),
        None,
    ]


def test_each_way_sees_an_answer_as_it_trains_on_it(tmp_path: Path) -> None:
    file = write(tmp_path / "one.parquet", [{"prompt": "p\n", "completion": "c"}])
    assert list(read_rows([file], "pretraining")) == [Text("p\n\nc")]
    assert list(read_rows([file], "instruction")) == [
        Chat((Turn("user", "p\n"), Turn("assistant", "c")))
    ]


def test_turns_in_the_columns_of_trl_are_a_chat(tmp_path: Path) -> None:
    file = write(
        tmp_path / "trl.parquet",
        [
            {
                "prompt": [{"role": "user", "content": "q"}],
                "completion": [{"role": "assistant", "content": "a"}],
            }
        ],
    )
    assert list(read_rows([file], "direct")) == [Chat((Turn("user", "q"), Turn("assistant", "a")))]


def test_a_file_of_other_columns_is_refused_by_name(tmp_path: Path) -> None:
    file = write(tmp_path / "other.parquet", [{"question": "q"}])
    with pytest.raises(ConfigError, match=r"other\.parquet has the columns question"):
        list(read_rows([file], "direct"))


def test_what_is_no_parquet_file_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "bad.parquet").write_text("no")
    with pytest.raises(ConfigError, match=r"bad\.parquet is no Parquet file"):
        list(read_rows([tmp_path / "bad.parquet"], "direct"))
