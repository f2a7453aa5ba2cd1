"""The pages for people: every folder has one, and what they link to is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("flows", "tasks", "sandbox", "deployments", "deployments/studies", "infra", "tests")
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#([^)\s]+))?\)")


def pages() -> list[str]:
    """The Markdown files of the project."""
    found = [*ROOT.glob("*.md")]
    for name in FOLDERS:
        found += (ROOT / name).rglob("*.md")
    return sorted({str(path.relative_to(ROOT)) for path in found})


def test_every_folder_has_its_page() -> None:
    steps = [path.parent for path in (ROOT / "tasks").glob("*/step.py")]
    folders = [*(ROOT / name for name in FOLDERS), *steps]
    assert [str(folder) for folder in folders if not (folder / "README.md").is_file()] == []


@pytest.mark.parametrize("page", pages())
def test_what_a_page_links_to_is_there(page: str) -> None:
    path = ROOT / page
    text = path.read_text(encoding="utf-8")
    missing = []
    for place, heading in LINK.findall(text):
        target = path.parent / place
        if not target.exists() or (heading and heading not in anchors(target)):
            missing.append(f"{place}#{heading}")
    assert missing == []


def anchors(path: Path) -> set[str]:
    """The headings of a page as they are linked to."""
    page = path / "README.md" if path.is_dir() else path
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}
