"""A folder of images: any size and mode in, one size out; what is refused."""

import dataclasses
import logging
import os
import pathlib

import numpy as np
import pytest
from PIL import Image

from ebm_tf.data.config import ImagesConfig
from ebm_tf.data.sources import base
from tests import miniature

COLOUR = ImagesConfig(size=16, channels=3, corrupt="fail", test_share=0.2)
GRAY = ImagesConfig(size=8, channels=1, corrupt="skip", test_share=0.2)


def load(path, config=COLOUR):
    return base.load("folder", str(path), (), config)


def joined(split):
    images, labels = zip(*split.chunks(), strict=True)
    return np.concatenate(images), np.concatenate(labels)


@pytest.mark.parametrize("config, channels", [(COLOUR, 3), (GRAY, 1)])
def test_mixed_sizes_and_modes_become_alike(tmp_path, config, channels):
    source = load(miniature.write_folder(tmp_path), config)
    modes = {Image.open(path).mode for path in tmp_path.rglob("*.*")}
    assert len(modes) == 8
    assert source.class_names == ("class_0", "class_1", "class_2")
    assert source.shape == (config.size, config.size, channels)
    labels = []
    for name, num in (("train", 24), ("test", 6)):
        images, some = joined(source.splits[name])
        assert images.shape == (num, *source.shape) and images.dtype == np.uint8
        assert all(image.std() > 5 for image in images)  # pictures, not one colour
        labels.extend(some)
    assert sorted(labels) == sorted(miniature.textures(30)[1] % 3)


def test_which_images_are_the_test_set_depends_on_names_alone(tmp_path):
    first = load(miniature.write_folder(tmp_path / "a"))
    again = load(miniature.write_folder(tmp_path / "b"))
    for name in ("train", "test"):
        one, two = joined(first.splits[name]), joined(again.splits[name])
        np.testing.assert_array_equal(one[0], two[0])
    assert first.origin.replace("/a ", "/b ") == again.origin


def test_folders_train_and_test_are_taken_as_they_are(tmp_path):
    miniature.write_folder(tmp_path / "train", 30)
    miniature.write_folder(tmp_path / "test", 9)
    source = load(tmp_path)
    assert {k: v.num_examples for k, v in source.splits.items()} == {
        "train": 30,
        "test": 9,
    }
    (tmp_path / "test" / "class_9").mkdir()
    with pytest.raises(
        ValueError, match="have the classes of train. Received: class_9"
    ):
        load(tmp_path)


def save(path, image):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(path)
    return str(path)


def spoil(tmp_path, num=3):
    miniature.write_folder(tmp_path)
    paths = sorted(tmp_path.rglob("*.*"))[:num]
    for path in paths:
        path.write_bytes(path.read_bytes()[:40])
    return [os.path.relpath(path, tmp_path) for path in paths]


def test_corrupt_images_are_named_and_counted(tmp_path):
    names = spoil(tmp_path)
    with pytest.raises(ValueError) as caught:
        load(tmp_path)
    assert str(caught.value) == (
        f"`{tmp_path}` must hold images that can be read (images.corrupt=skip leaves "
        f"others out). Received: 3 that cannot: {', '.join(names)}"
    )


def test_corrupt_images_are_left_out_where_that_is_asked_for(tmp_path, caplog):
    names = spoil(tmp_path)
    with caplog.at_level(logging.WARNING):
        source = load(tmp_path, GRAY)
    assert sum(split.num_examples for split in source.splits.values()) == 27
    assert "3 that cannot be read left out" in source.origin
    assert f"left out 3 that cannot be read: {names[0]}" in caplog.text


def test_only_some_of_many_corrupt_images_are_named(tmp_path):
    names = spoil(tmp_path, 12)
    with pytest.raises(ValueError, match="12 that cannot: .* and 2 more") as caught:
        load(tmp_path)
    assert names[9] in str(caught.value) and names[10] not in str(caught.value)


def test_a_class_with_one_image_is_said(tmp_path, caplog):
    miniature.write_folder(tmp_path)
    save(tmp_path / "rare" / "zzz.png", np.full([16, 16, 3], 9, np.uint8))
    with caplog.at_level(logging.WARNING):
        source = load(tmp_path)
    assert source.num_classes == 4
    counts = sum(np.bincount(joined(s)[1], minlength=4) for s in source.splits.values())
    assert counts[3] == 1
    one = joined(source.splits["train"])[1].tolist().count(3) == 1
    assert one == ("class rare has one training image" in caplog.text)


def test_a_class_without_images_and_images_without_a_class_are_said(tmp_path, caplog):
    miniature.write_folder(tmp_path)
    (tmp_path / "nothing").mkdir()
    save(tmp_path / "stray.png", np.zeros([16, 16, 3], np.uint8))
    with caplog.at_level(logging.WARNING):
        source = load(tmp_path)
    assert source.class_names[3] == "nothing"
    assert sum(split.num_examples for split in source.splits.values()) == 30
    assert "class nothing has no training image" in caplog.text
    assert "left out 1 in the folder of no class: stray.png" in caplog.text


@pytest.mark.parametrize(
    "names, text",
    [
        ([], "must hold a folder for each class. Received: no folder"),
        (["a/notes.txt"], r"must hold an image \(.png.*\) in the folder of a class"),
        (["notes.png"], "must hold a folder for each class"),
    ],
)
def test_empty_folders(tmp_path, names, text):
    for name in names:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("nothing")
    with pytest.raises(ValueError, match=text):
        load(tmp_path)


def test_one_image_cannot_be_train_and_test(tmp_path):
    save(tmp_path / "a" / "1.png", np.zeros([16, 16, 3], np.uint8))
    with pytest.raises(ValueError, match="of at least two images"):
        load(tmp_path)


@pytest.mark.parametrize("what", ["image", "folder", "class"])
def test_links_out_of_the_folder_are_refused(tmp_path, what):
    outside = pathlib.Path(miniature.write_folder(tmp_path / "outside"))
    inside = pathlib.Path(miniature.write_folder(tmp_path / "inside"))
    link, target = {
        "image": (inside / "class_0" / "x.png", next(outside.rglob("*.png"))),
        "folder": (inside / "class_0" / "more", outside / "class_1"),
        "class": (inside / "class_7", outside / "class_1"),
    }[what]
    link.symlink_to(target)
    with pytest.raises(
        ValueError, match="must stay within .*inside. Received: .*outside"
    ):
        load(inside)


def test_the_folder_itself_may_be_a_link(tmp_path):
    miniature.write_folder(tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert load(tmp_path / "link").splits["train"].num_examples == 24


@pytest.mark.parametrize(
    "changes, text",
    [
        ({"size": 0}, "`size` must be at least 1"),
        ({"channels": 2}, "`channels` must be one of 1, 3"),
        ({"corrupt": "ignore"}, "`corrupt` must be one of fail, skip"),
        ({"test_share": 1.0}, "`test_share` must be below 1"),
        ({"size": ()}, "`size` must be a whole number, or two: height and width"),
        ({"size": (8, 8, 8)}, "`size` must be a whole number, or two"),
        ({"size": (8, 1025)}, "`size` must be at most 1024"),
        ({"layout": "split"}, r"`layout` must be one of .*did you mean splits\?"),
    ],
)
def test_wrong_settings_are_refused(changes, text):
    fields = {"size": 16, "channels": 3, "corrupt": "fail", "test_share": 0.2}
    with pytest.raises(ValueError, match=text):
        ImagesConfig(**fields | changes)


def test_a_folder_must_be_named_and_a_size_given(tmp_path):
    with pytest.raises(ValueError, match="give --data_dir: --dataset=folder"):
        base.load("folder", None, (), COLOUR)
    with pytest.raises(ValueError, match="`images` must be given: images of folder"):
        base.load("folder", str(tmp_path))
    with pytest.raises(ValueError, match="`images` must be null for mnist"):
        base.load("mnist", str(tmp_path), (), COLOUR)


def test_hidden_files_and_those_of_other_programs_are_not_read(tmp_path, caplog):
    miniature.write_folder(tmp_path)
    picture = np.full([16, 16, 3], 7, np.uint8)
    hidden = (".ipynb_checkpoints/a.png", "__MACOSX/a.png", "class_0/._1.png")
    deep = ("class_0/.cache/a.png", "class_1/__MACOSX/a.png", "class_1/@eaDir/a.png")
    for name in (*hidden, *deep):
        save(tmp_path / name, picture)
    (tmp_path / ".DS_Store").write_text("x")
    with caplog.at_level(logging.WARNING):
        source = load(tmp_path)
    assert source.class_names == ("class_0", "class_1", "class_2")
    assert sum(split.num_examples for split in source.splits.values()) == 30
    assert "left out" not in caplog.text


def test_every_ending_is_read_and_other_files_are_counted(tmp_path, caplog):
    names = ["a.pgm", "b.PBM", "c.jfif", "d.jp2", "e.avif", "f.tga", "g.qoi", "h.webp"]
    for number, name in enumerate(names):
        image = np.full([16, 16], 20 * number, np.uint8)
        path = tmp_path / "one" / name
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(image).convert("RGB" if number > 2 else "L").save(path)
    for name in ("notes.txt", "movie.mpg", "figure.eps"):
        (tmp_path / "one" / name).write_text("no image")
    with caplog.at_level(logging.WARNING):
        source = load(tmp_path)
    assert sum(split.num_examples for split in source.splits.values()) == len(names)
    told = "left out 3 files that are no images by their names: one/figure.eps, "
    assert told + "one/movie.mpg, one/notes.txt" in caplog.text


def test_images_that_are_not_square_are_kept(tmp_path, caplog):
    wide = np.arange(24 * 40 * 3).reshape(24, 40, 3).astype(np.uint8)
    tall = np.zeros([40, 24, 3], np.uint8)
    save(tmp_path / "train" / "a" / "1.png", wide)
    save(tmp_path / "train" / "a" / "2.png", tall)
    save(tmp_path / "test" / "a" / "1.png", wide[::-1])
    config = dataclasses.replace(COLOUR, size=(24, 40))
    with caplog.at_level(logging.WARNING):
        source = load(tmp_path, config)
    assert source.shape == (24, 40, 3)
    np.testing.assert_array_equal(joined(source.splits["train"])[0][0], wide)
    assert "1 of 2 images are cut to the middle, to be 24x40" in caplog.text


def test_images_of_the_same_pixels_stay_in_one_part(tmp_path):
    for number in range(30):
        image = np.full([16, 16, 3], number % 10, np.uint8)
        save(tmp_path / "a" / f"{number}.{('png', 'bmp', 'tif')[number // 10]}", image)
    parts = load(tmp_path).splits
    levels = {name: set(joined(part)[0][:, 0, 0, 0]) for name, part in parts.items()}
    assert levels["train"] & levels["test"] == set()
    assert parts["test"].num_examples == 6


def test_images_all_the_same_cannot_be_divided(tmp_path):
    for number in range(4):
        save(tmp_path / "a" / f"{number}.png", np.zeros([16, 16, 3], np.uint8))
    with pytest.raises(ValueError, match="two images that differ. Received: .*4 that"):
        load(tmp_path)


def test_images_of_a_type_without_a_rule_are_named_with_it(tmp_path):
    miniature.write_folder(tmp_path)
    values = np.full([16, 16], 2.0, np.float32)
    Image.fromarray(values).save(tmp_path / "class_0" / "x.tif")
    with pytest.raises(ValueError) as caught:
        load(tmp_path)
    told = "1 that cannot: class_0/x.tif (floats must lie within [0, 1], one is 2)"
    assert str(caught.value).endswith(told)


def test_a_pipe_is_refused_and_not_opened(tmp_path):
    miniature.write_folder(tmp_path)
    os.mkfifo(tmp_path / "class_0" / "x.png")
    with pytest.raises(ValueError, match="x.png` must be a regular file"):
        load(tmp_path)


def test_a_link_to_a_folder_inside_is_not_followed_and_said(tmp_path, caplog):
    miniature.write_folder(tmp_path)
    (tmp_path / "class_0" / "more").symlink_to(tmp_path / "class_1")
    with caplog.at_level(logging.WARNING):
        source = load(tmp_path)
    assert sum(split.num_examples for split in source.splits.values()) == 30
    assert "left out 1 folders that are links: class_0/more" in caplog.text
