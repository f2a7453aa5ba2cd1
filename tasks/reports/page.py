"""A page that stands alone: one HTML file without a network, light and dark, fit for a phone.

Promised: every text that is passed in shows as text, whatever is in it (jinja2 escapes it); the
page's own policy (CSP) lets it load nothing from anywhere; the same arguments give the same bytes.
Not covered: SVG passed to `figures`, which is taken for markup: pass what `tasks.reports.plots`
draws.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template


@dataclass(frozen=True)
class Fact:
    """One figure at the head of a page."""

    value: str
    label: str
    note: str = ""


@dataclass(frozen=True)
class Section:
    """One part of a page, with an entry in its contents."""

    title: str
    body: str
    """What the functions of `tasks.reports.parts` return; plain text is escaped."""
    lead: str = ""
    """A sentence or two before the body."""

    @property
    def anchor(self) -> str:
        """Where a link to it points."""
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")


def page(  # noqa: PLR0913 - the parts of a page
    title: str,
    sections: Sequence[Section],
    *,
    kicker: str = "Case2Code",
    lead: str = "",
    facts: Sequence[Fact] = (),
    footer: str = "",
) -> str:
    """The whole HTML text.

    Args:
        title: Of the page and of the browser's tab.
        sections: In the order in which they stand.
        kicker: A few words above the title: what kind of page this is.
        lead: The one paragraph that someone reads who reads no more.
        facts: The figures that matter, best four to six.
        footer: Where it comes from.
    """
    return template("page.html.j2").render(
        title=title, sections=sections, kicker=kicker, lead=lead, facts=facts, footer=footer
    )


def macro(name: str, *values: Any) -> str:
    """What a macro of `parts.html.j2` makes of the values: text that is not escaped again."""
    made: str = getattr(template("parts.html.j2").module, name)(*values)
    return made


@cache
def template(name: str) -> Template:
    """A template of this package."""
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("tasks.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["thousands"] = thousands
    return environment


def thousands(number: float) -> str:
    """For example 12,345 or 0.71."""
    return f"{number:,}" if isinstance(number, int) else f"{number:,.2f}".rstrip("0").rstrip(".")
