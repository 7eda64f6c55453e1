"""Dual score matching: an energy of noise levels that is normalized by learning.

[1] Guth, Kadkhodaie and Simoncelli, Learning normalized image densities via dual
    score matching, NeurIPS 2025. https://arxiv.org/abs/2506.05310
[2] Karras et al., Elucidating the design space of diffusion-based generative models,
    NeurIPS 2022. https://arxiv.org/abs/2206.00364 (levels drawn from a log-normal)
[3] Which noise level a state comes from: DiffCLF, 2026.
    https://arxiv.org/abs/2601.21025 (levels told apart)
"""

import dataclasses
import math
import statistics
from typing import Any, ClassVar, NamedTuple

from ebm_tf import checks
from ebm_tf.objectives import ObjectiveConfig
from ebm_tf.objectives.contract import Loss, Objective, Setup


@dataclasses.dataclass(frozen=True, kw_only=True)
class LevelDrawConfig:
    """How an update draws noise levels, within those of the energy.

    Attributes:
        uniform_share: Share of levels whose logarithm is uniform, 0 to 1; that of the
            others is normal [2].
        log_mean: Mean of the normal logarithm, of levels in units of the state.
        log_std: Its deviation, > 0.
    """

    uniform_share: float
    log_mean: float
    log_std: float

    def __post_init__(self):
        checks.require_number("uniform_share", self.uniform_share, low=0, high=1)
        checks.require_number("log_mean", self.log_mean)
        checks.require_number("log_std", self.log_std, above=0)

    def draw(self, seed, num: int, low: float, high: float):
        """Returns `num` levels from `low` to `high`, float32.

        Args:
            seed: `int32[2]`.
            num: How many.
            low: The smallest.
            high: The largest.
        """
        import tensorflow as tf

        from ebm_tf import rng

        share_seed, uniform_seed, normal_seed = rng.split(seed, 3)
        first, last = math.log(low), math.log(high)
        uniform = first + (last - first) * rng.uniform(uniform_seed, [num])
        normal = self.log_mean + self.log_std * rng.normal(normal_seed, [num])
        is_uniform = rng.uniform(share_seed, [num]) < self.uniform_share
        drawn = tf.exp(tf.where(is_uniform, uniform, normal))
        return tf.clip_by_value(drawn, low, high)

    def log_density(self, sigma, low: float, high: float):
        """Returns the log density of log sigma, strictly between `low` and `high`."""
        import tensorflow as tf

        uniform = self.uniform_share / math.log(high / low)
        unit = (tf.math.log(sigma) - self.log_mean) / self.log_std
        scale = self.log_std * math.sqrt(2.0 * math.pi)
        normal = tf.exp(-0.5 * tf.square(unit)) / scale
        return tf.math.log(uniform + (1.0 - self.uniform_share) * normal)

    def share_below(self, sigma: float, low: float, high: float) -> float:
        """Returns the share of levels from `low` to `high` drawn below `sigma`."""
        if not low < sigma < high:
            return float(sigma >= high)
        uniform = math.log(sigma / low) / math.log(high / low)
        normal = statistics.NormalDist(self.log_mean, self.log_std)
        below = normal.cdf(math.log(sigma))
        return self.uniform_share * uniform + (1.0 - self.uniform_share) * below


@dataclasses.dataclass(frozen=True, kw_only=True)
class HighLevelsConfig:
    """More weight for the slope in space where noise is above the data's own spread.

    There a state is nearly all noise, and so its target nearly known: what is left to
    learn of the shape of data is small beside 1. The weight is
    `min(1 + (sigma / scale)**2, most)`, up to `most` that of [2].

    Attributes:
        scale: The data's spread, in units of the state, > 0.
        most: The largest weight, at least 1.
    """

    scale: float
    most: float

    def __post_init__(self):
        checks.require_number("scale", self.scale, above=0)
        checks.require_number("most", self.most, low=1)

    def at(self, sigma):
        """Returns the weight of each level, same shape as `sigma`."""
        import tensorflow as tf

        return tf.minimum(1.0 + tf.square(sigma / self.scale), self.most)


@dataclasses.dataclass(frozen=True, kw_only=True)
class TwoLevelsConfig:
    """A third term: from which of two levels does a state with noise come [3].

    The other level is `sigma * exp(spread * n / sqrt(d))` with n ~ N(0, 1), of states
    of d numbers: `spread` 1 makes levels that can hardly be told apart. By Bayes' rule
    the energies of both levels, and how often each is drawn, say how likely each is;
    the term is minus the log of that of the right one. It ties levels together by
    differences where the slope in the level does by derivatives.

    Attributes:
        weight: Of the term, > 0.
        spread: How far apart levels are, > 0.
    """

    weight: float
    spread: float

    def __post_init__(self):
        checks.require_number("weight", self.weight, above=0)
        checks.require_number("spread", self.spread, above=0)


@dataclasses.dataclass(frozen=True, kw_only=True)
class DualScoreConfig(ObjectiveConfig):
    """The energy's slopes in space and in level are fitted to noise on data [1].

    For a network of noise levels whose density is known at the highest, such as
    "unet" and "level_mlp": from there its normalization is learned downwards.

    Attributes:
        levels: How levels are drawn.
        level_weight: Weight of the slope in level, beside 1 for that in space, > 0.
        high_levels: More weight for high levels, or None for the same for all.
        two_levels: A term that tells two levels apart, or None for none: one more
            evaluation an update.
    """

    kind: ClassVar[str] = "dual_score"
    chooses_noise_levels: ClassVar[bool] = True
    needs_noise_levels: ClassVar[bool] = True
    levels: LevelDrawConfig
    level_weight: float
    high_levels: HighLevelsConfig | None = None
    two_levels: TwoLevelsConfig | None = None

    def __post_init__(self):
        checks.require_number("level_weight", self.level_weight, above=0)

    @property
    def weights(self) -> dict[str, float]:
        """Weights of the terms of the loss, by name."""
        found = {"space": 1.0, "level": self.level_weight}
        if self.two_levels is not None:
            found["two_levels"] = self.two_levels.weight
        return found

    def make(self, setup: Setup) -> "DualScoreObjective":
        """Returns the `DualScoreObjective`."""
        return DualScoreObjective(self, setup)


class _Batch(NamedTuple):
    data: Any
    noise: Any
    sigma: Any
    other: Any
    labels: Any


class DualScoreObjective(Objective):
    """See `DualScoreConfig`.

    Args:
        settings: How levels are drawn.
        setup: The run.

    Raises:
        ValueError: If the energy depends on no noise level.
    """

    num_seeds = 3

    def __init__(self, settings: DualScoreConfig, setup: Setup):
        from ebm_tf.conditions import parts_of

        super().__init__(setup)
        self._settings = settings
        self._levels = parts_of(setup.energy.condition_space).get("noise_level")
        settings.require_noise_levels(self._levels)
        self._bands = _bands(settings.levels, self._levels)

    def prepare(self, data, condition, memory, seeds, update) -> _Batch:
        """Returns the data, noise, and a level for each row."""
        import tensorflow as tf

        from ebm_tf import rng

        level_seed, noise_seed, other_seed = seeds
        low, high = self._levels.low, self._levels.high
        sigma = self._settings.levels.draw(level_seed, data.shape[0], low, high)
        noise = rng.normal(noise_seed, tf.shape(data))
        noise = tf.ensure_shape(noise, data.shape)
        other = self._other_level(sigma, data, other_seed)
        return _Batch(data, noise, sigma, other, condition)

    def _other_level(self, sigma, data, seed):
        """Returns the level that each row is to be told apart from; () for none."""
        import tensorflow as tf

        from ebm_tf import rng

        if self._settings.two_levels is None:
            return ()
        num_dims = data[0].shape.num_elements()
        scale = self._settings.two_levels.spread / math.sqrt(num_dims)
        return sigma * tf.exp(scale * rng.normal(seed, tf.shape(sigma)))

    def loss(self, energy, batch: _Batch) -> Loss:
        """Returns both terms, see `ebm_tf.losses.score.dual_score_matching`.

        Beside them "space" of each decade of levels: its mean there, without weight.
        """
        import tensorflow as tf

        from ebm_tf.losses import score

        found = score.dual_score_matching(
            lambda y, sigma: energy(y, self._condition(batch.labels, sigma)),
            batch.data,
            batch.noise,
            batch.sigma,
        )
        high_levels, size = self._settings.high_levels, self.setup.batch_size
        weight = 1.0 if high_levels is None else high_levels.at(batch.sigma)
        terms = {
            "space": tf.reduce_sum(weight * found.space) / size,
            "level": tf.reduce_sum(found.level) / size,
        }
        if self._settings.two_levels is not None:
            told = self._told_apart(energy, batch, found.energy)
            terms["two_levels"] = tf.reduce_sum(told) / size
        loss = self.weighted(terms, self._settings.weights, {"noised": found.energy})
        for name, low, high, share in self._bands:
            inside = (low <= batch.sigma) & (batch.sigma < high)
            rows = tf.where(inside, found.space, 0.0)
            loss.terms[name] = tf.reduce_sum(rows) / (share * size)
        return loss

    def _told_apart(self, energy, batch: _Batch, own):
        """Returns minus the log of how likely the right one of two levels is, `[B]`.

        0 where a level is an end of those there are, or beyond: ends are drawn more
        often than their density says.
        """
        import tensorflow as tf

        from ebm_tf.rows import per_row

        draw, low, high = self._settings.levels, self._levels.low, self._levels.high
        other = tf.clip_by_value(batch.other, low, high)
        rows = per_row(batch.sigma, batch.data)
        y = batch.data + rows * batch.noise
        apart = energy(y, self._condition(batch.labels, other)) - own
        apart += draw.log_density(batch.sigma, low, high)
        apart -= draw.log_density(other, low, high)
        inside = (low < batch.other) & (batch.other < high)
        inside &= (low < batch.sigma) & (batch.sigma < high)
        return tf.where(inside, tf.nn.softplus(-apart), 0.0)

    def _condition(self, labels, sigma):
        from ebm_tf.conditions import from_names

        parts = {"labels": labels, "noise_level": sigma}
        return from_names(self.setup.energy.condition_space, parts)

    def preview(self):
        """Returns reverse diffusion over all levels."""
        from ebm_tf.sampling.samplers.reverse_diffusion import ReverseDiffusionSampler

        sampler = ReverseDiffusionSampler(num_steps=50)
        return sampler.kernel_at(self.setup.box)


def _bands(draw: LevelDrawConfig, levels) -> list[tuple[str, float, float, float]]:
    """Returns name, ends and share of the draws of each decade of levels."""
    low, high = levels.low, levels.high
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)))
    found = []
    for power in powers:
        first, last = 10.0**power, 10.0 ** (power + 1)
        # The ends hold what was drawn beyond them, too.
        below = 0.0 if first <= low else draw.share_below(first, low, high)
        share = draw.share_below(last, low, high) - below
        if share > 0.0:
            found.append((f"space_1e{power}", first, last, share))
    name, first, _, share = found[-1]
    found[-1] = name, first, math.inf, share
    return found
