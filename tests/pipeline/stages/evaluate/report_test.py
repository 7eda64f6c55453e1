"""The report: whole in one file, every number from its source, every figure made
again by the command under it."""

import base64
import html.parser
import io
import json
import os
import re

import numpy as np
import pytest
from PIL import Image

from pipeline.stages.evaluate import evaluate, report
from tests import small_run

_VOID = {"img", "meta", "link", "br"}


class _Page(html.parser.HTMLParser):
    """Tags that are open, pictures, and the text under each heading."""

    def __init__(self, text):
        super().__init__()
        self.open, self.attributes, self.words = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.attributes.append((tag, dict(attributes)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words += data.split()

    @property
    def text(self):
        return " ".join(self.words)


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "conditional"])
def run(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    paths = small_run.make(folder, request.param)
    out = str(folder / "evaluation")
    evaluate.run(
        **paths, out=out, config=small_run.evaluate_config(), seed=0, strategy="one"
    )
    text = (folder / "evaluation" / "report.html").read_text(encoding="utf-8")
    metrics = json.loads((folder / "evaluation" / "metrics.json").read_text())
    return {"text": text, "metrics": metrics, "conditional": request.param}


def test_it_is_well_formed_and_fetches_nothing(run):
    page = _Page(run["text"])
    assert page.open == []
    assert len(run["text"].encode()) < 10**7
    for tag, attributes in page.attributes:
        assert tag not in ("script", "iframe", "object")
        for name in ("src", "href"):
            assert attributes.get(name, "data:").startswith("data:")
    assert not re.search(r"https?:|@import|url\(", run["text"])


def test_it_is_for_phones_and_for_the_dark(run):
    assert 'name="viewport" content="width=device-width' in run["text"]
    assert "prefers-color-scheme: dark" in run["text"]


def test_every_picture_is_inside_and_has_words_and_its_command(run):
    page = _Page(run["text"])
    pictures = [attributes for tag, attributes in page.attributes if tag == "img"]
    assert len(pictures) == 6
    for picture in pictures:
        kind, _, content = picture["src"].partition(",")
        assert kind == "data:image/png;base64" and len(picture["alt"]) > 10
        Image.open(io.BytesIO(base64.b64decode(content))).verify()
    figures = re.findall(r"<figure.*?</figure>", run["text"], re.DOTALL)
    assert len(figures) == 6
    for figure in figures:
        assert re.search(r"<code>./bazelw run //pipeline:(sample|evaluate) -- ", figure)


def test_it_says_every_number_that_counts(run):
    text, metrics = _Page(run["text"]).text, run["metrics"]
    for moments in metrics["energies"]["sets"].values():
        assert report.number(moments["mean"]) in text
        assert report.number(moments["relative_mean"], signed=True) in text
    for values in metrics["neighbours"]["sets"].values():
        assert report.number(values["median"]) in text
    for values in metrics["classifier"]["sets"].values():
        assert report.percent(values["confident_share"]) in text
        for share in values["class_shares"]:
            assert report.percent(share) in text
    assert "judged by 18 samples" in text and "after 5 updates" in text
    assert "train: 90, validation: 12, test: 30." in text
    assert ("of the asked class" in text) == run["conditional"]


def test_what_others_wrote_is_text_not_markup(run):
    assert "Drawn &lt;here&gt; for a test." in run["text"]


@pytest.mark.parametrize(
    "value, options, text",
    [
        (0.0123456, {}, "0.01235"),
        (-1.5, {}, "\N{MINUS SIGN}1.5"),
        (2.0, {"signed": True}, "+2"),
        (0.0, {"signed": True}, "0"),
        (1.25e-7, {"digits": 2}, "1.2\N{MULTIPLICATION SIGN}10⁻⁷"),
        (3.2e12, {}, "3.200\N{MULTIPLICATION SIGN}10¹²"),
        (None, {}, "\N{EN DASH}"),
    ],
)
def test_numbers(value, options, text):
    assert report.number(value, **options) == text


def test_shares_and_counts():
    assert report.percent(0.98765) == "98.8 %"
    assert report.percent(None) == "\N{EN DASH}"
    assert report.count(1234567) == "1,234,567"


@pytest.mark.parametrize(
    "seconds, text",
    [(9.7, "9 s"), (125, "2 min 5 s"), (25 * 3600 + 1800, "25 h 30 min")],
)
def test_durations(seconds, text):
    assert report.duration(seconds) == text


def test_a_picture_too_large_is_made_smaller():
    noise = np.random.default_rng(0).integers(0, 256, [900, 800, 3], dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, format="PNG")
    assert len(file.getvalue()) > 2 * 10**6
    content = base64.b64decode(report.data_uri(file.getvalue()).partition(",")[2])
    assert len(content) <= 10**6
    assert Image.open(io.BytesIO(content)).size == (400, 450)


def test_a_picture_small_enough_stays_as_it_is():
    file = io.BytesIO()
    Image.new("L", (5, 5)).save(file, format="PNG")
    content = base64.b64decode(report.data_uri(file.getvalue()).partition(",")[2])
    assert content == file.getvalue()


def test_a_run_of_many_large_pictures_stays_small(tmp_path):
    examples = small_run.make_examples(tmp_path)
    model = small_run.make_model(tmp_path, examples, conditional=False)
    images, _ = small_run.pictures(500, 1)
    samples = small_run.make_samples(tmp_path, model, images)
    out = str(tmp_path / "evaluation")
    config = small_run.evaluate_config("neighbours")
    evaluate.run(model, samples, examples, out, config, seed=0, strategy="one")
    assert os.path.getsize(os.path.join(out, "report.html")) < 10**7
