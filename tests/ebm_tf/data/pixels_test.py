"""What a pixel of each mode and depth becomes, against values known beforehand."""

import numpy as np
import pytest
from PIL import Image

from ebm_tf.data import pixels
from ebm_tf.data.config import ImagesConfig

COLOUR = ImagesConfig(size=16, channels=3, corrupt="fail", test_share=0.2)
GRAY = ImagesConfig(size=4, channels=1, corrupt="fail", test_share=0.2)
ALL = np.arange(16, dtype=np.int64).reshape(4, 4) * 4369  # 0 to 65535: 17 levels each
UPPER = np.arange(16).reshape(4, 4) * 17


def levels(path, config=GRAY):
    return pixels.read(str(path), config).levels[..., 0]


def save(path, array, **options):
    Image.fromarray(array).save(path, **options)
    return str(path)


def write_netpbm(path, kind, most, values):
    header = f"{kind}\n{values.shape[1]} {values.shape[0]}\n{most}\n".encode()
    path.write_bytes(header + values.astype(">u2" if most > 255 else "u1").tobytes())
    return path


def write_tiff(path, values, bits=16, sign=1):
    """A TIFF of one strip, little-endian: the same tags for every depth."""
    content = values.tobytes()
    rows, columns = values.shape
    tags = {256: columns, 257: rows, 258: bits, 259: 1, 262: 1, 273: 8}
    tags |= {277: 1, 278: rows, 279: len(content), 339: sign}
    body = b"II*\0" + (8 + len(content)).to_bytes(4, "little") + content
    body += len(tags).to_bytes(2, "little")
    for tag, value in tags.items():
        body += tag.to_bytes(2, "little") + (4).to_bytes(2, "little")
        body += (1).to_bytes(4, "little") + value.to_bytes(4, "little")
    path.write_bytes(body + bytes(4))
    return path


@pytest.mark.parametrize("dark", [1, 16, 256])
def test_sixteen_bits_do_not_depend_on_the_image(tmp_path, dark):
    values = (ALL // dark).astype(np.uint16)
    want = values // 256
    for name in ("a.png", "a.tif", "a.jp2"):
        np.testing.assert_array_equal(levels(save(tmp_path / name, values)), want)
    path = write_netpbm(tmp_path / "a.pgm", "P5", 65535, values)
    np.testing.assert_array_equal(levels(path), want)
    big = Image.frombytes("I;16B", (4, 4), values.astype(">u2").tobytes())
    big.save(tmp_path / "b.tif")
    np.testing.assert_array_equal(levels(tmp_path / "b.tif"), want)


def test_eight_bits_written_as_sixteen_are_the_same_levels(tmp_path):
    path = save(tmp_path / "a.png", (UPPER * 257).astype(np.uint16))
    np.testing.assert_array_equal(levels(path), UPPER)
    path = write_netpbm(tmp_path / "a.pgm", "P5", 15, np.arange(16).reshape(4, 4))
    np.testing.assert_array_equal(levels(path), UPPER)


@pytest.mark.parametrize("name", ["a.tif", "a.pfm"])
def test_floats_are_levels_of_equal_width(tmp_path, name):
    for scale in (255, 256):
        path = save(tmp_path / name, (UPPER / scale).astype(np.float32))
        np.testing.assert_array_equal(levels(path), UPPER)
    path = save(tmp_path / name, np.full([4, 4], 1.0, np.float32))
    assert (levels(path) == 255).all()


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -0.5, 1.5, 255.0])
def test_other_floats_are_refused(tmp_path, wrong):
    values = np.full([4, 4], 0.5, np.float32)
    values[2, 1] = wrong
    path = save(tmp_path / "a.tif", values)
    with pytest.raises(pixels.UnstatedPixels, match=rf"one is {wrong:g}"):
        levels(path)


@pytest.mark.parametrize(
    "dtype, bits, sign, text",
    [
        ("<i4", 32, 2, "whole numbers with a sign, mode I of TIFF"),
        ("<u4", 32, 1, "whole numbers of 32 bits, mode I of TIFF"),
        ("<i2", 16, 2, "whole numbers with a sign, mode I"),
        ("i1", 8, 2, "whole numbers with a sign, mode L of TIFF"),
    ],
)
def test_whole_numbers_of_no_known_range_are_refused(tmp_path, dtype, bits, sign, text):
    path = write_tiff(tmp_path / "a.tif", UPPER.astype(dtype), bits, sign)
    with pytest.raises(pixels.UnstatedPixels, match=text):
        levels(path)


def test_a_mode_without_a_rule_is_refused(tmp_path):
    Image.new("LAB", (4, 4)).save(tmp_path / "a.tif")
    with pytest.raises(pixels.UnstatedPixels, match="mode LAB of TIFF"):
        levels(tmp_path / "a.tif")


def test_too_many_pixels_are_refused(tmp_path, monkeypatch):
    path = save(tmp_path / "a.png", np.zeros([8, 8], np.uint8))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 63)
    told = pytest.raises(pixels.UnstatedPixels, match="more than 63 pixels")
    with pytest.warns(Image.DecompressionBombWarning), told:
        levels(path)


def test_plain_modes_and_what_is_transparent(tmp_path):
    gray = UPPER.astype(np.uint8)
    np.testing.assert_array_equal(levels(save(tmp_path / "a.png", gray)), gray)
    image = Image.fromarray(gray)
    for mode in ("P", "RGB", "RGBA", "LA"):
        image.convert(mode).save(tmp_path / "b.png")
        np.testing.assert_array_equal(levels(tmp_path / "b.png"), gray)
    image.save(tmp_path / "c.png", transparency=17)
    assert levels(tmp_path / "c.png").ravel().tolist() == [0, 255, *range(34, 256, 17)]
    deep = Image.fromarray(ALL.astype(np.uint16))
    deep.save(tmp_path / "d.png", transparency=4369)
    assert levels(tmp_path / "d.png").ravel().tolist() == [0, 255, *range(34, 256, 17)]
    Image.fromarray(gray > 100).save(tmp_path / "e.png")
    np.testing.assert_array_equal(levels(tmp_path / "e.png"), 255 * (gray > 100))
    Image.new("CMYK", (4, 4), (0, 255, 255, 0)).save(tmp_path / "f.tif")
    image = pixels.read(str(tmp_path / "f.tif"), COLOUR).levels
    assert image[8, 8].tolist() == [255, 0, 0]


def test_an_image_of_the_size_keeps_its_pixels(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, [16, 16, 3]).astype(np.uint8)
    found = pixels.read(save(tmp_path / "a.png", noise), COLOUR)
    np.testing.assert_array_equal(found.levels, noise)
    assert found.size == (16, 16)


def test_files_that_need_another_program_are_not_opened(tmp_path):
    assert not {".eps", ".ps", ".mpg", ".h5", ".wmf"} & pixels.endings()
    assert {".pgm", ".pbm", ".jfif", ".jp2", ".avif", ".png"} <= pixels.endings()
    (tmp_path / "a.png").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 4 4\n")
    with pytest.raises(OSError, match="cannot identify"):
        levels(tmp_path / "a.png")


def test_the_middle_is_cut_out_of_the_longer_side(tmp_path):
    wide = np.zeros([16, 48, 3], np.uint8)
    wide[:, 16:32] = 200
    found = pixels.read(save(tmp_path / "a.png", wide), COLOUR)
    np.testing.assert_array_equal(found.levels, 200)


def test_exif_turns(tmp_path):
    turned = np.zeros([16, 16, 3], np.uint8)
    turned[:, 8:] = 255
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    path = save(tmp_path / "a.png", turned, exif=exif)
    assert pixels.read(path, COLOUR).levels[8, 2, 0] == 255
