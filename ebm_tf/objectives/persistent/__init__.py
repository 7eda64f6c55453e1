"""Maximum likelihood of a residual energy, with chains that persist.

[1] Tieleman, Training restricted Boltzmann machines using approximations to the
    likelihood gradient, 2008 (persistent chains).
"""

import dataclasses
from typing import ClassVar

from ebm_tf import checks
from ebm_tf.objectives import ObjectiveConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class RestartConfig:
    """Chains begin anew from the base, in turn, and come to the energy slowly.

    Chains that persist never meet a mode that they did not begin in, and nothing keeps
    an energy from growing one there. A new chain comes, as one of annealed importance
    sampling does, from the base to the energy, step by step, and counts when it is
    there; if it has found such a mode it stays, and the energy learns of it.

    Attributes:
        every: Updates after which a chain begins anew.
        annealing: The first of them, in which it is on its way; fewer than `every`.
    """

    every: int
    annealing: int

    def __post_init__(self):
        checks.require_count("every", self.every, low=2)
        checks.require_count("annealing", self.annealing, high=self.every - 1)


@dataclasses.dataclass(frozen=True, kw_only=True)
class PersistentConfig(ObjectiveConfig):
    """Data against HMC chains in whitened coordinates, as many as a batch has data [1].

    The gradient is that of the log-likelihood, as far as the chains follow the energy.
    They begin as samples of its base, which is where the energy begins, and are kept
    as they are from update to update. For the network "residual".

    Attributes:
        num_steps: HMC transitions of every chain in an update, >= 1.
        num_leapfrog: Leapfrog steps of a transition, >= 1.
        step_size: The first length of one, in whitened coordinates, > 0.
        max_step_size: The longest, at least `step_size`.
        target_accept: The mean acceptance probability to come to, in (0, 1).
        adapt_rate: How fast, > 0: an update whose transitions are all accepted
            multiplies the step size by `exp(adapt_rate * (1 - target_accept))`.
        jitter: Share by which a transition's steps are shortened at most, at random,
            in [0, 1): so no direction turns by half a circle every time.
        restart: How chains begin anew, or None: they go on for ever.
    """

    kind: ClassVar[str] = "persistent"
    num_steps: int
    num_leapfrog: int
    step_size: float
    max_step_size: float
    target_accept: float
    adapt_rate: float
    jitter: float
    restart: RestartConfig | None = None

    def __post_init__(self):
        for name in ("num_steps", "num_leapfrog"):
            checks.require_count(name, getattr(self, name))
        checks.require_number("step_size", self.step_size, above=0)
        checks.require_number("max_step_size", self.max_step_size, low=self.step_size)
        checks.require_number("target_accept", self.target_accept, above=0)
        checks.require_number("adapt_rate", self.adapt_rate, above=0)
        checks.require_number("jitter", self.jitter, low=0)
        for name in ("target_accept", "jitter"):
            value = getattr(self, name)
            checks.require(value < 1, name, "below 1", value)

    @property
    def num_chain_steps(self) -> int:
        """Leapfrog steps of a chain in an update."""
        return self.num_steps * self.num_leapfrog

    def make(self, setup):
        """Returns the `PersistentObjective`.

        Raises:
            ValueError: If the energy has no whitened coordinates.
        """
        from ebm_tf.objectives.persistent.objective import PersistentObjective

        return PersistentObjective(self, setup)
