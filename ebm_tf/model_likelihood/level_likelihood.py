"""The likelihood of an energy of noise levels: what it learned, and the check of it.

Learned: `log p(x) = -E(x, sigma_min)`, which is normalized if training was perfect; it
is the density of data with noise sigma_min, read off at data without it. Checked: log Z
of that energy from forward chains along the levels, and the log density of what its
proposals draw from reverse ones; see `level_chains`, and `ebm_tf.likelihood.replicates`
for the forms in which these may be said.
"""

from typing import NamedTuple

import numpy as np

from ebm_tf.box import Box
from ebm_tf.likelihood import bounds, estimate, replicates, reported
from ebm_tf.model_likelihood.level_chains import LevelChains


class LevelImages(NamedTuple):
    """Dequantized images, float32 `[N, ...]`.

    Attributes:
        test: Images that training did not see.
        train: Images that it saw.
    """

    test: np.ndarray
    train: np.ndarray


def measure(chains: LevelChains, images: LevelImages, box: Box) -> dict:
    """Returns what was learned and what the check says, as JSON holds them.

    "learned" are mean log-likelihoods over the images; "rows", for each number of
    levels, both sides of the first images of the test split; "difference" is learned
    minus checked, of the same images: log Z of the energy, where 0 was learned.

    Args:
        chains: Of the energy.
        images: The data.
        box: The state space.
    """
    config = chains.config
    energies = {split: chains.energies(x) for split, x in images._asdict().items()}
    num_dims = int(np.prod(images.test.shape[1:]))
    few = images.test[: config.num_images]
    own = energies["test"][:, : config.num_images]
    learned = {
        split: reported.to_dict(
            replicates.mean_over_images(_mixed(values)[np.newaxis]),
            num_dims,
            box.stored_width,
        )
        for split, values in energies.items()
    }
    point = float(_mixed(own).mean())
    rows = []
    for num in config.num_levels:
        ais, conservative = _sides(chains, own, few, num)
        told = {
            name: reported.to_dict(side, num_dims, box.stored_width)
            for name, side in (("ais", ais), ("raise", conservative))
        }
        log_z = _log_z(ais, point)
        rows.append(
            {
                "num_levels": num,
                "counts": num == config.num_levels[-1],
                "difference": reported.to_dict(log_z),
            }
            | told
        )
    return {
        "unit": "nats",
        "level": chains.levels.low,
        "learned": learned,
        "learned_of_checked": point,
        "num_checked": len(few),
        "rows": rows,
    }


def _mixed(energies: np.ndarray) -> np.ndarray:
    """Returns log densities of the even mixture of classes, `[N]`, nats."""
    return estimate.uniform_mixture(list(-energies))


def _sides(
    chains: LevelChains, energies, x: np.ndarray, num: int
) -> tuple[reported.Reported, reported.Reported]:
    """Returns the checked log-likelihood, and the bound under the sampler."""
    config, labels = chains.config, range(chains.num_classes)
    forward = [
        [chains.forward(label, num, replicate) for label in labels]
        for replicate in range(config.num_replicates)
    ]
    weights = [
        [[chains.reverse(label, num, replicate, x)] for label in labels]
        for replicate in range(config.num_reverse)
    ]
    runs = bounds.forward_runs(forward, config.resample)
    densities = bounds.raise_densities(energies, np.array(weights))
    return (
        replicates.log_likelihood(energies, runs, config.num_tried),
        replicates.raise_log_likelihood(densities, config.num_tried),
    )


def _log_z(ais: reported.Reported, learned: float) -> reported.Reported:
    """Returns learned minus checked log-likelihood of the same images."""
    return ais._replace(
        form=reported.FLIPPED[ais.form],
        value=learned - ais.value,
        point=learned - ais.point,
    )
