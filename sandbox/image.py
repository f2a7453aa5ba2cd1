"""The jail's file system: an empty root with one Python in it, kept in a cache, by content.

Covered: two processes may build at once (each under a name of its own, then one rename); the
image is readable by everyone, since root's jails run as another user; a cache that others could
write to is refused. Not covered: someone who can already write as the owner of the cache.
"""

import compileall
import hashlib
import importlib.util
import json
import marshal
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import SandboxUnavailableError
from sandbox.interpreter import Interpreter, describe_interpreter

LAYOUT = 1
"""Raise it when what goes into an image changes, so that old ones are not taken."""

# What no program under test needs: tests, graphics, installers and build files; 170 of 210 MB.
_LEFT_OUT = (
    "test",
    "tests",
    "idlelib",
    "idle_test",
    "tkinter",
    "turtledemo",
    "turtle.py",
    "ensurepip",
    "venv",
    "lib2to3",
    "distutils",
    "pydoc_data",
    "site-packages",
    "dist-packages",
    "config-*",
    "*.a",
    "*.opt-1.pyc",
    "*.opt-2.pyc",
    "_tkinter*.so",
    "_test*.so",
    "xxlimited*.so",
)
_ALL_MAY_READ = 0o005
_LDD_LINE = re.compile(r"^\s*(?:\S+ => )?(/\S+) \(0x[0-9a-f]+\)$", re.MULTILINE)
_APP_SOURCES = (
    "injail/zygote.py",
    "injail/child.py",
    "injail/clock.py",
    "injail/tracing.py",
    "values.py",
)


@dataclass(frozen=True, slots=True)
class Image:
    """The folders that a jail is made of."""

    root: Path
    """Becomes `/`."""
    app: Path
    """Becomes `/app`: the in-jail code, compiled."""
    digest: str
    """Of all of it: the files, the in-jail code and the Python version."""


def default_cache_dir() -> Path:
    """Where images are kept: for root a place that others can read, else the user's own cache."""
    if os.geteuid() == 0:
        return Path("/var/cache/python-sandbox")
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path("~/.cache").expanduser()) / "python-sandbox"


def prepare_image(cache_dir: Path | None = None, python: Path | None = None) -> Image:
    """The image for a Python, built where the cache does not hold it yet.

    Raises:
        SandboxUnavailableError: It cannot be built, or the cache is no safe place.
    """
    cache = cache_dir or default_cache_dir()
    try:
        _open_cache(cache)
        root, root_digest, version = _root(cache, python)
        app, app_digest = _app(cache)
    except OSError as error:
        raise SandboxUnavailableError(
            f"the jail's image cannot be built in {cache}: {error}; "
            "free space there or pass another cache_dir"
        ) from error
    digest = hashlib.sha256(f"{LAYOUT}\n{version}\n{root_digest}\n{app_digest}".encode())
    return Image(root, app, digest.hexdigest())


def _open_cache(cache: Path) -> None:
    cache.mkdir(parents=True, exist_ok=True, mode=0o755)
    status = cache.stat()
    if status.st_uid != os.geteuid() or status.st_mode & 0o022:
        raise SandboxUnavailableError(
            f"{cache} belongs to another user or can be written by others: "
            "remove it or pass another cache_dir"
        )
    if os.geteuid() == 0 and status.st_mode & _ALL_MAY_READ != _ALL_MAY_READ:
        cache.chmod(0o755)  # the umask may have taken what the jail's user needs


def _root(cache: Path, python: Path | None) -> tuple[Path, str, str]:
    """Folder, content digest and Python version of the root, built at need."""
    note = cache / f"python-{_python_key(python)}.json"
    try:
        known = json.loads(note.read_bytes())
        interpreter_key, digest, version = known["key"], known["digest"], known["version"]
        root = cache / f"root-{digest[:32]}"
        if interpreter_key == _files_key(known["files"]) and root.is_dir():
            return root, digest, version
    except (FileNotFoundError, ValueError, KeyError):
        pass
    interpreter = describe_interpreter(python)
    root, digest = _build_root(cache, interpreter)
    files = [
        str(interpreter.executable),
        str(interpreter.stdlib),
        str(interpreter.stdlib / "os.py"),
    ]
    known = {"key": _files_key(files), "files": files, "digest": digest}
    _write(note, json.dumps(known | {"version": interpreter.version}))
    return root, digest, interpreter.version


def _python_key(python: Path | None) -> str:
    """Names the question, not the answer: which Python was asked for, by which Python."""
    asked = (LAYOUT, str(python or ""), _running())
    return hashlib.sha256(repr(asked).encode()).hexdigest()[:32]


def _running() -> str:
    return f"{sys.executable} {sys.version}"


def _files_key(files: list[str]) -> str:
    """Changes when a Python is replaced by another in the same place."""
    stats = [Path(name).stat() for name in files]
    known = [
        (name, stat.st_size, stat.st_mtime_ns) for name, stat in zip(files, stats, strict=True)
    ]
    return hashlib.sha256(repr(known).encode()).hexdigest()


def _build_root(cache: Path, interpreter: Interpreter) -> tuple[Path, str]:
    temporary = Path(tempfile.mkdtemp(prefix="building-", dir=cache))
    try:
        _fill_root(temporary, interpreter)
        digest = _digest(temporary)
        root = cache / f"root-{digest[:32]}"
        _publish(temporary, root)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return root, digest


def _fill_root(root: Path, interpreter: Interpreter) -> None:
    for empty in ("dev", "proc", "tmp", "app"):
        (root / empty).mkdir()
    (root / "py/bin").mkdir(parents=True)
    shutil.copy2(interpreter.executable, root / "py/bin/python3")
    library = root / "py" / interpreter.platlibdir / interpreter.folder
    ignore = shutil.ignore_patterns(*_LEFT_OUT)
    shutil.copytree(interpreter.stdlib, library, ignore=ignore)
    dynload = library / "lib-dynload"
    if interpreter.dynload is not None and not dynload.exists():
        shutil.copytree(interpreter.dynload, dynload, ignore=ignore)
    compileall.compile_dir(library, quiet=2)
    _copy_libraries(root, interpreter.executable, dynload)
    _let_everyone_read(root)


def _copy_libraries(root: Path, executable: Path, dynload: Path) -> None:
    """The shared libraries flat in /py/lib, the dynamic loader where the binary asks for it."""
    binaries = [executable, *sorted(dynload.glob("*.so"))]
    answer = subprocess.run(["ldd", *map(str, binaries)], capture_output=True, check=False)  # noqa: S603, S607 - ldd of our own Python
    libraries = sorted({Path(line) for line in _LDD_LINE.findall(answer.stdout.decode())})
    if not libraries:
        raise SandboxUnavailableError("ldd names no libraries of Python: install libc-bin")
    (root / "py/lib").mkdir(exist_ok=True)
    for library in libraries:
        is_loader = library.name.startswith(("ld-linux", "ld-musl", "ld64"))
        target = root / str(library).lstrip("/") if is_loader else root / "py/lib" / library.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(library, target)


def _let_everyone_read(root: Path) -> None:
    root.chmod(0o755)
    for path in root.rglob("*"):
        if not path.is_symlink():
            executable = path.is_dir() or os.access(path, os.X_OK) or path.suffix == ".so"
            path.chmod(0o755 if executable else 0o644)


def _digest(root: Path) -> str:
    """Of names and contents; byte code is left out, since it holds times."""
    total = hashlib.sha256()
    for path in sorted(_files(root)):
        name = path.relative_to(root).as_posix()
        total.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def _files(root: Path) -> Iterator[Path]:
    return (path for path in root.rglob("*") if path.is_file() and path.suffix != ".pyc")


def _app(cache: Path) -> tuple[Path, str]:
    """The in-jail code as byte code, which starts 5 ms sooner than source."""
    here = Path(__file__).parent
    sources = {Path(name).stem: (here / name).read_bytes() for name in _APP_SOURCES}
    digest = hashlib.sha256(repr((_running(), sorted(sources.items()))).encode()).hexdigest()
    app = cache / f"app-{digest[:32]}"
    if not app.is_dir():
        temporary = Path(tempfile.mkdtemp(prefix="building-", dir=cache))
        try:
            for name, source in sources.items():
                _compile(source, name, temporary / f"{name}.pyc")
            _let_everyone_read(temporary)
            _publish(temporary, app)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    content = hashlib.sha256(repr(sorted(sources.items())).encode()).hexdigest()
    return app, content


def _compile(source: bytes, name: str, target: Path) -> None:
    code = compile(source, f"/app/{name}.py", "exec", dont_inherit=True)
    # Flag 1: not checked against a source, which the jail does not have.
    header = importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8)
    target.write_bytes(header + marshal.dumps(code))


def _publish(temporary: Path, final: Path) -> None:
    try:
        temporary.rename(final)
    except OSError:
        if not final.is_dir():  # else another process was quicker, with the same content
            raise


def _write(path: Path, text: str) -> None:
    descriptor, temporary = tempfile.mkstemp(prefix="building-", dir=path.parent)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    Path(temporary).replace(path)
