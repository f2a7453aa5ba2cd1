"""The standard library as it is on this machine; installed packages as their metadata says."""

import platform
from email.message import Message
from importlib.metadata import Distribution, PathDistribution
from pathlib import Path
from typing import Any

import pytest

from tasks.collect.installed import SitePackages, StandardLibrary
from tasks.collect.spdx import licence_of
from tests.tasks.collect.helpers import MIT


def test_the_standard_library_is_listed_without_tests_and_installed_packages() -> None:
    paths = [listing.path for listing in StandardLibrary().list()]
    assert len(paths) > 400
    assert {"textwrap.py", "json/decoder.py"} <= set(paths)
    folders = {part for path in paths for part in path.split("/")[:-1]}
    assert folders.isdisjoint({"test", "tests", "idlelib", "site-packages", "__pycache__"})
    assert not any("_sysconfigdata" in path for path in paths)


def test_two_listings_of_the_standard_library_are_equal() -> None:
    assert list(StandardLibrary().list()) == list(StandardLibrary().list())


def test_a_file_of_the_standard_library_has_its_licence_and_version() -> None:
    corpus = StandardLibrary()
    listing = next(listing for listing in corpus.list() if listing.path == "textwrap.py")
    assert listing.licence == "PSF-2.0"
    assert listing.revision == platform.python_version()


def test_an_installed_file_has_the_licence_and_version_of_its_distribution(tmp_path: Path) -> None:
    info = tmp_path / "thing-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.4\nName: thing\nVersion: 1.2\nLicense-Expression: MIT\n"
    )
    (info / "RECORD").write_text("thing/a.py,,\nthing-1.2.dist-info/METADATA,,\n")
    (tmp_path / "thing").mkdir()
    (tmp_path / "thing" / "a.py").write_text("x = 1\n")
    (tmp_path / "stray.py").write_text("x = 1\n")
    (tmp_path / "LICENSE").write_text("Mozilla Public License Version 2.0\n")
    corpus = SitePackages(root=tmp_path)
    stray, owned = corpus.list()
    assert (owned.licence, owned.revision) == ("MIT", "thing==1.2")
    assert (stray.licence, stray.revision) == ("", stray.digest)


def distribution(folder: Path, *lines: str) -> Distribution:
    info = folder / "thing-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("\n".join(["Name: thing", "Version: 1", *lines]))
    return PathDistribution(info)


@pytest.mark.parametrize(
    ("lines", "licence"),
    [
        (["License-Expression: MIT OR Apache-2.0"], "MIT OR Apache-2.0"),
        (["License: BSD-3-Clause"], "BSD-3-Clause"),
        (["Classifier: License :: OSI Approved :: MIT License"], "MIT"),
        (["License: MIT", "Classifier: License :: OSI Approved :: MIT License"], "MIT"),
        (["License: Permission is hereby granted, free of charge"], ""),
        (["Classifier: License :: OSI Approved :: BSD License"], ""),
        ([], ""),
    ],
)
def test_a_licence_is_named_only_where_the_metadata_is_clear(
    tmp_path: Path, lines: list[str], licence: str
) -> None:
    found = distribution(tmp_path, *lines)
    assert isinstance(found.metadata, Message)
    assert licence_of(found.metadata) == licence


def test_vendored_code_with_a_licence_of_its_own_keeps_it(tmp_path: Path) -> None:
    info = tmp_path / "thing-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: thing\nVersion: 1.2\nLicense-Expression: MIT\n")
    (info / "RECORD").write_text("thing/_vendor/other/a.py,,\n")
    other = tmp_path / "thing" / "_vendor" / "other"
    other.mkdir(parents=True)
    (other / "a.py").write_text("x = 1\n")
    (other / "LICENSE").write_text("Mozilla Public License Version 2.0\n")
    [listing] = SitePackages(root=tmp_path).list()
    assert (listing.licence, listing.revision) == ("MPL-2.0", "thing==1.2")


def test_a_licence_that_the_metadata_leaves_open_is_read_from_its_file(tmp_path: Path) -> None:
    info = tmp_path / "thing-1.2.dist-info"
    (info / "licenses").mkdir(parents=True)
    classifier = "Classifier: License :: OSI Approved :: BSD License"
    (info / "METADATA").write_text(f"Name: thing\nVersion: 1.2\n{classifier}\n")
    (info / "licenses" / "LICENSE").write_text(MIT)
    (info / "RECORD").write_text("thing.py,,\nthing-1.2.dist-info/licenses/LICENSE,,\n")
    (tmp_path / "thing.py").write_text("x = 1\n")
    [listing] = SitePackages(root=tmp_path).list()
    assert listing.licence == "MIT"


class Strict(Message):
    """What importlib_metadata gives, once anything has imported it, in place of Python's own."""

    def __getitem__(self, name: str) -> Any:
        if name not in self:
            raise KeyError(name)
        return super().__getitem__(name)


def test_metadata_that_raise_for_what_is_missing_are_read_too() -> None:
    metadata = Strict()
    metadata["License"] = "MIT"
    assert licence_of(metadata) == "MIT"
    metadata["License-Expression"] = "BSD-3-Clause"
    assert licence_of(metadata) == "BSD-3-Clause"
