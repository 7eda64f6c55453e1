"""What mkdocs calls while it builds the docs site."""

import pathlib
import re

from mkdocs.structure.files import File

from tools.docs_site import notebook_pages, pages

# By this name the plugin `offline` knows that no other is to be fetched.
_WORKER = "iframe-worker.js"
_NOTEBOOK = re.compile(r"\]\(([\w./]+)\.ipynb\)")


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
    for notebook in pathlib.Path(config.docs_dir).glob("notebooks/*.ipynb"):
        text, pictures = notebook_pages.page(notebook)
        made |= {f"notebooks/{notebook.stem}.md": text}
        made |= {f"notebooks/{name}": png for name, png in pictures.items()}
    for path, text in made.items():
        files.append(File.generated(config, path, content=text))
    return files


def on_page_markdown(markdown, **_):
    """Leads links to what a page of the site shows there."""
    markdown = markdown.replace("](../../CHANGELOG.md)", "](../CHANGELOG.md)")
    return _NOTEBOOK.sub(r"](\1.md)", markdown)


def _root(config) -> pathlib.Path:
    return pathlib.Path(config.config_file_path).parent
