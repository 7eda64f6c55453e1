"""What an update minimizes: one file or folder for each objective."""

from typing import ClassVar

from ebm_tf import checks
from ebm_tf.registry import Registered
from ebm_tf.resources import Need


class ObjectiveConfig(Registered, what="objective", package="ebm_tf.objectives"):
    """Settings of an objective; each kind is a frozen dataclass that derives from it.

    Attributes:
        num_chain_steps: Steps that the chains of an update take, for a log of how
            fast they are; 0 if there are none.
        chooses_noise_levels: Whether the objective gives data, and whatever else it
            shows the energy, noise levels: see `Objective.prepare`. One that does not
            is not for an energy that depends on them.
        needs_noise_levels: Whether it is for no other energy.
    """

    num_chain_steps: ClassVar[int] = 0
    chooses_noise_levels: ClassVar[bool] = False
    needs_noise_levels: ClassVar[bool] = False

    def make(self, setup):
        """Returns the `Objective` of these settings; TensorFlow is imported here.

        Args:
            setup: A `Setup`: the run that it is made for.

        Raises:
            ValueError: If the energy or the states are not such that it is for.
        """
        raise NotImplementedError

    def require_noise_levels(self, noise_levels) -> None:
        """Raises ValueError if noise levels are not as the objective wants them.

        There must be some where it needs them, and none that nothing chooses.

        Args:
            noise_levels: What the energy's are, or None for none.
        """
        if noise_levels is None and self.needs_noise_levels:
            rule = f'given for the objective "{self.kind}"'
            checks.require(False, "energy.noise_levels", rule, noise_levels)
        if noise_levels is not None and not self.chooses_noise_levels:
            rule = f'null for the objective "{self.kind}", which chooses none'
            checks.require(False, "energy.noise_levels", rule, noise_levels)

    def require_batch_size(self, batch_size: int) -> None:
        """Raises ValueError if an update cannot have so many data points."""

    def needs(self, state_bytes: int, stored_bytes: int) -> tuple[Need, ...]:
        """Returns the memory and the disk that a run keeps for the objective.

        Args:
            state_bytes: Of a state, float32.
            stored_bytes: Of a state as the state space stores it.

        Returns:
            Each with the names of settings of the objective that make it smaller.
        """
        return ()

    def for_replicas(self, num_replicas: int) -> "ObjectiveConfig":
        """Returns the settings of all replicas, of settings that are those of one."""
        return self

    def retried(self, policy, retry: int) -> "ObjectiveConfig":
        """Returns the settings of a run's retry number `retry`, from 1.

        Args:
            policy: The factors of a `RecoveryConfig`.
            retry: How many times the run went back.
        """
        return self

    @property
    def summary(self) -> str:
        """What a retry may have changed, in a few words; "" if nothing."""
        return ""


kinds, of_kind = ObjectiveConfig.kinds, ObjectiveConfig.of_kind
