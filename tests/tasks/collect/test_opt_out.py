"""What is left out because its owner asked for it."""

from pathlib import Path

import pytest

from tasks.collect.opt_out import read_opt_out
from tasks.errors import ConfigError
from tasks.records.drops import DropReason
from tasks.records.sources import Listing


def listing(path: str, repository: str = "") -> Listing:
    return Listing(
        name=f"stack/{path}",
        path=path,
        corpus="stack",
        digest="d",
        size=1,
        revision="1",
        repository=repository,
    )


def out(tmp_path: Path, text: str, *listings: Listing) -> list[bool]:
    (tmp_path / "list.txt").write_text(text)
    listed = read_opt_out(str(tmp_path / "list.txt"))
    return [listed.applied(one).unfit is DropReason.OPTED_OUT for one in listings]


@pytest.mark.parametrize(
    "entry",
    [
        "owner/name",
        "Owner/Name",
        "https://github.com/owner/name",
        "https://github.com/owner/name.git",
        "owner/name/  # asked on Monday",
        "stack/owner/name",
        "stack",
        "stack/owner/name/a.py",
    ],
)
def test_a_repository_folder_or_corpus_is_left_out_however_it_is_written(
    tmp_path: Path, entry: str
) -> None:
    text = f"# a list\n\n{entry}\n"
    assert out(tmp_path, text, listing("owner/name/a.py", "owner/name")) == [True]


def test_nothing_else_is_left_out(tmp_path: Path) -> None:
    text = "owner/name\n"
    others = listing("owner/names/a.py", "owner/names"), listing("x/a.py"), listing("owner.py")
    assert out(tmp_path, text, *others) == [False, False, False]


def test_the_digest_is_of_the_entries_and_not_of_the_file(tmp_path: Path) -> None:
    for name, text in (("a", "x/y\nv/w\n"), ("b", "# sorted\nv/w\nX/Y # again\n")):
        (tmp_path / name).write_text(text)
    digests = {read_opt_out(str(tmp_path / name)).digest for name in "ab"}
    assert len(digests) == 1
    assert read_opt_out("").digest == ""


def test_a_list_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="opt-out"):
        read_opt_out(str(tmp_path / "nowhere"))
