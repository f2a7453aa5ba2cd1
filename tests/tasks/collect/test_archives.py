"""Source distributions and wheels, good and hostile."""

import gzip
import io
import random
import tarfile
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from tasks.collect import archives
from tasks.collect.corpora import open_corpora
from tasks.records.drops import Drop, DropReason
from tests.tasks.collect.helpers import MIT, collected, listed, reasons, texts

METADATA = "Metadata-Version: 2.4\nName: thing\nVersion: 1.2\n"
CODE = {"pkg/a.py": "a = 1\n", "pkg/b.py": "b = 1\n", "setup.cfg": "", "pkg/data.txt": "no"}


def sdist(path: Path, files: dict[str, str], top: str = "thing-1.2/") -> Path:
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w") as tar:
        for name, text in files.items():
            info = tarfile.TarInfo(top + name)
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    return path


def zipped(path: Path, files: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def test_a_source_distribution_is_its_files_with_licence_and_version(tmp_path: Path) -> None:
    files = {**CODE, "PKG-INFO": METADATA, "LICENSE": MIT}
    [a, b] = listed(sdist(tmp_path / "thing-1.2.tar.gz", files))
    assert (a.name, a.repository) == ("thing-1.2/thing/pkg/a.py", "thing")
    assert (b.licence, b.revision) == ("MIT", "thing==1.2")
    items = collected(tmp_path / "thing-1.2.tar.gz")
    assert texts(items) == {"thing/pkg/a.py": "a = 1\n", "thing/pkg/b.py": "b = 1\n"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["thing-1.2.tar.gz"]


def test_a_wheel_is_its_files_with_licence_and_version(tmp_path: Path) -> None:
    info = "thing-1.2.dist-info/"
    files = {**CODE, info + "METADATA": METADATA, info + "licenses/LICENSE": MIT}
    path = zipped(tmp_path / "thing-1.2-py3-none-any.whl", files)
    assert [(one.path, one.licence, one.revision) for one in listed(path)] == [
        ("thing/pkg/a.py", "MIT", "thing==1.2"),
        ("thing/pkg/b.py", "MIT", "thing==1.2"),
    ]
    assert len(texts(collected(path))) == 2


def test_what_the_metadata_says_goes_before_the_licence_file(tmp_path: Path) -> None:
    metadata = METADATA + "License-Expression: Apache-2.0\n"
    files = {"PKG-INFO": metadata, "LICENSE": MIT, "a.py": "a = 1\n", "sub/b.py": "b = 1\n"}
    files["sub/COPYING"] = "Mozilla Public License Version 2.0\n"
    path = sdist(tmp_path / "t.tar.gz", files)
    assert [one.licence for one in listed(path)] == ["Apache-2.0", "MPL-2.0"]


def test_a_folder_of_archives_is_all_of_them(tmp_path: Path) -> None:
    folder = tmp_path / "dists"
    folder.mkdir()
    sdist(folder / "one-1.tar.gz", {"a.py": "a = 1\n"}, "one-1/")
    sdist(folder / "two-1.tar", {"a.py": "a = 2\n"}, "two-1/")
    zipped(folder / "three-1.zip", {"three-1/a.py": "a = 3\n"})
    assert texts(collected(folder, licences=None)) == {
        "one/a.py": "a = 1\n",
        "two/a.py": "a = 2\n",
        "three/a.py": "a = 3\n",
    }


@pytest.mark.parametrize("kind", ["tar.gz", "zip"])
def test_members_can_be_read_in_any_order(tmp_path: Path, kind: str) -> None:
    files = {f"m{n}.py": f"x = {n}\n" for n in range(40)}
    if kind == "zip":
        path = zipped(tmp_path / "t.zip", {f"t/{name}": text for name, text in files.items()})
    else:
        path = sdist(tmp_path / "t.tar.gz", files)
    corpora = open_corpora([str(path)])
    listings = list(corpora.list())
    random.Random(0).shuffle(listings)
    for listing in listings:
        assert corpora.of(listing).read(listing).decode() == files[listing.path.partition("/")[2]]


def test_names_that_lead_out_of_the_archive_are_not_read(tmp_path: Path) -> None:
    files = dict.fromkeys(("t/a.py", "/etc/x.py", "t/../../x.py", "c:/x.py"), "x = 1\n")
    for path in (zipped(tmp_path / "t.zip", files), sdist(tmp_path / "t.tar.gz", files, "")):
        items = collected(path, licences=None)
        assert texts(items) == {"t/a.py": "x = 1\n"}
        assert list(reasons(items).values()) == [DropReason.UNREADABLE] * 3


def test_links_and_devices_are_no_files(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "t.tar.gz", "w:gz") as tar:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
            info = tarfile.TarInfo(f"t/{kind.decode()}.py")
            info.type, info.linkname = kind, "/etc/passwd"
            tar.addfile(info)
        tar.addfile(tarfile.TarInfo("t/a.py"))
    assert [one.path for one in listed(tmp_path / "t.tar.gz")] == ["t/a.py"]


def test_a_member_that_unpacks_to_too_much_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MAX_MEMBER", 1 << 20)
    files = {"t/bomb.py": "#" * (50 << 20), "t/a.py": "a = 1\n"}
    path = zipped(tmp_path / "t.zip", files)
    del files
    tracemalloc.start()
    items = collected(path, licences=None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert texts(items) == {"t/a.py": "a = 1\n"}
    assert reasons(items) == {"t/t/bomb.py": DropReason.TOO_LARGE}
    assert peak < 4 << 20


def test_a_zip_that_lies_about_a_size_is_cut_there(tmp_path: Path) -> None:
    path = zipped(tmp_path / "t.zip", {"t/a.py": "#" * 100_000})
    data = path.read_bytes()
    path.write_bytes(data.replace((100_000).to_bytes(4, "little"), (7).to_bytes(4, "little")))
    assert list(reasons(collected(path, licences=None)).values()) == [DropReason.UNREADABLE]


@pytest.mark.parametrize("kind", ["tar.gz", "zip"])
def test_an_archive_that_unpacks_to_too_much_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(archives, "MAX_UNPACKED", 1 << 20)
    files = {f"t/{n}.txt": "#" * 400_000 for n in range(4)} | {"t/a.py": "a = 1\n"}
    path = tmp_path / f"t.{kind}"
    if kind == "zip":
        zipped(path, files)
    else:
        sdist(path, files, "")
    assert reasons(collected(path, licences=None)) == {f"t/t.{kind}": DropReason.UNREADABLE}


def test_a_header_that_asks_for_gigabytes_is_refused(tmp_path: Path) -> None:
    info = tarfile.TarInfo("t/a.py")
    info.type, info.size = tarfile.XHDTYPE, 7 << 30
    with gzip.open(tmp_path / "t.tar.gz", "wb") as stream:
        stream.write(info.tobuf(tarfile.USTAR_FORMAT) + b"\0" * 4096)
    items = collected(tmp_path / "t.tar.gz", licences=None)
    assert list(reasons(items).values()) == [DropReason.UNREADABLE]


@pytest.mark.parametrize("kind", ["tar.gz", "zip", "whl"])
def test_a_damaged_archive_is_counted(tmp_path: Path, kind: str) -> None:
    files = {f"t/{n}.py": f"x = {random.Random(n).random()}\n" for n in range(200)}
    path = tmp_path / f"t.{kind}"
    if kind == "tar.gz":
        sdist(path, files, "")
    else:
        zipped(path, files)
    path.write_bytes(path.read_bytes()[:-900])
    items = collected(path, licences=None)
    assert DropReason.UNREADABLE in reasons(items).values()
    path.write_bytes(b"nothing of the kind")
    assert list(reasons(collected(path)).values()) == [DropReason.UNREADABLE]


def test_an_encrypted_member_is_counted_and_the_others_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "t.zip", {"t/a.py": "a = 1\n", "t/b.py": "b = 1\n"})
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    path.write_bytes(data)
    items = collected(path, licences=None)
    assert texts(items) == {"t/b.py": "b = 1\n"}
    assert [item.subject for item in items if isinstance(item, Drop)] == ["t/t/a.py"]
