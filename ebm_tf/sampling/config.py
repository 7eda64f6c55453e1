"""Settings of chains and of the replay buffer, without TensorFlow.

Those of samplers are in `ebm_tf.sampling.samplers`.
"""

import dataclasses

from ebm_tf import checks


@dataclasses.dataclass(frozen=True, kw_only=True)
class LangevinConfig:
    """One step is `x' = clip(y - step_size * g)`, `y = x + noise_std * n`.

    `n ~ N(0, I)`, and `g` is the gradient of the energy at `y`, each coordinate
    clipped to `[-grad_clip, grad_clip]`.

    Attributes:
        num_steps: Steps of one chain, > 0.
        step_size: Factor on the gradient, pixel**2 per nat, > 0.
        noise_std: Scale of the noise, pixels, >= 0.
        grad_clip: Largest size of one coordinate of the gradient, nats per
            pixel, > 0, or None for no bound.
    """

    num_steps: int
    step_size: float
    noise_std: float
    grad_clip: float | None = None

    def __post_init__(self):
        checks.require_count("num_steps", self.num_steps)
        checks.require_number("step_size", self.step_size, above=0)
        checks.require_number("noise_std", self.noise_std, low=0)
        if self.grad_clip is not None:
            checks.require_number("grad_clip", self.grad_clip, above=0)

    @property
    def temperature(self) -> float:
        """T such that small unclipped steps sample `exp(-E / T)`."""
        return self.noise_std**2 / (2.0 * self.step_size)


@dataclasses.dataclass(frozen=True, kw_only=True)
class FlowConfig:
    """Steps of `dx = -dE/dx dt + sqrt(2 T(t)) dW` from noise, at time 0, to data, at 1.

    Attributes:
        num_steps: Steps of one chain, > 0; those beyond time 1 are Langevin steps.
        time_step: Of a step, > 0, at most 1.
        temperature: T from time 1 on, >= 0: the density is `exp(-E / T)`.
        heated_from: Time up to which T is 0, in [0, 1]; from there to time 1 it rises.
    """

    num_steps: int
    time_step: float
    temperature: float
    heated_from: float = 1.0

    def __post_init__(self):
        checks.require_count("num_steps", self.num_steps)
        checks.require_number("time_step", self.time_step, above=0, high=1)
        checks.require_number("temperature", self.temperature, low=0)
        checks.require_number("heated_from", self.heated_from, low=0, high=1)


@dataclasses.dataclass(frozen=True, kw_only=True)
class AdaptiveHmcConfig:
    """HMC whose every chain adapts its step size: `ebm_tf.sampling.adaptive_hmc`.

    Attributes:
        num_leapfrog: Leapfrog steps of a transition, >= 1.
        step_size: The first length of one, pixels, > 0.
        target_accept: The acceptance probability to come to, in (0, 1).
        adapt_rate: How fast, > 0: a transition that is always accepted multiplies the
            step size by `exp(adapt_rate * (1 - target_accept))`.
    """

    num_leapfrog: int
    step_size: float
    target_accept: float
    adapt_rate: float

    def __post_init__(self):
        checks.require_count("num_leapfrog", self.num_leapfrog)
        checks.require_number("step_size", self.step_size, above=0)
        checks.require_number("target_accept", self.target_accept, above=0)
        checks.require(
            self.target_accept < 1, "target_accept", "below 1", self.target_accept
        )
        checks.require_number("adapt_rate", self.adapt_rate, above=0)


BORDERS = ("edge", "zero")
LABEL_RULES = ("data", "stored")
WRITE_RULES = ("in_place", "ring", "reservoir")


@dataclasses.dataclass(frozen=True, kw_only=True)
class AugmentConfig:
    """Small changes that images take with a certain probability.

    Attributes:
        prob: Probability that an image takes one, in [0, 1].
        flip: Whether an image may be mirrored left to right.
        max_shift: Largest shift in either direction, whole pixels, >= 0.
        border: What comes in: "edge", the nearest row or column again, or "zero",
            black; with "zero", a shift is a crop out of the image padded by
            `max_shift`.
    """

    prob: float
    flip: bool
    max_shift: int
    border: str

    def __post_init__(self):
        checks.require_number("prob", self.prob, low=0, high=1)
        if not isinstance(self.flip, bool):
            checks.require(False, "flip", "true or false", self.flip)
        checks.require_count("max_shift", self.max_shift, low=0)
        checks.require_choice("border", self.border, BORDERS)


@dataclasses.dataclass(frozen=True, kw_only=True)
class ReplayConfig:
    """The buffer that training chains start from.

    With one batch of slots, no fresh noise and the rule "in_place", chains persist:
    that is PCD.

    Attributes:
        capacity: Slots in all, over every replica; at least the global batch.
        fresh_prob: Probability that a chain starts from uniform noise instead.
        labels: Which label a replayed state goes on under: "data", the label of
            the data in the same row (the paper's code), or "stored", its own.
        write: "in_place" puts a chain's end back where it was drawn from; "ring"
            over the oldest slot, so a slot drawn twice is kept twice (the
            released code); "reservoir" keeps every end of the whole past with the
            same probability.
        augment: What happens to stored images where a chain starts, or None.
    """

    capacity: int
    fresh_prob: float
    labels: str
    write: str
    augment: AugmentConfig | None = None

    def __post_init__(self):
        checks.require_count("capacity", self.capacity)
        checks.require_number("fresh_prob", self.fresh_prob, low=0, high=1)
        checks.require_choice("labels", self.labels, LABEL_RULES)
        checks.require_choice("write", self.write, WRITE_RULES)


ENSEMBLE_RULES = ("mean", "random")


@dataclasses.dataclass(frozen=True, kw_only=True)
class ProcessConfig:
    """The replay buffer at test time (paper, A.2): see `sampling.process`.

    Attributes:
        capacity: Images in one buffer.
        num_rounds: Visits to the buffer, each of a batch of chains.
        steps_per_round: Steps of a chain in one round.
        noise_factor: How much noisier the steps are than the sampler's, > 0.
        fresh_prob: Probability that a chain starts anew from noise in a round.
        flip_prob: Probability that a chain gets a random label in a round.
        num_flip_rounds: Rounds, from the first, in which labels are flipped.
        num_final_rounds: Rounds at the end with neither.
    """

    capacity: int
    num_rounds: int
    steps_per_round: int
    noise_factor: float
    fresh_prob: float
    flip_prob: float
    num_flip_rounds: int
    num_final_rounds: int

    def __post_init__(self):
        for name in ("capacity", "num_rounds", "steps_per_round"):
            checks.require_count(name, getattr(self, name))
        checks.require_number("noise_factor", self.noise_factor, above=0)
        for name in ("fresh_prob", "flip_prob"):
            checks.require_number(name, getattr(self, name), low=0, high=1)
        for name in ("num_flip_rounds", "num_final_rounds"):
            value = getattr(self, name)
            checks.require_count(name, value, low=0, high=self.num_rounds)
