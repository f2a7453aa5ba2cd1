"""The other modules of a project, found by the imports that name them.

Covered: relative imports, and absolute ones from any folder above the module that has them.
Not covered: modules outside the files that are read together, those under another licence (a
program has one), `__path__`, namespace packages.
"""

from collections.abc import Callable, Iterable, Iterator

from tasks.extract.module import Module
from tasks.records.sources import SourceFile

Read = Callable[[SourceFile], Module | None]


class Neighbours:
    """The modules of a project, each read when it is first asked for.

    Args:
        files: Of the project.
        read: Makes the table of a file; None where the running Python cannot parse it.
    """

    def __init__(self, files: Iterable[SourceFile], read: Read) -> None:
        self._files = {file.path: file for file in files}
        self._read = read
        self._modules: dict[str, Module | None] = {}
        self._replaced: list[Module] = []

    def settle(self, file: SourceFile, module: Module) -> None:
        """Make a table the one that stands for its file, and tell it where it is."""
        before = self._modules.get(file.path)
        if before is not None:
            self._replaced.append(before)  # others may have taken something from it
        self._modules[file.path] = module
        module.find = lambda name: self._named(name, file.path)

    def _named(self, name: str, importer: str) -> Module | None:
        licence = self._files[importer].licence
        for path in _paths(name, importer):
            file = self._files.get(path)
            if file is not None:
                return self._module(file) if file.licence == licence else None
        return None

    def _module(self, file: SourceFile) -> Module | None:
        if file.path not in self._modules:
            self._modules[file.path] = None  # while it is read: an import of itself finds nothing
            module = self._read(file)
            if module is not None:
                self.settle(file, module)
        return self._modules[file.path]

    def forget_all_but(self, number: int) -> None:
        """Let go of all tables but the last ones, which refer to themselves in circles."""
        while self._replaced:
            self._replaced.pop().forget()
        for path in list(self._modules)[: max(0, len(self._modules) - number)]:
            module = self._modules.pop(path)
            if module is not None:
                module.forget()


def _paths(name: str, importer: str) -> Iterator[str]:
    """Where a module may stand: `..a.b` from the folder of the importer, or `a.b` from above it."""
    inner = name.lstrip(".")
    level = len(name) - len(inner)
    folders = importer.split("/")[:-1]
    depths = [len(folders) - level + 1] if level else range(len(folders) + 1)
    for depth in depths:
        if depth < 0:
            continue
        parts = [*folders[:depth], *inner.split(".")] if inner else folders[:depth]
        if inner:
            yield "/".join(parts) + ".py"
        yield "/".join([*parts, "__init__.py"])
