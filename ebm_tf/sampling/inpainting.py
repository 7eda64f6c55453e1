"""States of which a part is known: the rest is drawn to go with it.

[1] Song et al., Score-based generative modeling through stochastic differential
    equations, ICLR 2021. https://arxiv.org/abs/2011.13456 (section 5: imputation)
[2] Lugmayr et al., RePaint, CVPR 2022. https://arxiv.org/abs/2201.09865 (that both
    parts have to be brought together at each level)
"""

import tensorflow as tf

from ebm_tf import rng
from ebm_tf.sampling.reverse_diffusion import Ladder
from ebm_tf.types import KernelAt, Step


def keep_known(kernel_at: KernelAt, known, mask, ladder: Ladder) -> KernelAt:
    """Returns chains through noise levels that are pulled to what is known.

    After each step the known part of a state is put back, with the noise of its level,
    new every time, and after the last without. So the rest is drawn as if what is known
    had come out that way [1]. It is exact in the limit of many steps at each level
    alone: one step sees the known part of the level above, so that a sampler with
    `corrections` is better [2].

    Args:
        kernel_at: Of a sampler that walks through `ladder`, such as
            `ReverseDiffusionSampler`.
        known: States, float `[B, ...]`; what the mask leaves out is not looked at.
        mask: 1 where a state is known, else 0, float, a shape that broadcasts.
        ladder: The levels that the sampler walks through.
    """

    def kernel_of(k):
        def kernel(energy_fn, x, seed):
            step_seed, noise_seed = rng.split(seed, 2)
            step = kernel_at(k)(energy_fn, x, step_seed)
            noise = rng.normal(noise_seed, tf.shape(x))
            held = known + ladder.at(k + 1) * noise
            moved = mask * held + (1.0 - mask) * step.x
            return Step(tf.ensure_shape(moved, x.shape), step.accept_prob)

        return kernel

    return kernel_of
