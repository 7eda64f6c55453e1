"""The log-likelihood of held-out data, from both sides."""

import dataclasses

import numpy as np
import tqdm

from ebm_tf import checks, rng
from ebm_tf.data import arrays
from ebm_tf.energy.model import EnergyModel
from ebm_tf.likelihood.config import LikelihoodConfig
from ebm_tf.model_likelihood.likelihood import Images, measure_likelihood
from ebm_tf.model_likelihood.likelihood_run import LikelihoodRun, class_energies
from ebm_tf.notebook.models import require_energy
from ebm_tf.training import distribution


def log_likelihood(
    energy: EnergyModel,
    x: np.ndarray,
    *,
    fit: np.ndarray,
    settings: LikelihoodConfig,
    labels: np.ndarray | None = None,
    fit_labels: np.ndarray | None = None,
    seed: int = 0,
    strategy: str = "auto",
) -> dict:
    """Returns the log-likelihood of states from both sides: intervals or bounds.

    Annealing from a base gives the model's, too high on average, its reverse that of
    the annealed sampler, too low; see docs/guide/likelihood.md. Levels are dequantized
    evenly.

    Args:
        energy: A trained network of states that are stored as levels.
        x: Held-out states, uint8 levels `[N, ...]`, N >= 2.
        fit: Training states, likewise, N and more: the base is fitted to them, and the
            first N are measured too, to compare.
        settings: How, such as `ebm_tf.presets.likelihood("digits")`; `num_images` is N,
            whatever they say, and the inverse temperature, if they give none, is
            chosen on the last of `fit`.
        labels: Classes of `x`, whole numbers `[N]`, if `settings.base` needs them.
        fit_labels: Those of `fit`.
        seed: A whole number.
        strategy: Devices, as the flag `--strategy` names them.

    Returns:
        The numbers of `likelihood.json`, nats and bits a dimension: "rows" has "ais"
        and "raise", the two sides, each with "form", "value" and "text", as it may be
        printed; the row with "counts" is the one to quote, "marks" says what of.

    Raises:
        ValueError: If the states are not stored as levels, there are too few, or an
            energy is not finite.
    """
    require_energy(energy)
    rule = "a `LikelihoodConfig`, such as `ebm_tf.presets.likelihood(NAME)`"
    checks.require(isinstance(settings, LikelihoodConfig), "settings", rule, settings)
    space = energy.space
    rule = "of a space whose states are stored as levels"
    holds = space is not None and space.is_bounded and space.num_levels is not None
    checks.require(holds, "energy", rule, str(space))
    held, known = (
        arrays.examples_of(states, classes, space)
        for states, classes in ((x, labels), (fit, fit_labels))
    )
    for name, examples in (("x", held), ("fit", known)):
        rule = f"of states of shape {energy.state_shape}"
        checks.require(examples.shape == energy.state_shape, name, rule, examples.shape)
    num = held.num_examples
    checks.require(num >= 2, "x", "2 states or more", num)
    checks.require(known.num_examples >= num, "fit", f"{num} or more", len(fit))
    settings = dataclasses.replace(settings, num_images=num)
    with tqdm.tqdm(desc="likelihood", unit="temperature", dynamic_ncols=True) as bar:
        chains = LikelihoodRun(
            class_energies(energy),
            space,
            settings,
            seed=rng.make_seed(seed),
            strategy=distribution.make_strategy(strategy),
            jit=False,
            parts={},
            report=bar.update,
        )
        bar.reset(chains.total)
        images = _images(held, known, settings, space, seed)
        return measure_likelihood(chains, images, settings, space).metrics


def _images(held, known, settings, space, seed) -> Images:
    count, num = known.num_examples, settings.num_images

    def rows(examples, first: int, last: int, place: int):
        levels, classes = examples.gather(np.arange(first, last))
        noise_seed = rng.fold_in(rng.make_seed(seed), place)
        return space.decode(levels, noise_seed).numpy(), classes

    base = min(settings.base.num_images, count)
    scan = min(settings.scan.num_images, count)
    return Images(
        *rows(known, 0, base, 0),
        rows(known, count - scan, count, 1)[0],
        *rows(held, 0, num, 2),
        *rows(known, 0, num, 3),
    )
