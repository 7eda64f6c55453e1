"""The networks that an energy can be: settings, one file each.

A file here derives from `NetworkConfig` and says a `kind`; the class of the network,
which needs TensorFlow, is in another file, most often in `ebm_tf.energy`. To add a
network is to add these files.
"""

import dataclasses
import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from ebm_tf import checks
from ebm_tf.energy.config import NoiseLevelConfig, check_condition
from ebm_tf.registry import Registered

if TYPE_CHECKING:
    from ebm_tf.energy.model import EnergyModel


@dataclasses.dataclass(frozen=True, kw_only=True)
class NetworkConfig(Registered, what="network", package="ebm_tf.energy.networks"):
    """Settings of a network; those of a kind derive from this.

    Attributes:
        num_axes: Axes of the states that it takes, such as 3 for images
            `[H, W, C]`; None for any.
        num_classes: Number of classes that its energies depend on, or None.
        label_dims: Length of a label that is a list of numbers, or None.
        noise_levels: Noise levels that they depend on, or None.
    """

    num_axes: ClassVar[int | None] = None
    num_classes: ClassVar[int | None] = None
    label_dims: ClassVar[int | None] = None
    noise_levels: ClassVar[NoiseLevelConfig | None] = None

    @classmethod
    def network_class(cls) -> "type[EnergyModel]":
        """Returns the Keras class of the networks; imports TensorFlow."""
        raise NotImplementedError(f"{cls.__name__} has no `network_class`")

    def make(self, state_shape: tuple[int, ...], **kwargs) -> "EnergyModel":
        """Returns a network of these settings, its weights drawn at random.

        Args:
            state_shape: Shape of one state, without the batch.
            **kwargs: For the class of the network, such as `name`, with which the
                names of its weights begin.
        """
        return self.network_class()(self, state_shape, **kwargs)

    def num_activations(self, state_shape: tuple[int, ...]) -> int:
        """Returns how many numbers activation functions give for one state.

        All are in memory at once where a gradient is taken, and a network needs more:
        it is a bound from below. 0 where nothing is known, as of a user's own network.

        Args:
            state_shape: Shape of one state, without the batch.
        """
        return 0

    def require_states(
        self, state_shape: tuple[int, ...], num_levels: int | None
    ) -> None:
        """Raises `ValueError` if such states are none for the network.

        Args:
            state_shape: Shape of one state, without the batch.
            num_levels: Levels in which states are stored, or None.
        """
        fits = self.num_axes is None or len(state_shape) == self.num_axes
        rule = f"a network for examples of shape {list(state_shape)}"
        checks.require(fits, "energy.kind", rule, self.kind)


@dataclasses.dataclass(frozen=True, kw_only=True)
class ConditionConfig(NetworkConfig):
    """Settings of a network whose energies can depend on more than the state.

    Attributes:
        num_classes: Number of classes that they depend on, or None.
        label_dims: Length of a label that is a list of numbers in [0, 1], which they
            depend on, or None; not beside `num_classes`.
        noise_levels: Noise levels that they depend on, or None; beside a label or
            alone.
    """

    num_classes: int | None = None
    label_dims: int | None = None
    noise_levels: NoiseLevelConfig | None = None

    def __post_init__(self):
        check_condition(self)


class ConditionOfParts:
    """Of what is made of several networks alike: the condition is that of one."""

    @property
    def num_axes(self) -> int | None:
        """Axes of the states that it takes, or None for any."""
        return self.network.num_axes

    @property
    def num_classes(self) -> int | None:
        """Number of classes, or None."""
        return self.network.num_classes

    @property
    def label_dims(self) -> int | None:
        """Length of a label that is a list of numbers, or None."""
        return self.network.label_dims

    @property
    def noise_levels(self) -> NoiseLevelConfig | None:
        """The noise levels, or None."""
        return self.network.noise_levels


def halved(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Returns the places that a layer of stride 2 and "SAME" padding leaves."""
    return tuple(-(-side // 2) for side in shape)


def num_of_strided(places: tuple[int, ...], stem: int, filters: Iterable[int]) -> int:
    """Returns how many numbers convolutions one after another give.

    Args:
        places: Of a state, without its channels, such as `(H, W)`.
        stem: Width of a convolution at all places; 0 for none.
        filters: Widths of those that follow, each of stride 2.
    """
    total = math.prod(places) * stem
    for width in filters:
        places = halved(places)
        total += math.prod(places) * width
    return total


kinds, of_kind = NetworkConfig.kinds, NetworkConfig.of_kind
