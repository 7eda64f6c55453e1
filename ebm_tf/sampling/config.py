"""Settings of chains and of the replay buffer, without TensorFlow."""

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
    grad_clip: float | None

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


LABEL_RULES = ("data", "stored")
WRITE_RULES = ("in_place", "ring")


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
            released code).
    """

    capacity: int
    fresh_prob: float
    labels: str
    write: str

    def __post_init__(self):
        checks.require_count("capacity", self.capacity)
        checks.require_number("fresh_prob", self.fresh_prob, low=0, high=1)
        checks.require_choice("labels", self.labels, LABEL_RULES)
        checks.require_choice("write", self.write, WRITE_RULES)
