"""Score matching: fitting the slope of the energy to noised data, without a sampler.

[1] Vincent, A connection between score matching and denoising autoencoders, 2011.
    https://www.iro.umontreal.ca/~vincentp/Publications/smdae_techreport.pdf
"""

import tensorflow as tf

from ebm_tf.types import EnergyFn


def denoising_score_matching(
    energy_fn: EnergyFn,
    x: tf.Tensor,
    noised: tf.Tensor,
    *,
    noise_std: float,
    temperature: float,
    global_batch_size: int,
) -> tf.Tensor:
    """Returns mean (noise_std * score(noised) + n)**2 / 2, a scalar share [1].

    score = -dE/dx / temperature is that of `exp(-E / temperature)`, and n the noise,
    `(noised - x) / noise_std`. The mean is over states and coordinates: 1/2 for a flat
    energy. Least where the energy is that of the data with the noise added.

    Args:
        energy_fn: `[B, ...] -> [B]`, nats.
        x: Data, float `[B, ...]`.
        noised: `x + noise_std * n`, n ~ N(0, I), same shape.
        noise_std: Scale of the noise, in units of x, > 0.
        temperature: That of the density, > 0.
        global_batch_size: Number of data points over all replicas.
    """
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(noised)
        energy = energy_fn(noised)
    score = -tape.gradient(energy, noised) / temperature
    residual = noise_std * score + (noised - x) / noise_std
    num_dims = x[0].shape.num_elements()
    return tf.reduce_sum(tf.square(residual)) / (2 * num_dims * global_batch_size)
