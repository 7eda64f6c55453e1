"""The menu and the API pages of the docs site, from small texts and folders."""

import base64

import nbformat

from tools.docs_site import formulas, notebook_pages, pages

INDEX = """# Docs

## Guide: what to do

| page | task |
| --- | --- |
| [First steps](guide/first.md) | begin, [later](guide/later.md) too |
| [A notebook](notebooks/one.ipynb) | look |

## Results

| page |
| --- |
| [Speed](results/speed.md) |
"""


def test_the_menu_is_the_index():
    assert pages.menu(INDEX) == [
        {
            "Guide": [
                {"First steps": "guide/first.md"},
                {"A notebook": "notebooks/one.md"},
            ]
        },
        {"Results": [{"Speed": "results/speed.md"}]},
    ]


def test_a_package_is_a_page_with_all_of_its_modules(tmp_path):
    for name in ("a", "part/__init__", "part/b", "part/inner/__init__", "part/inner/c"):
        path = tmp_path / "ebm_tf" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert pages.packages(tmp_path) == {
        "ebm_tf": ["ebm_tf.a"],
        "ebm_tf.part": ["ebm_tf.part.b", "ebm_tf.part.inner", "ebm_tf.part.inner.c"],
    }
    found = pages.api_pages(tmp_path)
    assert list(found) == ["api/ebm_tf.md", "api/part.md"]
    assert found["api/part.md"].startswith("# ebm_tf.part\n\n::: ebm_tf.part\n")
    assert "\n::: ebm_tf.part.inner.c\n" in found["api/part.md"]


def test_a_formula_is_mathml():
    text = formulas.fence(r"\log Z = -\beta E", "math", "math", {}, None)
    assert "<math xmlns=" in text and "<mi>Z</mi>" in text


def test_a_notebook_is_a_page_with_its_pictures(tmp_path):
    png = {"image/png": base64.b64encode(b"png").decode(), "text/plain": "<Figure>"}
    outputs = [
        nbformat.v4.new_output("stream", name="stdout", text="3\n"),
        nbformat.v4.new_output("display_data", data=png),
        nbformat.v4.new_output("execute_result", data={"text/plain": "'x'"}),
    ]
    cells = [
        nbformat.v4.new_markdown_cell("# Title"),
        nbformat.v4.new_code_cell("print(3)", outputs=outputs),
    ]
    path = tmp_path / "one.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    text, pictures = notebook_pages.page(path)
    assert pictures == {"one_0.png": b"png"}
    assert text == (
        "# Title\n\n```python\nprint(3)\n```\n\n```text\n3\n```\n\n"
        "![What the cell draws](one_0.png)\n\n```text\n'x'\n```\n"
    )
