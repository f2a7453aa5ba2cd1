"""Listing and reading a corpus in a test."""

from typing import Any

from tasks.collect.access import Access
from tasks.collect.corpora import open_corpora
from tasks.collect.reading import collect
from tasks.records.configs import CollectConfig
from tasks.records.drops import Drop, DropReason
from tasks.records.sources import Listing, SourceFile

MIT = """MIT License

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction. The above copyright notice and this
permission notice shall be included in all copies of the Software.
"""


def listed(spec: Any, access: Access | None = None) -> list[Listing]:
    return list(open_corpora([str(spec)], access).list())


def collected(spec: Any, access: Access | None = None, **config: Any) -> list[SourceFile | Drop]:
    """Listed, then read by corpora that are opened anew, as another process does it."""
    listings = listed(spec, access)
    return list(collect(listings, open_corpora([str(spec)], access), CollectConfig(**config)))


def texts(items: list[SourceFile | Drop]) -> dict[str, str]:
    return {item.path: item.text for item in items if isinstance(item, SourceFile)}


def reasons(items: list[SourceFile | Drop]) -> dict[str, DropReason]:
    return {item.subject: item.reason for item in items if isinstance(item, Drop)}
