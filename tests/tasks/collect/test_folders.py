"""What a folder lists, and what it leaves out."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tasks.collect.folders import FolderCorpus


def write(root: Path, *paths: str, text: str = "x = 1\n") -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def paths_of(root: Path) -> list[str]:
    return [listing.path for listing in FolderCorpus("c", root).list()]


def test_python_files_are_listed_in_the_order_of_their_paths(tmp_path: Path) -> None:
    write(tmp_path, "b.py", "a/z.py", "a-b.py", "a/c/d.py", "notes.txt")
    assert paths_of(tmp_path) == ["a-b.py", "a/c/d.py", "a/z.py", "b.py"]


def test_a_listing_has_name_digest_and_size(tmp_path: Path) -> None:
    write(tmp_path, "pkg/a.py", text="x = 'ä'\n")
    data = "x = 'ä'\n".encode()
    [listing] = FolderCorpus("mine", tmp_path).list()
    assert listing.name == "mine/pkg/a.py"
    assert listing.digest == hashlib.sha256(data).hexdigest()
    assert listing.size == len(data)
    assert FolderCorpus("mine", tmp_path).read(listing) == data


def test_hidden_folders_environments_and_caches_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, "a.py", ".git/b.py", "__pycache__/c.py", "x/node_modules/d.py", "env/lib/e.py")
    (tmp_path / "env" / "pyvenv.cfg").touch()
    assert paths_of(tmp_path) == ["a.py"]


def test_a_folder_that_is_itself_an_environment_is_listed(tmp_path: Path) -> None:
    write(tmp_path, "a.py")
    (tmp_path / "pyvenv.cfg").touch()
    assert paths_of(tmp_path) == ["a.py"]


def test_a_link_that_goes_in_circles_is_not_followed(tmp_path: Path) -> None:
    write(tmp_path, "a/b.py")
    (tmp_path / "a" / "again").symlink_to(tmp_path, target_is_directory=True)
    assert paths_of(tmp_path) == ["a/b.py"]


def test_a_dangling_link_is_listed_without_digest(tmp_path: Path) -> None:
    (tmp_path / "gone.py").symlink_to(tmp_path / "nowhere")
    [listing] = FolderCorpus("c", tmp_path).list()
    assert (listing.path, listing.digest) == ("gone.py", "")


def test_a_pipe_named_py_is_listed_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    [listing] = FolderCorpus("c", tmp_path).list()
    assert listing.digest == ""
    with pytest.raises(OSError, match="not a regular file"):
        FolderCorpus("c", tmp_path).read(listing)


def test_a_name_that_is_not_utf8_is_listed_without_digest(tmp_path: Path) -> None:
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.py"))).touch()
    [listing] = FolderCorpus("c", tmp_path).list()
    assert (listing.path, listing.digest) == ("\\udcff.py", "")


def test_a_folder_without_permission_is_one_unreadable_source(
    open_folder: Path, as_nobody: Callable[[], None]
) -> None:
    write(open_folder, "a.py", "locked/b.py")
    (open_folder / "locked").chmod(0)
    as_nobody()
    listings = {listing.path: listing for listing in FolderCorpus("c", open_folder).list()}
    assert sorted(listings) == ["a.py", "locked/"]
    assert listings["locked/"].digest == ""
    with pytest.raises(PermissionError):
        FolderCorpus("c", open_folder).read(listings["locked/"])
