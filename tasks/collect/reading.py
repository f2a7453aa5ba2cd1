"""From listed sources to decoded text; what cannot become text is a drop with its reason.

Covered: PEP 263 declarations, byte order marks, all three newlines, files that vanished, changed,
grew or lost their permissions since they were listed. One bad file never raises.
"""

import codecs
import io
import tokenize
from collections.abc import Iterable, Iterator
from itertools import groupby

from tasks.collect.ahead import ahead
from tasks.collect.corpora import Corpora
from tasks.collect.corpus import BadRowError, ChangedError, Corpus
from tasks.collect.spdx import is_allowed
from tasks.records.configs import CollectConfig
from tasks.records.drops import Drop, DropReason
from tasks.records.sources import Listing, SourceFile


class _UnusableError(Exception):
    """Why a source is dropped."""

    def __init__(self, reason: DropReason, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


def collect(
    listings: Iterable[Listing], corpora: Corpora, config: CollectConfig
) -> Iterator[SourceFile | Drop]:
    """Read and decode each source, or say why not, in the order in which they are listed.

    One source is in memory at a time, or as many as its corpus is worth reading at once.

    Raises:
        StoreError: The network failed; it is worth trying again.
    """

    def item_of(listing: Listing) -> SourceFile | Drop:
        try:
            return _source_of(listing, corpora.of(listing), config)
        except _UnusableError as error:
            return Drop(
                step="collect", reason=error.reason, subject=listing.name, detail=error.detail
            )

    for threads, some in groupby(listings, lambda one: corpora.of(one).at_once(one)):
        yield from ahead(item_of, some, threads)


def _source_of(listing: Listing, corpus: Corpus, config: CollectConfig) -> SourceFile:
    _check_fit(listing, corpus, config)
    data = _bytes_of(listing, corpus)
    if len(data) > config.max_bytes:
        raise _UnusableError(DropReason.TOO_LARGE, "more than was listed")
    text = _decoded(data, listing.encoding)
    if not text.strip():
        raise _UnusableError(DropReason.EMPTY)
    return SourceFile(
        name=listing.name,
        path=listing.path,
        corpus=listing.corpus,
        text=text,
        licence=listing.licence,
        revision=listing.revision,
    )


def _check_fit(listing: Listing, corpus: Corpus, config: CollectConfig) -> None:
    """Raises _UnusableError for what its listing already rules out, before anything is read."""
    if listing.unfit is not None:
        raise _UnusableError(listing.unfit)
    if listing.size > config.max_bytes:
        raise _UnusableError(DropReason.TOO_LARGE, f"{listing.size} bytes")
    if config.licences is None or corpus.vouched:
        return
    if not is_allowed(listing.licence, config.licences):
        raise _UnusableError(DropReason.LICENCE, listing.licence or "not known")


def _bytes_of(listing: Listing, corpus: Corpus) -> bytes:
    try:
        return corpus.read(listing)
    except BadRowError as error:
        raise _UnusableError(DropReason.BAD_ROW, str(error)) from error
    except ChangedError as error:
        raise _UnusableError(DropReason.CHANGED) from error
    except OSError as error:
        detail = error.strerror or str(error)
        raise _UnusableError(DropReason.UNREADABLE, detail) from error


def _decoded(data: bytes, encoding: str) -> str:
    """The text without byte order mark, with line feeds for newlines.

    An empty `encoding` means the one that the file declares.
    """
    if b"\0" in data:
        raise _UnusableError(DropReason.NOT_TEXT, "NUL bytes")
    try:
        if not encoding:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
    except (SyntaxError, LookupError, UnicodeError) as error:
        raise _UnusableError(DropReason.NOT_TEXT, _why(error)) from error
    except Exception as error:
        # A declared codec need not be a text codec ("# coding: zip"), and fails as it likes.
        raise _UnusableError(DropReason.NOT_TEXT, f"not text in {encoding}") from error
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _why(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"not {codecs.lookup(error.encoding).name} at byte {error.start}"
    return str(error)
