"""Whether chains have settled: R-hat and effective sample size, as numbers."""

import numpy as np
import tensorflow as tf

from ebm_tf.metrics import chains

# What `settling` returns.
SETTLING = ("energy_r_hat", "energy_ess", "r_hat", "r_hat_high", "ess")


def settling(states: np.ndarray, energies: np.ndarray) -> dict[str, float | None]:
    """Returns R-hat and effective sample size of the energy and of the coordinates.

    Split R-hat near 1: chains that started apart cannot be told from one another,
    nor early from late. For coordinates the median over those that ever changed; a
    tenth of them is above `r_hat_high`.

    Args:
        states: `[T, B, ...]`.
        energies: `[T, B]`, nats.

    Returns:
        Values by the names of `SETTLING`; None for what is no number, as when
        nothing ever changed, or there are fewer than 4 times or 2 chains.
    """
    if len(energies) < 4 or energies.shape[1] < 2:
        return dict.fromkeys(SETTLING)
    r_hat = chains.potential_scale_reduction(tf.constant(states)).numpy().ravel()
    ess = chains.effective_sample_size(tf.constant(states)).numpy().ravel()
    r_hat, ess = r_hat[np.isfinite(r_hat)], ess[np.isfinite(ess)]
    energy_r_hat = chains.potential_scale_reduction(tf.constant(energies))
    energy_ess = chains.effective_sample_size(tf.constant(energies))
    values = (
        energy_r_hat,
        energy_ess,
        np.median(r_hat) if len(r_hat) else np.nan,
        np.quantile(r_hat, 0.9) if len(r_hat) else np.nan,
        np.median(ess) if len(ess) else np.nan,
    )
    return {
        name: float(value) if np.isfinite(value) else None
        for name, value in zip(SETTLING, values, strict=True)
    }
