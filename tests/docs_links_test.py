"""Every relative link of the documentation leads to a file and a heading."""

import os
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).absolute().parents[1]
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
)
_LINK = re.compile(r"\]\(([^()\s]+)\)")
_HEADING = re.compile(r"^#{1,6} +(.+?)\s*$", re.MULTILINE)


def _without_code(text: str) -> str:
    """Returns Markdown without its blocks of code."""
    return re.sub(r"^```.*?^```$|^    .*?$", "", text, flags=re.MULTILINE | re.DOTALL)


def _anchors(text: str) -> set[str]:
    """Returns the anchors of a page's headings, made as GitHub makes them."""
    anchors: set[str] = set()
    for heading in _HEADING.findall(_without_code(text)):
        words = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        number, anchor = 0, slug
        while anchor in anchors:
            number += 1
            anchor = f"{slug}-{number}"
        anchors.add(anchor)
    return anchors


def _links(text: str) -> list[str]:
    """Returns the links of a page that do not leave the repository."""
    text = re.sub(r"`[^`\n]*`", "", _without_code(text))
    return [link for link in _LINK.findall(text) if "://" not in link]


def _problem(page: pathlib.Path, link: str) -> str:
    """Returns what is wrong with a link of a page, or ""."""
    name, _, anchor = link.partition("#")
    target = page.parent / name if name else page
    if not target.exists():
        return f"there is no {name}"
    if anchor and anchor not in _anchors(target.read_text()):
        return f"{target.name} has no heading #{anchor}"
    return ""


def test_the_pages_are_there():
    assert {"README.md", "docs/README.md", "docs/reference/settings.md"} <= set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name):
    page = ROOT / name
    problems = {link: _problem(page, link) for link in _links(page.read_text())}
    assert {link: text for link, text in problems.items() if text} == {}


def test_every_page_is_reached_from_the_readme():
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        for link in _links(page.read_text()):
            target = page.parent / link.partition("#")[0]
            target = pathlib.Path(os.path.normpath(target))
            if target.suffix == ".md" and target not in reached:
                waiting.append(target)
    assert [name for name in PAGES if ROOT / name not in reached] == []


def test_a_wrong_link_is_found(tmp_path):
    page, other = tmp_path / "page.md", tmp_path / "other.md"
    other.write_text("# One\n\n## Two `words`: here\n\n## One\n\n    # no heading\n")
    text = "[a](other.md#two-words-here) ![b](no.png) `[c](no)` [d](https://e.org/x)"
    page.write_text(f"# Page\n\n{text}\n\n```\n[f](no)\n```\n")
    assert _links(page.read_text()) == ["other.md#two-words-here", "no.png"]
    assert _problem(page, "other.md#two-words-here") == ""
    assert _problem(page, "other.md#one-1") == ""
    assert _problem(page, "#page") == ""
    assert _problem(page, "no.png") == "there is no no.png"
    assert (
        _problem(page, "other.md#no-heading") == "other.md has no heading #no-heading"
    )
