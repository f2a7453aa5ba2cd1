"""Corpora on a real S3 server, and contents in the layout of the Software Heritage archive."""

import gzip
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tasks.collect.access import Access
from tasks.collect.corpora import open_corpora
from tasks.collect.reading import collect
from tasks.errors import ConfigError, CorpusError, StoreError
from tasks.records.configs import CollectConfig
from tasks.records.drops import Drop, DropReason
from tasks.records.sources import SourceFile
from tasks.settings import Settings
from tasks.store.s3 import s3_client
from tests.tasks.collect.helpers import MIT, collected, listed, reasons, texts
from tests.tasks.collect.test_archives import sdist
from tests.tasks.collect.test_git import commit, run_git
from tests.tasks.collect.test_rows import EXPECTED, ROWS, write


class Bucket:
    def __init__(self, name: str, settings: Settings) -> None:
        self.name = name
        self.client = s3_client(settings)

    def put(
        self, key: str, data: bytes | str, acl: Literal["private", "public-read"] = "private"
    ) -> None:
        body = data.encode() if isinstance(data, str) else data
        self.client.put_object(Bucket=self.name, Key=key, Body=body, ACL=acl)


@pytest.fixture
def objects(bucket: str, s3_settings: Settings) -> Bucket:
    return Bucket(bucket, s3_settings)


@pytest.fixture
def access(s3_settings: Settings, tmp_path: Path, bucket: str) -> Access:
    heritage = {
        "heritage_url": f"s3://{bucket}/content",
        "heritage_endpoint": s3_settings.s3_endpoint,
    }
    return Access(settings=s3_settings.model_copy(update=heritage), scratch=tmp_path / "scratch")


def test_a_prefix_of_python_files_is_a_folder(objects: Bucket, access: Access) -> None:
    for name in ("pkg/a.py", "b.py", ".git/c.py", "notes.txt"):
        objects.put(f"code/{name}", f"# {name}\n")
    objects.put("code/LICENSE", MIT)
    objects.put("other/d.py", "d = 1\n")
    items = collected(f"s3://{objects.name}/code", access)
    assert texts(items) == {"b.py": "# b.py\n", "pkg/a.py": "# pkg/a.py\n"}
    assert {item.licence for item in items if isinstance(item, SourceFile)} == {"MIT"}
    assert listed(f"s3://{objects.name}/code", access)[0].name == "code/b.py"


def test_an_object_that_changed_or_went_is_dropped(objects: Bucket, access: Access) -> None:
    for name in "abc":
        objects.put(f"code/{name}.py", f"{name} = 1\n")
    corpora = open_corpora([f"s3://{objects.name}/code"], access)
    listings = list(corpora.list())
    objects.put("code/a.py", "a = 2\n")
    objects.client.delete_object(Bucket=objects.name, Key="code/b.py")
    items = list(collect(listings, corpora, CollectConfig()))
    assert reasons(items) == {
        "code/a.py": DropReason.CHANGED,
        "code/b.py": DropReason.UNREADABLE,
    }
    assert texts(items) == {"c.py": "c = 1\n"}


@pytest.mark.parametrize("name", ["r.jsonl", "r.jsonl.gz", "r.jsonl.zst", "r.parquet"])
def test_row_files_are_read_where_they_are(
    objects: Bucket, access: Access, tmp_path: Path, name: str
) -> None:
    objects.put(f"rows/{name}", write(tmp_path / name, ROWS).read_bytes())
    for place in (f"rows/{name}", "rows", "rows/r*", "**/r.*"):
        assert texts(collected(f"x=s3://{objects.name}/{place}", access)) == EXPECTED


def test_archives_are_read_where_they_are(objects: Bucket, access: Access, tmp_path: Path) -> None:
    path = sdist(tmp_path / "thing-1.2.tar.gz", {"a.py": "a = 1\n", "LICENSE": MIT})
    objects.put("dists/thing-1.2.tar.gz", path.read_bytes())
    assert texts(collected(f"s3://{objects.name}/dists", access)) == {"thing/a.py": "a = 1\n"}


def test_a_git_repository_is_read_at_any_revision(
    objects: Bucket, access: Access, tmp_path: Path
) -> None:
    root = tmp_path / "project"
    root.mkdir()
    run_git(root, "init", "--quiet", "--initial-branch", "main")
    commit(root, {"a.py": "a = 1\n", "LICENSE": MIT})
    run_git(root, "tag", "v1")
    commit(root, {"a.py": "a = 2\n"})
    run_git(tmp_path, "clone", "--quiet", "--bare", str(root), "bare.git")
    bare = tmp_path / "bare.git"
    for path in bare.rglob("*"):
        if path.is_file():
            objects.put(f"repos/bare.git/{path.relative_to(bare)}", path.read_bytes())
    spec = f"s3://{objects.name}/repos/bare.git"
    assert texts(collected(spec, access)) == {"a.py": "a = 2\n"}
    assert texts(collected(f"{spec}@v1", access)) == {"a.py": "a = 1\n"}
    assert listed(spec, access)[0].name == "bare/a.py"


def test_what_is_not_there_is_said_so(objects: Bucket, access: Access) -> None:
    with pytest.raises(CorpusError, match="no Python code"):
        listed(f"s3://{objects.name}/nothing", access)
    with pytest.raises(CorpusError, match="bucket does not exist"):
        listed("s3://no-such-bucket-at-all/x", access)
    with pytest.raises(ConfigError, match="settings"):
        listed(f"s3://{objects.name}/x")


CONTENTS = {f"m{n}.py": f"# café {n}\nx = {n}\n" for n in range(50)}


def stack_v2(objects: Bucket, **cells: Any) -> Iterator[dict[str, Any]]:
    """Rows of The Stack v2, and the contents that they name in the bucket."""
    for path, text in CONTENTS.items():
        data = text.encode("latin-1")
        blob = hashlib.sha1(data, usedforsecurity=False).hexdigest()
        objects.put(f"content/{blob}", gzip.compress(data), "public-read")
        yield {
            "blob_id": blob,
            "path": f"/src/{path}",
            "repo_name": "o/n",
            "revision_id": "c0ffee",
            "detected_licenses": ["MIT"],
            "license_type": "permissive",
            "src_encoding": "ISO-8859-1",
            "language": "Python",
            "is_vendor": False,
            "is_generated": False,
            "length_bytes": len(data),
        } | cells


def parquet(path: Path, rows: list[dict[str, Any]]) -> Path:
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path


def test_ids_of_the_stack_v2_are_resolved_against_the_archive(
    objects: Bucket, access: Access, tmp_path: Path
) -> None:
    items = collected(parquet(tmp_path / "ids.parquet", list(stack_v2(objects))), access)
    assert texts(items) == {f"o/n//src/{path}": text for path, text in CONTENTS.items()}
    assert {(i.licence, i.revision) for i in items if isinstance(i, SourceFile)} == {
        ("MIT", "c0ffee")
    }


def test_repositories_of_ids_are_resolved_too(
    objects: Bucket, access: Access, tmp_path: Path
) -> None:
    rows = list(stack_v2(objects))
    files = [{k: v for k, v in row.items() if k != "repo_name"} for row in rows]
    repository = {"repo_name": "o/n", "files": files}
    items = collected(parquet(tmp_path / "ids.parquet", [repository]), access)
    assert list(texts(items).values()) == list(CONTENTS.values())


def test_nothing_is_fetched_that_the_metadata_rules_out(
    objects: Bucket, access: Access, tmp_path: Path
) -> None:
    first, second, third, fourth, fifth, *_ = stack_v2(objects)
    rows = [
        first | {"detected_licenses": ["GPL-3.0"], "path": "a"},
        second | {"is_vendor": True, "path": "b"},
        third | {"is_generated": True, "path": "c"},
        fourth | {"length_bytes": 5_000_000, "path": "d"},
        fifth | {"language": "C", "path": "e"},
    ]
    for row in rows:
        objects.client.delete_object(Bucket=objects.name, Key=f"content/{row['blob_id']}")
    items = collected(parquet(tmp_path / "ids.parquet", rows), access)
    assert [item.reason for item in items if isinstance(item, Drop)] == [
        DropReason.LICENCE,
        DropReason.VENDORED,
        DropReason.GENERATED,
        DropReason.TOO_LARGE,
    ]


def test_contents_that_are_missing_damaged_or_others_are_dropped(
    objects: Bucket, access: Access, tmp_path: Path
) -> None:
    rows = list(stack_v2(objects))[:4]
    keys = [f"content/{row['blob_id']}" for row in rows]
    objects.client.delete_object(Bucket=objects.name, Key=keys[0])
    objects.put(keys[1], b"not gzip", "public-read")
    objects.put(keys[2], gzip.compress(b"another content"), "public-read")
    objects.put(keys[3], gzip.compress(b"#" * (50 << 20)), "public-read")
    items = collected(parquet(tmp_path / "ids.parquet", rows), access)
    assert [item.reason for item in items if isinstance(item, Drop)] == [
        DropReason.UNREADABLE,
        DropReason.UNREADABLE,
        DropReason.CHANGED,
        DropReason.CHANGED,
    ]


def test_an_archive_that_cannot_be_reached_fails_the_step(
    objects: Bucket, access: Access, tmp_path: Path
) -> None:
    path = parquet(tmp_path / "ids.parquet", list(stack_v2(objects))[:2])
    assert access.settings is not None
    wrong = access.settings.model_copy(update={"heritage_url": "s3://no-such-bucket/content"})
    with pytest.raises(StoreError, match="CASE2CODE_HERITAGE_URL"):
        collected(path, Access(settings=wrong))


def test_a_parquet_file_on_s3_is_not_downloaded_whole(
    objects: Bucket, access: Access, tmp_path: Path
) -> None:
    """Reading one row of the last group asks for the footer and that group."""
    from tasks.collect.s3_files import S3Files

    rows = [{"content": f"x = {n}\n" + "#" * 50_000, "path": f"{n}.py"} for n in range(400)]
    path = tmp_path / "r.parquet"
    pq.write_table(
        pa.Table.from_pylist(rows),
        path,
        row_group_size=50,
        compression="none",
        use_dictionary=False,
    )
    objects.put("r.parquet", path.read_bytes())
    assert access.settings is not None
    asked = 0
    stream = S3Files(objects.name, "", access.settings).open("r.parquet")
    with pq.ParquetFile(stream, buffer_size=1 << 20, pre_buffer=False) as file:
        batch = next(file.iter_batches(batch_size=8, row_groups=[7], use_threads=False))
        asked = stream.tell()
    assert batch["path"][0].as_py() == "350.py"
    assert asked <= path.stat().st_size
    assert isinstance(stream, io.BufferedIOBase)
