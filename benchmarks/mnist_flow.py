"""A flow fitted to MNIST, as a target whose log Z is known: it is 0.

    PYTHONPATH=. python benchmarks/mnist_flow.py --data_dir=DIR --out=flow.npz

It has what a trained energy of images has, 784 dimensions and many modes, and what none
has: exact samples and a density that is normalized by construction. So AIS and reverse
AIS can be checked where they matter: `validate_likelihood.py --flow=flow.npz`.

A RealNVP [1] of TFP, on the logits of pixels, each scaled by its own deviation: four
couplings of a random half of the pixels with the rest, from ten Gaussians that start at
the classes' means. Some minutes on two cores.

[1] Dinh, Sohl-Dickstein and Bengio, Density estimation using Real NVP, 2017.
    https://arxiv.org/abs/1605.08803
"""

import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from benchmarks import baselines_mnist
from ebm_tf.box import PIXELS
from ebm_tf.energy.analytic import FromDistribution
from ebm_tf.likelihood import baselines, estimate, unbounded

tfb = tfp.bijectors
tfd = tfp.distributions

SHAPE = (28, 28, 1)
_DIMS = 784
_COUPLINGS = 4
_UNITS = 64


def first_weights(seed: int) -> dict[str, np.ndarray]:
    """Returns weights under which every coupling leaves its input as it is."""
    generator = np.random.default_rng(seed)
    half, found = _DIMS // 2, {}
    for place in range(_COUPLINGS):
        found[f"order_{place}"] = generator.permutation(_DIMS).astype(np.int32)
        for name, shape in (
            ("first", (half, _UNITS)),
            ("second", (_UNITS, _UNITS)),
            ("third", (_UNITS, 2 * half)),
        ):
            scale = 0.0 if name == "third" else shape[0] ** -0.5
            found[f"{name}_{place}"] = generator.normal(0.0, scale, shape)
            found[f"{name}_bias_{place}"] = np.zeros(shape[1])
    return found


def distribution(weights: dict) -> tfd.Distribution:
    """Returns the flow: a density of images strictly inside the unit box.

    Args:
        weights: As of `first_weights`, arrays or variables, with "mean" and "std" of
            the logits, `[784]`, and "modes", means of the Gaussians, `[10, 784]`.
    """
    steps = []
    for place in range(_COUPLINGS):
        order = tfb.Permute(np.asarray(weights[f"order_{place}"]))
        coupling = tfb.RealNVP(
            num_masked=_DIMS // 2, shift_and_log_scale_fn=_network(weights, place)
        )
        steps += [tfb.Invert(order), coupling, order]
    to_images = [
        tfb.Reshape(SHAPE, event_shape_in=(_DIMS,)),
        unbounded.logits(PIXELS),
        tfb.Shift(_float32(weights["mean"])),
        tfb.ScaleMatvecDiag(_float32(weights["std"])),
    ]
    modes = _float32(weights["modes"])
    start = tfd.MixtureSameFamily(
        tfd.Categorical(logits=tf.zeros(modes.shape[0])),
        tfd.MultivariateNormalDiag(modes, tf.ones_like(modes)),
    )
    return tfd.TransformedDistribution(start, tfb.Chain([*to_images, *steps]))


def _network(weights: dict, place: int):
    def shift_and_log_scale(known, num_others, **unused):
        del num_others, unused
        h = known
        for name in ("first", "second", "third"):
            h = tf.matmul(h, _float32(weights[f"{name}_{place}"]))
            h += _float32(weights[f"{name}_bias_{place}"])
            h = h if name == "third" else tf.nn.swish(h)
        shift, log_scale = tf.split(h, 2, axis=-1)
        # A scale between 1/e and e a coupling: no pixel is ever squeezed to nothing.
        return shift, tf.tanh(log_scale)

    return shift_and_log_scale


def _float32(value) -> tf.Tensor:
    return tf.convert_to_tensor(value, tf.float32)


def load(path: str) -> FromDistribution:
    """Returns the flow at `path` as an energy whose log Z is 0."""
    with np.load(path) as arrays:
        weights = {name: arrays[name] for name in arrays}
    for name, value in weights.items():
        if value.dtype.kind == "f":
            weights[name] = tf.constant(value, tf.float32)
    return FromDistribution(distribution(weights))


def train(x: np.ndarray, weights: dict, num_updates: int, batch_size: int, seed: int):
    """Fits the flow to images, dequantized; changes the variables of `weights`."""
    variables = [value for value in weights.values() if isinstance(value, tf.Variable)]
    rate = tf.keras.optimizers.schedules.CosineDecay(2e-3, num_updates)
    optimizer = tf.keras.optimizers.Adam(rate, global_clipnorm=10.0)

    @tf.function(autograph=False)
    def update(batch):
        with tf.GradientTape() as tape:
            log_prob = tf.reduce_mean(distribution(weights).log_prob(batch))
            loss = -log_prob / _DIMS
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        return log_prob

    generator = np.random.default_rng(seed)
    for number in range(num_updates):
        value = update(x[generator.integers(0, len(x), batch_size)])
        if number % 200 == 0:
            print(f"{number} {float(value):.0f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data_dir", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--num_updates", type=int, default=3000)
    parser.add_argument("--batch_size", type=int, default=256)
    parser.add_argument("--seed", type=int, default=0)
    flags = parser.parse_args()
    _, parts, validation, test = baselines_mnist.read(
        flags.data_dir, "mnist", flags.seed
    )
    x, labels = (np.concatenate(each) for each in zip(*parts, strict=True))
    weights = first_weights(flags.seed)
    logits = np.log(x[:10_000]) - np.log1p(-x[:10_000])
    logits = logits.reshape(-1, _DIMS)
    mean, std = logits.mean(axis=0), np.maximum(logits.std(axis=0), 1.0)
    of_class = labels[: len(logits)] == np.arange(10)[:, np.newaxis]
    weights["modes"] = [((logits[rows] - mean) / std).mean(axis=0) for rows in of_class]
    weights = {
        name: value
        if name.startswith("order")
        else tf.Variable(_float32(np.stack(value)))
        for name, value in weights.items()
    } | {"mean": mean, "std": std}
    train(x, weights, flags.num_updates, flags.batch_size, flags.seed)
    np.savez(flags.out, **{name: np.asarray(value) for name, value in weights.items()})
    density = load(flags.out)
    for name, images in (("validation", validation), ("test", test)):
        value = baselines.log_probs(density, images).mean()
        bits = estimate.bits_per_dim(value, _DIMS, PIXELS.stored_width)
        print(f"{name}: {value:,.1f} nats, {bits:.3f} bits a dimension")


if __name__ == "__main__":
    main()
