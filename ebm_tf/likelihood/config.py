"""Settings of likelihood estimates, without TensorFlow."""

import dataclasses

from ebm_tf import checks


@dataclasses.dataclass(frozen=True, kw_only=True)
class PilotConfig:
    """The run that finds step sizes and temperatures before they are frozen.

    Attributes:
        num_chains: Chains of the pilot run, at least 2; none is used again.
        num_moves: Transitions at each temperature, each of which corrects the
            step size.
        max_step_size: The largest step size, in units of the state, and the first:
            a flat energy would accept any.
        target_accept: Acceptance probability to steer to, in (0, 1).
        min_relative_ess: Effective sample size of one stop's weights over the
            number of chains, in (0, 1): what a stop of the path may drop it to.
        max_temperatures: Stops after which the search gives up.
    """

    num_chains: int
    num_moves: int
    max_step_size: float
    target_accept: float
    min_relative_ess: float
    max_temperatures: int

    def __post_init__(self):
        checks.require_count("num_chains", self.num_chains, low=2)
        checks.require_count("num_moves", self.num_moves)
        checks.require_number("max_step_size", self.max_step_size, above=0)
        for name in ("target_accept", "min_relative_ess"):
            value = getattr(self, name)
            checks.require_number(name, value, above=0)
            checks.require(value < 1, name, "below 1", value)
        checks.require_count("max_temperatures", self.max_temperatures)
