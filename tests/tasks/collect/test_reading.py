"""Every file becomes text or a drop that says why; nothing raises."""

import codecs
import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tasks.collect.corpora import open_corpora
from tasks.collect.reading import collect
from tasks.records.configs import CollectConfig
from tasks.records.drops import Drop, DropReason
from tasks.records.sources import SourceFile


def collected(spec: Path, **limits: Any) -> list[SourceFile | Drop]:
    corpora = open_corpora([str(spec)])
    return list(collect(list(corpora.list()), corpora, CollectConfig(**limits)))


def read_one(folder: Path, data: bytes, **limits: int) -> SourceFile | Drop:
    (folder / "a.py").write_bytes(data)
    [item] = collected(folder, **limits)
    return item


def text_of(folder: Path, data: bytes) -> str:
    item = read_one(folder, data)
    assert isinstance(item, SourceFile), item
    return item.text


def reason_of(folder: Path, data: bytes, **limits: int) -> DropReason:
    item = read_one(folder, data, **limits)
    assert isinstance(item, Drop)
    assert item.step == "collect"
    return item.reason


def test_a_file_keeps_its_text_and_says_where_it_is_from(tmp_path: Path) -> None:
    item = read_one(tmp_path, b"x = 1\n")
    assert isinstance(item, SourceFile)
    assert item.text == "x = 1\n"
    assert (item.name, item.path) == (f"{tmp_path.name}/a.py", "a.py")
    assert item.licence == ""
    assert len(item.revision) == 64


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("x = 'ä'\n".encode(), "x = 'ä'\n"),
        (codecs.BOM_UTF8 + b"x = 1\n", "x = 1\n"),
        ("# -*- coding: latin-1 -*-\nx = 'ä'\n".encode("latin-1"), None),
        ("#!/bin/sh\n# vim: set fileencoding=cp1252 :\nx = '€'\n".encode("cp1252"), None),
        (b"x = 1\r\ny = 2\rz = 3\n", "x = 1\ny = 2\nz = 3\n"),
        (b"x = 1\x0c\n", "x = 1\x0c\n"),
    ],
    ids=["utf-8", "byte order mark", "latin-1", "second line", "newlines", "form feed"],
)
def test_text_is_decoded_as_the_file_declares(
    tmp_path: Path, data: bytes, text: str | None
) -> None:
    encodings = {b"latin-1": "latin-1", b"cp1252": "cp1252"}
    declared = next((name for mark, name in encodings.items() if mark in data), "utf-8")
    assert text_of(tmp_path, data) == (text if text is not None else data.decode(declared))


@pytest.mark.parametrize(
    "data",
    [
        b"\x7fELF\0\0",
        b"x = '\xff'\n",
        b"# coding: latin-9000\n",
        b"# coding: zip\nx = 1\n",
        codecs.BOM_UTF8 + b"# coding: latin-1\n",
        "x = 1\n".encode("utf-16"),
    ],
    ids=["binary", "not utf-8", "unknown codec", "no text codec", "contradiction", "utf-16"],
)
def test_what_is_not_text_is_dropped(tmp_path: Path, data: bytes) -> None:
    assert reason_of(tmp_path, data) is DropReason.NOT_TEXT


@pytest.mark.parametrize("data", [b"", b" \n\t\n", codecs.BOM_UTF8])
def test_a_blank_file_is_dropped(tmp_path: Path, data: bytes) -> None:
    assert reason_of(tmp_path, data) is DropReason.EMPTY


def test_the_limit_of_size_counts_bytes_and_includes_itself(tmp_path: Path) -> None:
    assert isinstance(read_one(tmp_path, b"x = 12\n", max_bytes=7), SourceFile)
    assert reason_of(tmp_path, b"x = 123\n", max_bytes=7) is DropReason.TOO_LARGE


def test_fifty_megabytes_are_dropped_without_being_held(tmp_path: Path) -> None:
    with (tmp_path / "a.py").open("wb") as file:
        file.truncate(50 << 20)
    tracemalloc.start()
    [item] = collected(tmp_path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(item, Drop)
    assert item.reason is DropReason.TOO_LARGE
    assert peak < 4 << 20


def test_what_cannot_be_opened_is_dropped_and_says_why(
    open_folder: Path, as_nobody: Callable[[], None]
) -> None:
    (open_folder / "a.py").write_text("x = 1\n")
    (open_folder / "b.py").write_text("x = 1\n")
    (open_folder / "b.py").chmod(0)
    (open_folder / "c").mkdir()
    (open_folder / "c").chmod(0)
    as_nobody()
    kept, *dropped = collected(open_folder)
    assert isinstance(kept, SourceFile)
    assert [(d.reason, d.detail) for d in dropped if isinstance(d, Drop)] == [
        (DropReason.UNREADABLE, "Permission denied"),
        (DropReason.UNREADABLE, "Permission denied"),
    ]


@pytest.mark.parametrize("text", ["x = 2\n", "x = 1\n\n\n", ""])
def test_a_file_that_changed_since_it_was_listed_is_dropped(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    corpora = open_corpora([str(tmp_path)])
    listings = list(corpora.list())
    (tmp_path / "a.py").write_text(text)
    [item] = collect(listings, corpora, CollectConfig())
    assert isinstance(item, Drop)
    assert item.reason is DropReason.CHANGED


def test_a_file_that_is_gone_is_dropped(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    corpora = open_corpora([str(tmp_path)])
    listings = list(corpora.list())
    (tmp_path / "a.py").unlink()
    [item] = collect(listings, corpora, CollectConfig())
    assert isinstance(item, Drop)
    assert (item.reason, item.detail) == (DropReason.UNREADABLE, "No such file or directory")


def rows(tmp_path: Path, *lines: str) -> list[SourceFile | Drop]:
    (tmp_path / "rows.jsonl").write_text("".join(f"{line}\n" for line in lines))
    return collected(tmp_path / "rows.jsonl", licences=None)


@pytest.mark.parametrize("column", ["content", "code", "text"])
def test_a_row_is_a_file_by_any_usual_column(tmp_path: Path, column: str) -> None:
    [item] = rows(tmp_path, json.dumps({column: "x = 1\r\n", "path": "p/a.py"}))
    assert isinstance(item, SourceFile)
    assert (item.text, item.path) == ("x = 1\n", "p/a.py")


def test_a_row_says_its_licence_and_revision(tmp_path: Path) -> None:
    row = {"content": "x = 1", "id": 7, "licenses": ["MIT", "BSD-3-Clause"], "revision": "abc"}
    [item] = rows(tmp_path, json.dumps(row))
    assert isinstance(item, SourceFile)
    assert (item.path, item.licence, item.revision) == ("7", "BSD-3-Clause AND MIT", "abc")


def test_a_row_is_decoded_already_whatever_it_declares(tmp_path: Path) -> None:
    [item] = rows(tmp_path, json.dumps({"text": "# coding: latin-1\nx = 'ä'"}))
    assert isinstance(item, SourceFile)
    assert item.text.endswith("'ä'")


def test_bad_rows_are_dropped_by_their_line(tmp_path: Path) -> None:
    items = rows(
        tmp_path,
        '{"content": "x = 1"}',
        "{not json}",
        "",
        '["a list"]',
        '{"body": "x = 1"}',
        '{"content": "\\ud800"}',
    )
    assert isinstance(items[0], SourceFile)
    assert [(d.reason, d.detail.partition(":")[0]) for d in items if isinstance(d, Drop)] == [
        (DropReason.BAD_ROW, f"line {number}") for number in (2, 4, 5, 6)
    ]


def test_rows_of_one_id_are_both_kept(tmp_path: Path) -> None:
    items = rows(tmp_path, '{"id": "a", "text": "x = 1"}', '{"id": "a", "text": "x = 2"}')
    assert [item.path for item in items if isinstance(item, SourceFile)] == ["a", "a#2"]
