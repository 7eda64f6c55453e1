"""Log-likelihoods of MNIST's test images under densities that know little.

    PYTHONPATH=. python benchmarks/baselines_mnist.py --data_dir=DIR

DIR has the four published files. All but 5,000 of the training images fit, these 5,000
choose each density's smoothing, and the table has all 10,000 test images and the first
1,000 of them, which are easier. Differences are from the best, image by image, with
95 % intervals. Then the same for 1,000 images at random, with noise on them. Some two
minutes on two idle cores.
"""

import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np

from ebm_tf import box, rng
from ebm_tf.data import splits
from ebm_tf.data.sources import base
from ebm_tf.likelihood import baselines, blurred, comparison, pixels
from ebm_tf.likelihood.config import SIGMAS

_NUM_VALIDATION = 5000
_FIRST = 1000
_TITLES = {
    "two_levels": "independent pixels, black or not",
    "mixture_0.1": "the mixture with a floor that is not fitted",
    "mixture_0.002": "the mixture with a floor that is not fitted",
}


def read(data_dir: str, name: str, seed: int):
    """Returns the space, parts of dequantized training images, and other images."""
    source = base.load(name, data_dir, (), None)
    space = box.from_dict(source.space)
    train, held = splits.hold_out(source.splits["train"], _NUM_VALIDATION, seed)

    def parts(split, place):
        noise = rng.fold_in(rng.make_seed(seed), place)
        for number, (levels, labels) in enumerate(split.chunks()):
            yield space.decode(levels, rng.fold_in(noise, number)).numpy(), labels

    validation, test = (
        np.concatenate([x for x, _ in parts(split, place)])
        for place, split in ((1, held), (2, source.splits["test"]))
    )
    return space, parts(train, 0), validation, test


def black_or_not(statistics: baselines.Statistics, space, shape):
    """Returns the histogram of two bins: the lowest level, and all the others."""
    counts = np.repeat(
        (statistics.counts.sum(axis=1) - statistics.counts[:, 0])[:, np.newaxis],
        space.num_levels,
        axis=1,
    ) / (space.num_levels - 1.0)
    counts[:, 0] = statistics.counts[:, 0]
    return pixels.PixelHistogram(counts, 1e-3, space, shape)


def show(found, x: np.ndarray, space) -> None:
    """Prints a table of densities, the best first; `space` is None of noised images."""
    bits = " bits/dim |" if space else ""
    first = f" first {_FIRST:,}, nats |" if space else ""
    print(
        f"| density | smoothing | nats |{bits} from the first, paired |{first}\n"
        f"|---|---|---|---|{'---|---|' if space else ''}"
    )
    for row, one in zip(comparison.table(found, x, space), found, strict=True):
        value, gap = row["mean"], row["from_first"]
        cells = [row["title"], f"{one.smoothing:.3g}"]
        cells.append(value["text"])
        if space:
            cells.append(f"{value['bits']['value']:.3f}")
        cells.append(gap["text"] if gap else "")
        if space:
            easy = baselines.log_probs(one.density, x[:_FIRST]).mean()
            cells.append(f"{easy:,.1f}")
        print("| " + " | ".join(cells) + " |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data_dir", required=True)
    parser.add_argument("--dataset", default="mnist")
    parser.add_argument("--seed", type=int, default=0)
    flags = parser.parse_args()
    space, parts, validation, test = read(flags.data_dir, flags.dataset, flags.seed)
    shape, statistics = test.shape[1:], baselines.collect(parts, space)
    found = baselines.fit(statistics, validation, space)
    others = {"two_levels": (0.0, black_or_not(statistics, space, shape))} | {
        f"mixture_{floor}": (
            floor,
            baselines.make("mixture", statistics, floor, space, shape),
        )
        for floor in (0.1, 0.002)
    }
    extra = [
        baselines.Baseline(name, number, density, float("nan"))
        for name, (number, density) in others.items()
    ]
    baselines.TITLES.update(_TITLES)
    show([*found, *extra], test, space)
    prior = next(one.smoothing for one in found if one.name == "histogram")
    chosen = np.random.default_rng(flags.seed).permutation(len(test))[:_FIRST]
    for sigma in SIGMAS:
        seeds = rng.split(rng.make_seed(flags.seed + 1), 2)
        noised = [
            blurred.blur(x, sigma, seed)
            for x, seed in zip((validation[:_FIRST], test[chosen]), seeds, strict=True)
        ]
        limit = blurred.bound(test[0].size, sigma)
        print(f"\nnoise of {sigma}; no density exceeds {limit:,.0f} nats on average\n")
        ranked = blurred.fit(statistics, prior, noised[0], space, sigma)
        show(ranked, noised[1], None)


if __name__ == "__main__":
    main()
