"""What a residual energy says of all test images, from both sides, beside its base.

    PYTHONPATH=. python benchmarks/residual_likelihood.py --run=DIR

DIR is a run folder with `examples` and `model`, such as `//pipeline:all` makes with
`--preset=mnist_residual`. Forward chains (AIS, resampled) run in `num_replicates`
independent runs with pilots of their own, reverse chains (RAISE) from every test image
in `num_reverse` of them, with one dequantization seed. Told are the model's
log-likelihood in the forms of `ebm_tf.likelihood.replicates`, that of its base p0 and
of the simple densities of `ebm_tf.likelihood.baselines`, fitted to the same training
images, and the paired gains: image by image, with 95 % intervals.
"""

import argparse
import json
import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
import tqdm

from ebm_tf import rng
from ebm_tf.data.shards import Examples
from ebm_tf.energy.build import build_energy, load_energy
from ebm_tf.likelihood import baselines, replicates, reported
from ebm_tf.likelihood.bounds import Bounds, bounds
from ebm_tf.likelihood.config import LikelihoodConfig
from ebm_tf.model_likelihood.likelihood_run import LikelihoodRun, Row
from ebm_tf.training import distribution
from ebm_tf.training.checkpoint import read_energy
from pipeline.settings import typed_presets

_CHUNK = 5000


def read(run: str, split: str, num: int | None, place: int):
    """Yields dequantized examples of a split and their classes, chunk by chunk."""
    examples = Examples(os.path.join(run, "examples", split))
    num = min(num or examples.num_examples, examples.num_examples)
    for first in range(0, num, _CHUNK):
        stored, labels = examples.gather(np.arange(first, min(first + _CHUNK, num)))
        seed = rng.fold_in(rng.fold_in(rng.make_seed(0), place), first)
        yield examples.space.decode(stored, seed).numpy(), labels


def images(run: str, split: str, num: int | None, place: int) -> np.ndarray:
    """Returns dequantized examples of a split, `[num, ...]`."""
    return np.concatenate([x for x, _ in read(run, split, num, place)])


def load(args):
    """Returns the model, or what a checkpoint of its training holds: last weights."""
    if args.checkpoint is None:
        return load_energy(os.path.join(args.run, "model", "model.keras"))
    examples = Examples(os.path.join(args.run, "examples", "test"))
    network = typed_presets.network("mnist_residual")
    energy = build_energy(network, examples.shape, 0, examples.space)
    read_energy(energy, args.checkpoint)
    return energy


def fit_baselines(run: str, space, x: np.ndarray) -> dict[str, np.ndarray]:
    """Returns the log densities of `x` under simple densities, best first."""
    statistics = baselines.collect(read(run, "train", None, 0), space)
    fitted = baselines.fit(statistics, images(run, "validation", None, 1), space)
    return {one.name: baselines.log_probs(one.density, x) for one in fitted}


def tell(found: Bounds, x: np.ndarray) -> dict:
    """Returns both sides, nats and bits per dimension, as they may be said."""
    sides = {"ais": found.ais, "raise": found.raise_, "others": found.others}
    return {
        name: reported.to_dict(side, x[0].size, 1.0 / 256.0)
        for name, side in sides.items()
    } | {"gap": found.gap and reported.to_dict(found.gap)}


def mean(values: np.ndarray) -> str:
    """Returns the mean of an exact density over images of this kind."""
    return reported.text(replicates.mean_over_images(values[np.newaxis]))


def gains(found: Bounds, log_probs: np.ndarray) -> dict[str, str]:
    """Returns how much likelier the model is than a density, from both sides."""
    mean = float(log_probs.mean())
    ais = found.ais._replace(value=found.ais.value - mean, point=found.ais.point - mean)
    return {"ais": reported.text(ais), "raise": raise_gain(found.densities, log_probs)}


def raise_gain(densities: np.ndarray, log_probs: np.ndarray) -> str:
    """Returns RAISE's side of `gains`, from the densities of each run and image."""
    return reported.text(replicates.mean_over_images(densities - log_probs))


def measure(energy, x, config: LikelihoodConfig, args) -> Bounds:
    """Runs chains from both sides; returns what they say of the images `x`."""
    [num_temperatures] = config.num_temperatures
    row = Row(num_temperatures, config.num_leapfrog, "base", True)
    with tqdm.tqdm(unit="temperature", dynamic_ncols=True) as bar:
        chains = LikelihoodRun(
            [energy],
            energy.space,
            config,
            seed=rng.make_seed(args.seed),
            strategy=distribution.make_strategy("one"),
            jit=False,
            parts={},
            report=bar.update,
        )
        forward, weights = [], []
        for replicate in range(config.num_replicates):
            ways = chains.annealers(energy.base, 1.0, row, replicate)
            forward.append(chains.forward(ways, row, replicate))
            found = forward[-1][0]
            log_z = float(np.logaddexp.reduce(found.log_weights))
            tqdm.tqdm.write(
                f"run {replicate}: log Z {log_z - np.log(len(found.log_weights)):.2f}"
                f", acceptance {found.accept_prob.mean():.2f}"
            )
            if replicate < args.num_reverse:
                weights.append(chains.reverse(ways, row, replicate, "test", x))
        energies = chains.energies(x)
    return bounds(
        energies,
        forward,
        np.stack(weights),
        resampled=config.resample,
        num_tried=config.num_tried,
    )


def settings(args) -> LikelihoodConfig:
    """Returns the preset's settings, with what the flags say."""
    return typed_presets.likelihood(
        "mnist_residual",
        num_temperatures=[args.num_temperatures],
        num_leapfrog=args.num_leapfrog,
        num_chains=args.num_chains,
        num_replicates=args.num_replicates,
        num_images=args.num_images or 10**6,
        resample=not args.no_resampling,
        chains_per_batch=args.chains_per_batch,
        num_tried=args.num_tried,
    )


def compare(args, energy, x: np.ndarray) -> None:
    """Prints the gains of an earlier run over each density, by RAISE alone."""
    with np.load(args.densities) as file:
        found = file["densities"]
    densities = {"p0": baselines.log_probs(energy.base, x)}
    densities |= fit_baselines(args.run, energy.space, x)
    for name, log_probs in densities.items():
        share = np.mean(found.mean(axis=0) > log_probs)
        print(
            f"{name}: {mean(log_probs)}; gain {raise_gain(found, log_probs)}, "
            f"likelier {share:.2%}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--run", required=True, help="run folder")
    parser.add_argument("--checkpoint", help="one of the model's, in its place")
    parser.add_argument("--out", help="JSON file; image by image .npz beside it")
    parser.add_argument(
        "--densities", help=".npz of an earlier run: only compare it with densities"
    )
    parser.add_argument("--num_images", type=int, help="test images; all")
    parser.add_argument("--num_temperatures", type=int, default=100)
    parser.add_argument("--num_leapfrog", type=int, default=3)
    parser.add_argument("--num_chains", type=int, default=500)
    parser.add_argument("--num_replicates", type=int, default=10)
    parser.add_argument("--num_reverse", type=int, default=1)
    parser.add_argument("--chains_per_batch", type=int, default=500)
    parser.add_argument("--num_tried", type=int, default=1)
    parser.add_argument("--no_resampling", action="store_true")
    parser.add_argument("--no_baselines", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    energy = load(args)
    x = images(args.run, "test", args.num_images, 2)
    if args.densities:
        compare(args, energy, x)
        return
    begin = time.process_time()
    found = measure(energy, x, settings(args), args)
    seconds = time.process_time() - begin
    if args.out:
        arrays = {"densities": found.densities}
        np.savez(args.out.removesuffix(".json"), **arrays)
    told = {"cpu_seconds": seconds, "arguments": vars(args), **tell(found, x)}
    densities = {"p0": baselines.log_probs(energy.base, x)}
    if not args.no_baselines:
        densities |= fit_baselines(args.run, energy.space, x)
    told["densities"] = {name: mean(v) for name, v in densities.items()}
    told["gains"] = {name: gains(found, v) for name, v in densities.items()}
    text = json.dumps(told, indent=2)
    print(text)
    if args.out:
        with open(args.out, "w", encoding="utf-8") as file:
            file.write(text + "\n")
        arrays |= densities
        np.savez(args.out.removesuffix(".json"), **arrays)


if __name__ == "__main__":
    main()
