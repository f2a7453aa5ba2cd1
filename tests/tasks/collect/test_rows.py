"""Row files of every packing, and the columns of the usual data sets."""

import gzip
import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tasks.collect.access import Access
from tasks.collect.corpora import open_corpora
from tasks.errors import CorpusError
from tasks.records.configs import ColumnsConfig
from tasks.records.drops import Drop, DropReason
from tasks.records.sources import SourceFile
from tests.tasks.collect.helpers import collected, listed, reasons, texts

ROWS: list[dict[str, Any]] = [
    {"content": f"x = {number}\n", "path": f"pkg/m{number}.py", "license": "mit"}
    for number in range(300)
]
EXPECTED = {row["path"]: row["content"] for row in ROWS}


def lines(rows: list[dict[str, Any]]) -> bytes:
    return "".join(f"{json.dumps(row)}\n" for row in rows).encode()


def write(path: Path, rows: list[dict[str, Any]], **options: Any) -> Path:
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path, **options)
    elif path.suffix == ".gz":
        path.write_bytes(gzip.compress(lines(rows)))
    elif path.suffix == ".zst":
        with pa.CompressedOutputStream(str(path), "zstd") as stream:
            stream.write(lines(rows))
    else:
        path.write_bytes(lines(rows))
    return path


@pytest.mark.parametrize("name", ["r.jsonl", "r.jsonl.gz", "r.jsonl.zst", "r.parquet"])
def test_every_packing_gives_the_same_sources(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, ROWS)
    items = collected(path)
    assert texts(items) == EXPECTED
    assert {item.licence for item in items if isinstance(item, SourceFile)} == {"MIT"}
    assert listed(path)[0].name == "r/pkg/m0.py"


@pytest.mark.parametrize("name", ["r.jsonl", "r.jsonl.zst", "r.parquet"])
def test_rows_can_be_read_in_any_order(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, ROWS, **({"row_group_size": 70} if "parquet" in name else {}))
    corpora = open_corpora([str(path)])
    listings = list(corpora.list())
    random.Random(0).shuffle(listings)
    for listing in listings[:60]:
        assert corpora.of(listing).read(listing).decode() == EXPECTED[listing.path]


def test_a_folder_and_a_pattern_are_all_their_files(tmp_path: Path) -> None:
    (tmp_path / "data" / "python").mkdir(parents=True)
    write(tmp_path / "data" / "python" / "0.parquet", ROWS[:100])
    write(tmp_path / "data" / "python" / "1.parquet", ROWS[100:200])
    write(tmp_path / "data" / "2.jsonl.gz", ROWS[200:])
    assert texts(collected(tmp_path / "data")) == EXPECTED
    assert len(listed(f"{tmp_path}/data/*/*.parquet")) == 200
    assert len(listed(f"{tmp_path}/**/1.parquet")) == 100
    with pytest.raises(CorpusError, match="nothing to read code from"):
        listed(f"{tmp_path}/data/*.parquet")


def row_of(tmp_path: Path, row: dict[str, Any], **config: Any) -> SourceFile:
    [item] = collected(write(tmp_path / "r.parquet", [row]), **config)
    assert isinstance(item, SourceFile), item
    return item


STACK = {
    "hexsha": "ab12",
    "size": 6,
    "ext": "py",
    "lang": "Python",
    "max_stars_repo_path": "src/a.py",
    "max_stars_repo_name": "o/n",
    "max_stars_repo_head_hexsha": "c0ffee",
    "max_stars_repo_licenses": ["MIT", "Apache-2.0"],
    "content": "x = 1\n",
}
STARCODER = {
    "max_stars_repo_path": "src/a.py",
    "max_stars_repo_name": "o/n",
    "max_stars_count": 3,
    "id": "77",
    "content": "<reponame>o/n<filename>src/a.py<gh_stars>10-100\nx = 1\n",
}
CODE_SEARCH_NET = {
    "repository_name": "o/n",
    "func_path_in_repository": "src/a.py",
    "func_name": "f",
    "whole_func_string": "x = 1\n",
    "language": "python",
}
GITHUB_CODE = {
    "code": "x = 1\n",
    "repo_name": "o/n",
    "path": "src/a.py",
    "language": "Python",
    "license": "bsd-3-clause",
    "size": 6,
}


@pytest.mark.parametrize(
    ("row", "licence", "revision"),
    [
        (STACK, "Apache-2.0 AND MIT", "c0ffee"),
        (STARCODER, "", None),
        (CODE_SEARCH_NET, "", None),
        (GITHUB_CODE, "BSD-3-Clause", None),
    ],
    ids=["The Stack", "StarCoderData", "CodeSearchNet", "GitHub Code"],
)
def test_the_columns_of_the_usual_data_sets_are_known(
    tmp_path: Path, row: dict[str, Any], licence: str, revision: str | None
) -> None:
    item = row_of(tmp_path, row, licences=None)
    assert (item.text, item.path, item.licence) == ("x = 1\n", "o/n/src/a.py", licence)
    assert item.revision == (revision or item.revision)


def test_a_repository_with_its_files_in_one_row_is_all_of_them(tmp_path: Path) -> None:
    files = [{"path": f"{n}.py", "content": f"x = {n}", "language": "Python"} for n in range(3)]
    files.append({"path": "d.c", "content": "int x;", "language": "C"})
    path = write(tmp_path / "r.parquet", [{"repo_name": "o/n", "files": files}] * 2)
    assert len(listed(path)) == 6
    assert texts(collected(path, licences=None)) == {
        f"o/n/{n}.py{mark}": f"x = {n}" for n in range(3) for mark in ("", "#2")
    }


def test_other_columns_can_be_given(tmp_path: Path) -> None:
    path = write(tmp_path / "r.parquet", [{"body": "x = 1", "file": "a.py", "terms": "MIT"}])
    access = Access(columns=ColumnsConfig(text="body", path="file", licence="terms"))
    assert texts(collected(path, access)) == {"a.py": "x = 1"}


def test_a_parquet_file_without_code_says_which_columns_it_has(tmp_path: Path) -> None:
    path = write(tmp_path / "r.parquet", [{"body": "x = 1", "file": "a.py"}])
    with pytest.raises(CorpusError, match=r"body, file.*columns"):
        listed(path)


def test_rows_of_other_languages_are_not_listed(tmp_path: Path) -> None:
    rows = [{"code": "x = 1", "language": name} for name in ("Python", "Java", "python")]
    assert len(listed(write(tmp_path / "r.jsonl", rows))) == 2


def test_a_row_of_an_unknown_licence_is_dropped_by_default(tmp_path: Path) -> None:
    rows = [
        {"code": "x = 1", "path": "a", "license": licence}
        for licence in (None, "gpl-3.0", "MIT OR GPL-3.0-only", "BSD", ["MIT", "GPL-2.0"], "isc")
    ]
    items = collected(write(tmp_path / "r.jsonl", rows))
    assert [getattr(item, "detail", "kept") for item in items] == [
        "not known",
        "GPL-3.0",
        "kept",
        "not known",
        "GPL-2.0 AND MIT",
        "kept",
    ]


def test_what_the_metadata_calls_vendored_or_generated_is_not_read(tmp_path: Path) -> None:
    rows = [
        {"code": "x = 1", "path": "a", "is_vendor": True, "is_generated": False},
        {"code": "x = 1", "path": "b", "is_vendor": False, "is_generated": True},
    ]
    assert reasons(collected(write(tmp_path / "r.parquet", rows))) == {
        "r/a": DropReason.VENDORED,
        "r/b": DropReason.GENERATED,
    }


def test_rows_without_text_and_with_wrong_bytes_are_dropped_by_their_row(tmp_path: Path) -> None:
    broken = pa.array([b"x = 1", None, b"\xff"], pa.binary()).view(pa.string())
    table = pa.table({"content": broken})
    pq.write_table(table, tmp_path / "r.parquet")
    items = collected(tmp_path / "r.parquet", licences=None)
    assert [getattr(item, "detail", "kept").partition(":")[0] for item in items] == [
        "kept",
        "row 2",
        "row 3",
    ]


@pytest.mark.parametrize("name", ["r.jsonl.gz", "r.jsonl.zst", "r.parquet"])
def test_a_file_that_is_cut_off_is_counted_and_the_others_are_read(
    tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "rows"
    folder.mkdir()
    write(folder / name, ROWS)
    write(folder / "whole.jsonl", [{"content": "y = 1", "path": "y.py"}])
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(data[: len(data) * 2 // 3])
    items = collected(folder, licences=None)
    assert texts(items)["y.py"] == "y = 1"
    assert DropReason.UNREADABLE in reasons(items).values()


def test_a_line_that_is_too_long_is_a_bad_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.collect.row_files.MAX_LINE", 100)
    monkeypatch.setattr("tasks.collect.row_files._BUFFER", 16)
    rows = [{"content": "x" * 1000}, {"content": "y = 1", "path": "y.py"}]
    items = collected(write(tmp_path / "r.jsonl", rows), licences=None)
    assert texts(items) == {"y.py": "y = 1"}
    [drop] = [item for item in items if isinstance(item, Drop)]
    assert (drop.reason, drop.detail) == (DropReason.BAD_ROW, "line 1: longer than 100 bytes")


def test_one_row_group_of_any_size_is_read_in_bounded_memory(tmp_path: Path) -> None:
    """300 MB of text in one row group; under 200 MB of growth to list it and to read it."""
    path = tmp_path / "big.parquet"
    schema = pa.schema([("content", pa.string()), ("path", pa.string())])
    rng = random.Random(0)
    with pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=False) as writer:
        words = [f"name_{rng.randrange(10**9)} = {rng.random()}\n" for _ in range(5_000)]
        bodies = ["".join(rng.choices(words, k=600)) for _ in range(64)]
        rows = [
            {"content": f"n = {n}\n{bodies[n % 64]}", "path": f"m{n}.py"} for n in range(15_000)
        ]
        writer.write_table(pa.Table.from_pylist(rows, schema=schema), row_group_size=len(rows))
    assert pq.read_metadata(path).num_row_groups == 1
    assert pq.read_metadata(path).row_group(0).total_byte_size > 300 << 20
    code = f"""
import resource
from tasks.collect.corpora import open_corpora
from tasks.collect.reading import collect
from tasks.records.configs import CollectConfig
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
before = peak()
corpora = open_corpora(["{path}"])
some = [one for number, one in enumerate(corpora.list()) if number % 16 == 3]
read = sum(1 for _ in collect(some, corpora, CollectConfig(licences=None)))
print(read, peak() - before)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    read, growth = map(int, done.stdout.split())
    assert read == 938
    assert growth < 200
