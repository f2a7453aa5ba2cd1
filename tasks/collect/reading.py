"""From listed sources to decoded text; what cannot become text is a drop with its reason.

Covered: PEP 263 declarations, byte order marks, all three newlines, files that vanished, changed,
grew or lost their permissions since they were listed. One bad file never raises.
"""

import codecs
import hashlib
import io
import tokenize
from collections.abc import Iterable, Iterator

from tasks.collect.corpora import Corpora
from tasks.collect.corpus import BadRowError, Corpus
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
    """Read and decode each source, or say why not. One source is in memory at a time."""
    for listing in listings:
        try:
            yield _source_of(listing, corpora.of(listing), config)
        except _UnusableError as error:
            yield Drop(
                step="collect", reason=error.reason, subject=listing.name, detail=error.detail
            )


def _source_of(listing: Listing, corpus: Corpus, config: CollectConfig) -> SourceFile:
    if listing.size > config.max_bytes:
        raise _UnusableError(DropReason.TOO_LARGE, f"{listing.size} bytes")
    data = _bytes_of(listing, corpus)
    if hashlib.sha256(data).hexdigest() != listing.sha256:
        raise _UnusableError(DropReason.CHANGED)
    text = _decoded(data, corpus.encoding)
    if not text.strip():
        raise _UnusableError(DropReason.EMPTY)
    return SourceFile(
        name=listing.name,
        path=listing.path,
        corpus=listing.corpus,
        text=text,
        licence=corpus.licence(listing),
        revision=corpus.revision(listing),
    )


def _bytes_of(listing: Listing, corpus: Corpus) -> bytes:
    try:
        return corpus.read(listing)
    except BadRowError as error:
        raise _UnusableError(DropReason.BAD_ROW, str(error)) from error
    except KeyError as error:
        raise _UnusableError(DropReason.CHANGED, "no longer there") from error
    except OSError as error:
        detail = error.strerror or str(error)
        raise _UnusableError(DropReason.UNREADABLE, detail) from error


def _decoded(data: bytes, encoding: str | None) -> str:
    """The text without byte order mark, with line feeds for newlines.

    `encoding` None means the one that the file declares.
    """
    if b"\0" in data:
        raise _UnusableError(DropReason.NOT_TEXT, "NUL bytes")
    try:
        if encoding is None:
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
