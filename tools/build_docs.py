"""Builds the docs site, strictly: a link or a name that leads nowhere ends it.

    ./bazelw run //tools:build_docs                 writes the folder site/
    ./bazelw run //tools:build_docs -- --out=DIR    writes another folder
    ./bazelw run //tools:build_docs -- --serve      serves it, and each change of docs/

The site needs no network, nor a server: open its index.html in a browser.
"""

import argparse
import os
import pathlib
import subprocess
import sys


def mkdocs(root: pathlib.Path, *words: str, **options) -> subprocess.CompletedProcess:
    """Runs mkdocs in a folder with an mkdocs.yml; `options` are `subprocess.run`'s."""
    env = os.environ | {
        "NO_MKDOCS_2_WARNING": "1",  # an opinion of the theme on another version
        "PYTHONPATH": os.pathsep.join([str(root), *sys.path]),
    }
    command = [sys.executable, "-m", "mkdocs", *words]
    return subprocess.run(command, cwd=root, env=env, **options)


def main() -> int:
    """Builds or serves it; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default="site", help="folder to write")
    parser.add_argument("--serve", action="store_true", help="serve it instead")
    args = parser.parse_args()
    here = pathlib.Path(__file__).parents[1]
    root = pathlib.Path(os.environ.get("BUILD_WORKSPACE_DIRECTORY", here))
    if args.serve:
        print("build_docs: http://127.0.0.1:8000 (Ctrl-C ends it)", file=sys.stderr)
        return mkdocs(root, "serve").returncode
    out = os.path.join(os.environ.get("BUILD_WORKING_DIRECTORY", ""), args.out)
    code = mkdocs(root, "build", f"--site-dir={os.path.abspath(out)}").returncode
    if code == 0:
        print(f"build_docs: open in a browser: {os.path.abspath(out)}/index.html")
    return code


if __name__ == "__main__":
    sys.exit(main())
