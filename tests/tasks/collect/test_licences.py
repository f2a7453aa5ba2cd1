"""Licences: said clearly, or not at all."""

import pytest

from tasks.collect.licence_files import FolderLicences, is_licence_file, licence_in
from tasks.collect.spdx import all_of, is_allowed, normalised
from tasks.records.configs import PERMISSIVE
from tests.tasks.collect.helpers import MIT

APACHE = "                Apache License\n          Version 2.0, January 2004\n ..."
BSD = """Redistribution and use in source and binary forms, with or without
modification, are permitted provided that the following conditions are met: ..."""
BSD_3 = f"{BSD}\n3. Neither the name of the copyright holder nor the names of ..."
ISC = """Permission to use, copy, modify, and/or distribute this software for any
purpose with or without fee is hereby granted"""
GPL = "              GNU GENERAL PUBLIC LICENSE\n        Version 3, 29 June 2007\n ..."


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        ("MIT", "MIT"),
        ("mit license", "MIT"),
        ("apache-2.0", "Apache-2.0"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("mit OR apache-2.0", "MIT OR Apache-2.0"),
        ("(MIT or BSD-3-Clause) and ISC", "(MIT OR BSD-3-Clause) AND ISC"),
        ("Apache-2.0 WITH LLVM-exception", "Apache-2.0 WITH LLVM-exception"),
        ("BSD", ""),
        ("MIT OR", ""),
        ("free and open", ""),
        ("do what you want with it", ""),
        ("", ""),
    ],
)
def test_a_licence_is_named_where_it_is_sure(text: str, licence: str) -> None:
    assert normalised(text) == licence


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("MIT OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("GPL-3.0-only AND MIT OR ISC", True),
        ("GPL-3.0-only AND (MIT OR ISC)", False),
        ("Apache-2.0 WITH LLVM-exception", True),
        ("PSF-2.0", True),
        ("MPL-2.0", False),
        ("", False),
        ("MIT MIT", False),
        ("(MIT", False),
        ("OR", False),
    ],
)
def test_an_expression_is_allowed_as_its_operators_say(expression: str, allowed: bool) -> None:
    assert is_allowed(expression, PERMISSIVE) == allowed


def test_several_licences_all_hold_and_one_unknown_makes_all_unknown() -> None:
    assert all_of(["MIT", "ISC OR Zlib", "MIT"]) == "(ISC OR Zlib) AND MIT"
    assert all_of(["MIT", ""]) == ""


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        (MIT, "MIT"),
        (MIT.partition("The above")[0], "MIT-0"),
        (APACHE, "Apache-2.0"),
        (BSD, "BSD-2-Clause"),
        (BSD_3, "BSD-3-Clause"),
        (f"{BSD_3} All advertising materials mentioning ...", ""),
        (
            f"{ISC}, provided that the above copyright notice and this permission notice appear",
            "ISC",
        ),
        (ISC, "0BSD"),
        (GPL, "GPL-3.0"),
        (f"Copyright me\n{APACHE}\n{MIT}", "Apache-2.0 AND MIT"),
        ("All rights reserved.", ""),
    ],
)
def test_a_licence_is_known_by_its_text(text: str, licence: str) -> None:
    assert licence_in(text) == licence


def test_licence_files_are_known_by_their_names() -> None:
    names = ("LICENSE", "a/License.txt", "COPYING", "LICENCE-MIT", "UNLICENSE", "pyproject.toml")
    assert all(map(is_licence_file, names))
    assert not any(map(is_licence_file, ("license.py", "licensed.txt", "README", "copying.c")))


def licences(files: dict[str, str], *paths: str, whole: str = "") -> list[str]:
    found = FolderLicences(files, lambda path: files[path].encode(), whole=whole)
    return [found.of(path) for path in paths]


def test_the_nearest_folder_that_says_anything_decides() -> None:
    files = {"LICENSE": MIT, "v/COPYING": GPL, "t/pyproject.toml": "[tool.x]\n"}
    assert licences(files, "a.py", "p/q/a.py", "v/a.py", "v/w/a.py", "t/a.py") == [
        "MIT",
        "MIT",
        "GPL-3.0",
        "GPL-3.0",
        "MIT",
    ]
    assert licences(files, "a.py", "v/a.py", whole="ISC") == ["ISC", "GPL-3.0"]


def test_a_folder_with_a_licence_that_is_not_known_hides_the_one_above() -> None:
    assert licences({"LICENSE": MIT, "v/LICENSE": "Ours."}, "v/a.py") == [""]


def test_what_a_project_declares_goes_before_its_licence_files() -> None:
    for declared in ('license = "Apache-2.0"', 'license = {text = "Apache 2.0"}'):
        files = {"LICENSE": MIT, "pyproject.toml": f"[project]\n{declared}\n"}
        assert licences(files, "a.py") == ["Apache-2.0"]
    for unclear in ("not toml [", "project = 1", '[project]\nlicense = {file = "LICENSE"}'):
        assert licences({"LICENSE": MIT, "pyproject.toml": unclear}, "a.py") == ["MIT"]


def test_a_licence_file_that_cannot_be_read_says_nothing() -> None:
    def read(_: str) -> bytes:
        raise PermissionError

    assert FolderLicences(["LICENSE"], read).of("a.py") == ""
