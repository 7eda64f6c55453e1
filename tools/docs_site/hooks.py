"""What mkdocs calls while it builds the docs site."""

import pathlib

from mkdocs.structure.files import File

from tools.docs_site import pages

# By this name the plugin `offline` knows that no other is to be fetched.
_WORKER = "iframe-worker.js"


def on_config(config):
    """Makes the menu."""
    index = pathlib.Path(config.docs_dir, "README.md").read_text()
    api = pages.api_pages(_root(config))
    config.nav = [
        {"Home": "README.md"},
        *pages.menu(index),
        {"API": [{pathlib.Path(page).stem: page} for page in api]},
        {"Changes": "CHANGELOG.md"},
    ]
    return config


def on_files(files, config):
    """Adds the pages that are not in docs/."""
    root = _root(config)
    changes = (root / "CHANGELOG.md").read_text().replace("](docs/", "](")
    worker = (pathlib.Path(__file__).parent / _WORKER).read_text()
    made = {"CHANGELOG.md": changes, _WORKER: worker} | pages.api_pages(root)
    for path, text in made.items():
        files.append(File.generated(config, path, content=text))
    return files


def on_page_markdown(markdown, **_):
    """Leads links to what a page of the site shows there."""
    return markdown.replace("](../../CHANGELOG.md)", "](../CHANGELOG.md)")


def _root(config) -> pathlib.Path:
    return pathlib.Path(config.config_file_path).parent
