"""Image files whose numbers have no stated range are refused by their type."""

import pathlib

import numpy as np
from PIL import Image

from benchmarks.bad_input import image_files
from benchmarks.bad_input.trial import Trial

_RAMP = np.arange(64, dtype=np.int64).reshape(8, 8)


def _tiff(dtype: str, sign: int, scale: float = 1.0, planes: int = 1):
    """Returns what writes a TIFF of one strip: any type, as its tags say."""

    def write(path: pathlib.Path) -> None:
        values = np.repeat((_RAMP * scale).astype(dtype)[..., None], planes, -1)
        content, bits = values.tobytes(), 8 * values.itemsize
        tags = {256: 8, 257: 8, 258: bits, 259: 1, 262: 1, 273: 8}
        tags |= {277: planes, 278: 8, 279: len(content), 339: sign}
        body = b"II*\0" + (8 + len(content)).to_bytes(4, "little") + content
        body += len(tags).to_bytes(2, "little")
        for tag, value in tags.items():
            body += tag.to_bytes(2, "little") + (4).to_bytes(2, "little")
            body += (1).to_bytes(4, "little") + value.to_bytes(4, "little")
        path.write_bytes(body + bytes(4))

    return write


def _floats(*values: float):
    """Returns what writes floats of 0.5 but for the first few."""

    def write(path: pathlib.Path) -> None:
        array = np.full([8, 8], 0.5, np.float32)
        array.flat[: len(values)] = values
        Image.fromarray(array).save(path)

    return write


def _content(content: bytes):
    return lambda path: path.write_bytes(content)


def _mode(mode: str):
    return lambda path: Image.new(mode, (8, 8)).save(path)


def _with(write, name: str):
    def setup(folder: pathlib.Path) -> None:
        image_files.classes(folder / "data", "cat", "dog")
        write(folder / "data" / "cat" / name)

    return setup


def _refused(what: str, name: str, write, *says: str) -> Trial:
    return Trial(
        name=what,
        command="ingest",
        args=image_files.ingest(),
        setup=_with(write, name),
        says=(f"1 that cannot: cat/{name}", *says),
    )


def _works(what: str, name: str, write, *settings: str) -> Trial:
    return Trial(
        name=f"works: {what}",
        command="ingest",
        args=image_files.ingest(*settings),
        setup=_with(write, name),
        exit_code=0,
        may_change=True,
    )


def _deep(dtype: str, scale: float = 1.0):
    array = (_RAMP * scale).astype(dtype)
    return lambda path: image_files.save(path, array)


_PFM = b"Pf\n8 8\n-1.0\n" + np.full(64, 255.0, "<f4").tobytes()
_FITS = b"".join(
    line.ljust(80)
    for line in (
        b"SIMPLE  =                    T",
        b"BITPIX  =                   16",
        b"NAXIS   =                    2",
        b"NAXIS1  =                    8",
        b"NAXIS2  =                    8",
        b"END",
    )
).ljust(2880) + bytes(2880)

TRIALS = (
    _refused("floats to 255", "x.tif", _floats(0.0, 255.0), "[0, 1], one is 255"),
    _refused("a float below 0", "x.tif", _floats(-0.25), "one is -0.25"),
    _refused("a float just above 1", "x.tif", _floats(1.001), "one is 1.001"),
    _refused("NaN", "x.tif", _floats(np.nan), "one is nan"),
    _refused("infinity", "x.tif", _floats(np.inf), "one is inf"),
    _refused("floats of 64 bits", "x.tif", _tiff("<f8", 3)),
    _refused("floats of a PFM to 255", "x.pfm", _content(_PFM), "one is 255"),
    _refused("32 bits, no sign", "x.tif", _tiff("<u4", 1), "32 bits, mode I of TIFF"),
    _refused("32 bits, a sign", "x.tif", _tiff("<i4", 2), "a sign, mode I of TIFF"),
    _refused("16 bits, a sign", "x.tif", _tiff("<i2", 2), "a sign"),
    _refused("8 bits, a sign", "x.tif", _tiff("i1", 2), "a sign, mode L of TIFF"),
    _refused("16 bits of FITS", "x.fits", _content(_FITS), "of FITS"),
    _refused("LAB", "x.tif", _mode("LAB"), "mode LAB of TIFF"),
    _refused("complex numbers", "x.tif", _tiff("<c8", 6)),
    _refused("two planes", "x.tif", _tiff("<u2", 1, planes=2)),
    _refused("nothing", "x.png", _content(b"")),
    _refused("text", "x.jpg", _content(b"no image")),
    _refused("a page of PostScript", "x.png", _content(b"%!PS-Adobe-3.0 EPSF-3.0\n")),
    _refused("a header alone", "x.png", _content(b"\x89PNG\r\n\x1a\n")),
    _refused("netpbm of no size", "x.pgm", _content(b"P5\n0 0\n255\n")),
    _refused(
        "more pixels than Pillow takes", "x.pgm", _content(b"P5\n90000 90000\n255\n")
    ),
    _works("floats within [0, 1]", "x.tif", _floats(0.0, 1.0)),
    _works("16 bits that are dark", "x.png", _deep("u2", 3)),
    _works("16 bits", "x.tif", _tiff("<u2", 1, 1000)),
    _works("1 bit", "x.png", _mode("1")),
    _works("CMYK", "x.jpg", _mode("CMYK")),
    _works("a palette", "x.gif", _mode("P")),
    _works("transparent", "x.png", _mode("LA")),
    _works("NaN left out", "x.tif", _floats(np.nan), "images.corrupt=skip"),
)
