"""Makes a moving picture, of a bounded size, of the chains that `sample` has drawn.

    ./bazelw run //pipeline:sample -- --out=runs/mnist_score --num=32 --replace \\
        --set=sample.num_strips=32 --set=sample.strip_frames=40
    ./bazelw run //tools:moving_picture -- \\
        --samples=runs/mnist_score/samples --out=docs/images/chains.gif
"""

import argparse
import os
import pathlib
import tempfile

import numpy as np

from ebm_tf import checks
from ebm_tf.plots import grid

_SECONDS = 4.0
_GRAYS = 8  # more are hardly better to see, and cost bytes


def write(trace: np.ndarray, path: str, columns: int, max_bytes: int) -> int:
    """Writes chains side by side as a GIF, and returns its size in bytes.

    Args:
        trace: What `strip.npy` of samples holds, uint8 `[T, B, H, W, C]`.
        path: The file, replaced if there.
        columns: Chains in a row.
        max_bytes: How large it may be.

    Raises:
        ValueError: If it would be larger, or these are no chains of images; nothing
            is written then.
    """
    holds = trace.ndim == 5 and trace.dtype == np.uint8
    checks.require(holds, "trace", "uint8 [T, B, H, W, C]", trace.shape)
    width = 256 // _GRAYS
    coarse = trace // width * (255 // (_GRAYS - 1))
    frames = [grid.tile(images, columns, scale=2) for images in coarse]
    with tempfile.TemporaryDirectory(dir=os.path.dirname(path) or ".") as folder:
        made = os.path.join(folder, "made.gif")
        grid.write_gif(made, frames, _SECONDS)
        size = os.path.getsize(made)
        rule = f"{size} or more for these chains; give fewer of them, or fewer times"
        checks.require(size <= max_bytes, "max_bytes", rule, max_bytes)
        os.replace(made, path)
    return size


def main() -> None:
    """Writes what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", required=True, help="folder with strip.npy")
    parser.add_argument("--out", required=True, help="the .gif file to write")
    parser.add_argument("--columns", type=int, default=8, help="chains in a row")
    parser.add_argument("--max_bytes", type=int, default=600_000)
    args = parser.parse_args()
    here = pathlib.Path(os.environ.get("BUILD_WORKING_DIRECTORY", ""))
    trace = np.load(here / args.samples / "strip.npy")
    path = str(here / args.out)
    size = write(trace, path, args.columns, args.max_bytes)
    print(f"moving_picture: wrote {path}, {size:,} bytes")


if __name__ == "__main__":
    main()
