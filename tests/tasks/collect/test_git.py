"""Real repositories, made on the spot."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tasks.collect.corpora import open_corpora
from tasks.collect.reading import collect
from tasks.errors import CorpusError
from tasks.records.configs import CollectConfig
from tasks.records.drops import Drop, DropReason
from tests.tasks.collect.helpers import MIT, collected, listed, texts

Git = Callable[..., str]

ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@b",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@b",
    "GIT_AUTHOR_DATE": "2020-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2020-01-01T00:00:00Z",
}


def run_git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments],  # noqa: S607 - the git of the machine
        env=os.environ | ENVIRONMENT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def commit(root: Path, files: dict[str, str]) -> str:
    write(root, files)
    run_git(root, "add", "--all")
    run_git(root, "commit", "--quiet", "--message", "change")
    return run_git(root, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    run_git(root, "init", "--quiet", "--initial-branch", "main")
    commit(root, {"pkg/a.py": "a = 1\n", "b.py": "b = 1\n", "LICENSE": MIT, "notes.txt": "no"})
    return root


def test_files_are_read_without_a_work_tree(repository: Path, tmp_path: Path) -> None:
    run_git(tmp_path, "clone", "--quiet", "--bare", str(repository), "bare.git")
    items = collected(tmp_path / "bare.git")
    assert texts(items) == {"b.py": "b = 1\n", "pkg/a.py": "a = 1\n"}
    assert [listing.name for listing in listed(tmp_path / "bare.git")] == [
        "bare/b.py",
        "bare/pkg/a.py",
    ]


def test_any_revision_can_be_named_whatever_the_work_tree_holds(repository: Path) -> None:
    first = run_git(repository, "rev-parse", "HEAD")
    run_git(repository, "tag", "v1")
    commit(repository, {"pkg/a.py": "a = 2\n"})
    write(repository, {"pkg/a.py": "a = 3\n"})
    for revision in ("v1", first, first[:10], "HEAD~1", "main~1"):
        assert texts(collected(f"{repository}@{revision}"))["pkg/a.py"] == "a = 1\n"
    assert texts(collected(f"{repository}@main"))["pkg/a.py"] == "a = 2\n"
    assert texts(collected(repository))["pkg/a.py"] == "a = 3\n"


def test_a_commit_changes_the_listing_of_its_own_files_alone(repository: Path) -> None:
    before = {one.path: one for one in listed(f"{repository}@main")}
    second = commit(repository, {"b.py": "b = 2\n"})
    after = {one.path: one for one in listed(f"{repository}@main")}
    assert after["pkg/a.py"] == before["pkg/a.py"]
    assert after["b.py"].revision == second


def test_what_a_merge_brought_has_the_revision_of_the_merge(repository: Path) -> None:
    run_git(repository, "checkout", "--quiet", "-b", "side")
    commit(repository, {"c.py": "c = 1\n"})
    run_git(repository, "checkout", "--quiet", "main")
    commit(repository, {"b.py": "b = 3\n"})
    run_git(repository, "merge", "--quiet", "--no-ff", "--message", "merge", "side")
    merge = run_git(repository, "rev-parse", "HEAD")
    revisions = {one.path: one.revision for one in listed(f"{repository}@main")}
    assert revisions["c.py"] == merge
    assert revisions["b.py"] == run_git(repository, "rev-parse", "HEAD~1")


def test_a_branch_that_moves_on_after_the_listing_changes_nothing(repository: Path) -> None:
    corpora = open_corpora([f"{repository}@main"])
    listings = list(corpora.list())
    commit(repository, {"b.py": "b = 9\n"})
    items = list(collect(listings, open_corpora([f"{repository}@main"]), CollectConfig()))
    assert texts(items)["b.py"] == "b = 1\n"


def test_the_licence_is_that_of_the_nearest_folder(repository: Path) -> None:
    commit(
        repository,
        {
            "vendored/LICENSE.txt": "GNU GENERAL PUBLIC LICENSE\nVersion 3, 29 June 2007\n",
            "vendored/x.py": "x = 1\n",
            "tool/pyproject.toml": '[project]\nlicense = "BSD-3-Clause"\n',
            "tool/y.py": "y = 1\n",
        },
    )
    assert {one.path: one.licence for one in listed(f"{repository}@main")} == {
        "b.py": "MIT",
        "pkg/a.py": "MIT",
        "tool/y.py": "BSD-3-Clause",
        "vendored/x.py": "GPL-3.0",
    }


def test_a_repository_without_a_licence_is_not_taken_by_default(repository: Path) -> None:
    (repository / "LICENSE").unlink()
    commit(repository, {})
    items = collected(f"{repository}@main")
    assert {(drop.reason, drop.detail) for drop in items if isinstance(drop, Drop)} == {
        (DropReason.LICENCE, "not known")
    }
    assert len(texts(collected(f"{repository}@main", licences=None))) == 2


def test_links_and_submodules_are_no_files_and_strange_names_are_read(repository: Path) -> None:
    (repository / "link.py").symlink_to("b.py")
    (repository / "sub.py").mkdir()
    run_git(repository / "sub.py", "init", "--quiet")
    commit(repository / "sub.py", {"inner.py": "i = 1\n"})
    Path(os.fsdecode(os.fsencode(repository) + b"/\xff.py")).write_text("x = 1\n")
    commit(repository, {'a "b"\tc\n.py': "x = 1\n", ".hidden/d.py": "x = 1\n"})
    paths = [one.path for one in listed(f"{repository}@main")]
    assert paths == ['a "b"\tc\n.py', "b.py", "pkg/a.py", "\\udcff.py"]
    assert len(texts(collected(f"{repository}@main"))) == 4


def test_an_unknown_revision_is_an_error_that_names_it(repository: Path) -> None:
    for revision in ("v9", "--all", "HEAD:b.py"):
        with pytest.raises(CorpusError, match="has no commit"):
            listed(f"{repository}@{revision}")


def test_nothing_that_the_repository_configures_is_run(repository: Path, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    script = tmp_path / "script"
    script.write_text(f"#!/bin/sh\ntouch {mark}\n")
    script.chmod(0o755)
    for name in ("core.fsmonitor", "core.sshCommand", "core.pager", "log.showSignature"):
        run_git(repository, "config", name, str(script) if "log" not in name else "true")
    run_git(repository, "config", "gpg.program", str(script))
    collected(f"{repository}@main")
    assert not mark.exists()


def test_a_damaged_blob_is_a_drop(repository: Path) -> None:
    blob = run_git(repository, "rev-parse", "main:b.py")
    corpora = open_corpora([f"{repository}@main"])
    listings = list(corpora.list())
    path = repository / ".git" / "objects" / blob[:2] / blob[2:]
    path.chmod(0o600)
    path.unlink()
    items = list(collect(listings, open_corpora([f"{repository}@main"]), CollectConfig()))
    assert [item.reason for item in items if isinstance(item, Drop)] == [DropReason.UNREADABLE]
    assert texts(items) == {"pkg/a.py": "a = 1\n"}


def test_a_large_blob_is_dropped_and_the_next_one_read(repository: Path) -> None:
    commit(repository, {"a.py": "#" * 300_000 + "\n"})
    items = collected(f"{repository}@main", max_bytes=1000)
    assert len(texts(items)) == 2
    assert [item.reason for item in items if isinstance(item, Drop)] == [DropReason.TOO_LARGE]
