"""The docs site builds strictly, needs no network, and its links lead somewhere."""

import html.parser
import json
import pathlib
import urllib.parse

import pytest

from tools import build_docs
from tools.docs_site import pages

ROOT = pathlib.Path(__file__).absolute().parents[1]
# What a browser fetches by itself: a tag, and its attribute with an address.
FETCHED = {"img": "src", "script": "src", "link": "href", "iframe": "src"}


def built(root, out):
    """Returns exit code and messages of a build of the site."""
    words = "build", f"--site-dir={out}"
    process = build_docs.mkdocs(root, *words, capture_output=True, text=True)
    return process.returncode, process.stdout + process.stderr


class Page(html.parser.HTMLParser):
    """A page of the site.

    Attributes:
        ids: Its anchors.
        links: Addresses that its links lead to.
        fetched: Addresses that a browser fetches to show it.
    """

    def __init__(self, path):
        super().__init__()
        self.ids, self.links, self.fetched = set(), set(), set()
        self.feed(path.read_text())

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.ids |= {found[name] for name in ("id", "name") if found.get(name)}
        if tag == "a" and found.get("href"):
            self.links.add(found["href"])
        address = found.get(FETCHED.get(tag, ""))
        if address and found.get("rel") not in ("canonical", "prev", "next"):
            self.fetched.add(address)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("built") / "site"
    code, said = built(ROOT, out)
    assert code == 0 and "WARNING" not in said, said
    return out


@pytest.fixture(scope="module")
def shown(site):
    return {path: Page(path) for path in site.rglob("*.html")}


def test_every_page_of_docs_and_every_package_is_there(site):
    for path in (ROOT / "docs").rglob("*.md"):
        name = path.relative_to(ROOT / "docs").with_suffix(".html")
        assert (site / str(name).replace("README", "index")).is_file(), name
    assert len(list((site / "api").glob("*.html"))) == len(pages.packages(ROOT)) > 10


def test_the_api_says_what_docstrings_say(site):
    text = (site / "api" / "sampling.html").read_text()
    for anchor in ("langevin.langevin_step", "hmc.hmc_step", "driver.run_chain"):
        assert f'id="ebm_tf.sampling.{anchor}"' in text
    assert "Differentiable energy" in text and "_require" not in text


def test_nothing_is_fetched_from_a_network(site, shown):
    outside = {
        (path.name, address)
        for path, page in shown.items()
        for address in page.fetched
        if urllib.parse.urlsplit(address).scheme not in ("", "data")
    }
    assert outside == set()
    assert all(page.fetched for page in shown.values())
    for path in (*site.rglob("*.css"), *site.glob("*.js")):
        assert "url(http" not in path.read_text() and "//unpkg" not in path.read_text()


def test_links_lead_to_a_page_and_an_anchor(site, shown):
    wrong, count = [], 0
    for path, page in shown.items():
        if path.name == "404.html":  # its links are those of a server's root
            continue
        for link in page.links | page.fetched:
            parts = urllib.parse.urlsplit(link)
            if parts.scheme:
                continue
            count += 1
            target = (path.parent / urllib.parse.unquote(parts.path)).resolve()
            target = path if not parts.path else target
            target = target / "index.html" if target.is_dir() else target
            there = target.is_file()
            if there and parts.fragment and target in shown:
                ids = shown[target].ids
                there = urllib.parse.unquote(parts.fragment) in {*ids, "__skip"}
            wrong += [] if there else [(path.name, link)]
    assert wrong == [] and count > 1000


def test_a_notebook_is_a_page_with_what_it_shows(site):
    text = (site / "notebooks" / "reading_a_likelihood.html").read_text()
    assert "log Z = -26.72 nats" in text
    assert 'href="../guide/likelihood.html"' in text
    index = (site / "index.html").read_text()
    assert 'href="notebooks/digits_in_five_minutes.html"' in index
    assert (site / "notebooks" / "digits_in_five_minutes_0.png").is_file()


def test_search_knows_guide_and_api_without_a_server(site):
    text = (site / "search" / "search_index.js").read_text()
    index = json.loads(text.removeprefix("var __index = "))
    places = {entry["location"] for entry in index["docs"]}
    assert "guide/data.html" in places
    assert "api/sampling.html#ebm_tf.sampling.langevin.langevin_step" in places
    assert 'src="iframe-worker.js"' in (site / "index.html").read_text()


def test_formulas_are_mathml(site):
    assert "<math xmlns=" in (site / "guide" / "likelihood.html").read_text()


def test_what_leads_nowhere_ends_the_build(tmp_path):
    for name in ("mkdocs.yml", "tools", "ebm_tf/__init__.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "CHANGELOG.md").write_text("# Changes\n")
    (tmp_path / "docs").mkdir()
    text = "# Title\n\n[a](guide/none.md)\n\n[b](#none)\n\n[c][ebm_tf.none]\n"
    (tmp_path / "docs" / "README.md").write_text(text)
    code, said = built(tmp_path, tmp_path / "site")
    assert code == 1 and "Aborted with 3 warnings" in said, said
    assert "contains a link 'guide/none.md', but the target is not found" in said
    assert "contains a link '#none', but there is no such anchor" in said
    assert "Could not find cross-reference target 'ebm_tf.none'" in said
