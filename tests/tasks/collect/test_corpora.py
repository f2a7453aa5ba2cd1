"""Finding corpora by what the user names."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tasks.collect.corpora import open_corpora
from tasks.errors import ConfigError, CorpusError


def folder(path: Path, *names: str) -> Path:
    path.mkdir(parents=True)
    for name in names:
        (path / name).write_text("x = 1\n")
    return path


def names(*specs: str) -> list[str]:
    return [listing.name for listing in open_corpora(specs).list()]


def test_a_folder_is_called_by_its_base_name(tmp_path: Path) -> None:
    assert names(str(folder(tmp_path / "mine", "a.py"))) == ["mine/a.py"]


def test_a_jsonl_file_is_called_by_its_stem(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"content": "x = 1", "id": "r1"}\n')
    assert names(str(tmp_path / "rows.jsonl")) == ["rows/r1"]


def test_a_name_can_be_given(tmp_path: Path) -> None:
    assert names(f"other={folder(tmp_path / 'mine', 'a.py')}") == ["other/a.py"]


def test_a_folder_with_an_equals_sign_in_its_path_can_be_named(tmp_path: Path) -> None:
    assert names(str(folder(tmp_path / "a=b", "a.py"))) == ["a=b/a.py"]


def test_the_standard_library_can_be_given_another_name() -> None:
    first = next(open_corpora(["py=stdlib"]).list())
    assert first.name.startswith("py/")


def test_several_corpora_are_listed_one_after_the_other(tmp_path: Path) -> None:
    one, two = folder(tmp_path / "one", "b.py", "a.py"), folder(tmp_path / "two", "a.py")
    assert names(str(two), str(one)) == ["two/a.py", "one/a.py", "one/b.py"]


def test_two_corpora_of_one_name_are_an_error_that_says_how_to_name_one(tmp_path: Path) -> None:
    one, two = folder(tmp_path / "x" / "src", "a.py"), folder(tmp_path / "y" / "src", "a.py")
    with pytest.raises(ConfigError, match="NAME="):
        open_corpora([str(one), str(two)])
    assert names(str(one), f"y={two}") == ["src/a.py", "y/a.py"]


def test_no_corpus_at_all_is_an_error() -> None:
    with pytest.raises(ConfigError, match="stdlib"):
        open_corpora([])


def test_a_folder_without_a_name_asks_for_one() -> None:
    with pytest.raises(ConfigError, match="NAME=/"):
        open_corpora(["/"])


@pytest.mark.parametrize("name", ["gone", "gone.jsonl"])
def test_a_place_that_does_not_exist_is_an_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(CorpusError, match="gone"):
        open_corpora([str(tmp_path / name)])


def test_a_file_that_is_no_corpus_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    with pytest.raises(CorpusError, match="nothing to read code from"):
        open_corpora([str(tmp_path / "a.txt")])


@pytest.mark.parametrize("content", [None, "notes.txt"])
def test_a_corpus_without_code_is_an_error(tmp_path: Path, content: str | None) -> None:
    root = folder(tmp_path / "empty", *([content] if content else []))
    with pytest.raises(CorpusError, match="no Python code"):
        names(str(root))


def test_an_empty_jsonl_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text("\n")
    with pytest.raises(CorpusError, match="no Python code"):
        names(str(tmp_path / "rows.jsonl"))


def test_a_folder_without_permission_is_an_error(
    open_folder: Path, as_nobody: Callable[[], None]
) -> None:
    folder(open_folder / "locked", "a.py").chmod(0)
    as_nobody()
    with pytest.raises(CorpusError, match="Permission denied"):
        open_corpora([str(open_folder / "locked")])


def test_a_source_of_a_corpus_that_is_not_open_is_an_error(tmp_path: Path) -> None:
    corpora = open_corpora([str(folder(tmp_path / "one", "a.py"))])
    [listing] = corpora.list()
    with pytest.raises(CorpusError, match="same corpora"):
        corpora.of(listing.model_copy(update={"corpus": "two"}))
