"""The shape of `--help`."""

from pipeline.console import cli, help_page


def test_the_page_has_groups_in_order_and_examples_last():
    flags = (
        cli.Flag(
            name="num", group="how", kind="whole", value="N", help="N.", default=7
        ),
        cli.Flag(name="rate", group="what", value="X", help=f"{'a' * 40} {'b' * 30}"),
    )
    page = help_page.text("demo", "shows.", flags, ["--num=4"], "demo.sh")
    assert page.split("\n") == [
        "demo: shows.",
        "",
        "what:",
        f"  --rate=X                 {'a' * 40}",
        f"                           {'b' * 30}",
        "",
        "how:",
        "  --num=N                  N. Default: 7.",
        "",
        "examples:",
        "  demo.sh --num=4",
    ]


def test_what_is_typed_before_the_flags(monkeypatch):
    assert help_page.typed("train", installed=True) == "ebm-tf-train"
    assert help_page.typed("train", False) == "./bazelw run //pipeline:train --"
    monkeypatch.setattr("sys.argv", ["/a/ebm-tf-train"])
    assert help_page.typed("train") == "ebm-tf-train"
    assert help_page.typed("sample") == "./bazelw run //pipeline:sample --"
