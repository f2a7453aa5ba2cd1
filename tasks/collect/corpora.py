"""The corpora of a run: found by what the user names, listed and read as one."""

from collections.abc import Iterator, Mapping, Sequence

from tasks.collect.access import Access
from tasks.collect.corpus import Corpus
from tasks.collect.opening import KINDS, open_corpus, split_label
from tasks.errors import ConfigError, CorpusError
from tasks.records.sources import Listing


class Corpora:
    """Several corpora as one. Reads nothing until asked to."""

    def __init__(self, corpora: Mapping[str, Corpus]) -> None:
        """Takes the corpora by label."""
        self._corpora = corpora

    def list(self) -> Iterator[Listing]:
        """Every source of every corpus, corpus by corpus, in the order that each of them has.

        Raises:
            CorpusError: A corpus holds no Python code, or cannot be read at all.
        """
        for label, corpus in self._corpora.items():
            empty = True
            for listing in corpus.list():
                empty = False
                yield listing
            if empty:
                raise CorpusError(f"The corpus {label!r} holds no Python code: name {KINDS}.")

    def of(self, listing: Listing) -> Corpus:
        """The corpus that a source belongs to.

        Raises:
            CorpusError: No corpus of that label is open.
        """
        try:
            return self._corpora[listing.corpus]
        except KeyError:
            raise CorpusError(
                f"{listing.name} belongs to the corpus {listing.corpus!r}, which is not open:"
                " give the same corpora as when they were listed."
            ) from None


def open_corpora(specs: Sequence[str], access: Access | None = None) -> Corpora:
    """Open each corpus that `specs` names (see `opening`); the contents are read later.

    Raises:
        ConfigError: Nothing is named, or two corpora have the same label.
        CorpusError: A place does not exist or may not be read.
    """
    if not specs:
        raise ConfigError(f"No corpus is named: use {KINDS}.")
    corpora: dict[str, Corpus] = {}
    for spec in specs:
        corpus = open_corpus(spec, access or Access())
        if corpus.label in corpora:
            raise ConfigError(
                f"Two corpora are called {corpus.label!r}: name one of them, as in"
                f" NAME={split_label(spec)[1]}."
            )
        corpora[corpus.label] = corpus
    return Corpora(corpora)
