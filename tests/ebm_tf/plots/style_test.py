"""One look, and nothing left behind by it."""

import io

import matplotlib
from PIL import Image

from ebm_tf.plots import style


def test_the_style_lasts_for_the_drawing_alone():
    def look():
        return {name: matplotlib.rcParams[name] for name in style._STYLE}

    before = look()
    with style.drawing(4, 3) as figure:
        assert matplotlib.rcParams["axes.edgecolor"] == style.INK
        figure.add_subplot().plot([0, 1])
    assert look() == before


def test_a_figure_is_saved_at_its_size_and_the_same_each_time():
    def saved():
        with style.drawing(4, 3) as figure:
            figure.add_subplot().plot([0, 1])
        file = io.BytesIO()
        style.save(figure, file)
        return file

    assert saved().getvalue() == saved().getvalue()
    with Image.open(saved()) as picture:
        assert picture.size == (640, 480)


def test_sets_keep_their_color_and_others_get_spare_ones():
    assert style.color("train") == style.COLORS["train"]
    spare = [style.color(name, i) for i, name in enumerate("abcd")]
    assert len(set(spare) | set(style.COLORS.values())) == 4 + len(style.COLORS)
