"""A density fitted to data, and a network that corrects it."""

import dataclasses
from typing import ClassVar

from ebm_tf import checks
from ebm_tf.energy.config import check_widths
from ebm_tf.energy.networks import NetworkConfig, num_of_strided

BASES = ("logit_gaussian", "gaussian_copula")


@dataclasses.dataclass(frozen=True, kw_only=True)
class ResidualBaseConfig:
    """The density p0 that is fitted to the training data first.

    Attributes:
        kind: "logit_gaussian": a full-covariance Gaussian of the logits;
            "gaussian_copula": one of the normal scores, which take each coordinate's
            own histogram of levels to a normal density.
        min_std: Deviation of independent noise added to the covariance, > 0.
        smoothing: Added to each count of a histogram, > 0; for "gaussian_copula".
    """

    kind: str
    min_std: float
    smoothing: float | None = None

    def __post_init__(self):
        checks.require_choice("kind", self.kind, BASES)
        checks.require_number("min_std", self.min_std, above=0)
        if self.kind == "gaussian_copula":
            checks.require_number("smoothing", self.smoothing, above=0)
        else:
            rule = "null for a base without histograms"
            checks.require(self.smoothing is None, "smoothing", rule, self.smoothing)


@dataclasses.dataclass(frozen=True, kw_only=True)
class ResidualConfig(NetworkConfig):
    """`E(x) = -log p0(x) + f(x)`: a fitted density, and a network f that corrects it.

    f sees each pixel's score (its logit, or its normal score) as an image of three
    channels, bounded, so that the density stays normalizable whatever the weights:
    whether the pixel is above the lowest level, whether it is above the middle of the
    box, and its score. The first two are sigmoids of the score, and so as smooth in it
    as chains like it. f is zero before training: the energy begins as that of p0.

    Attributes:
        base: p0.
        filters: Widths of the convolutions, each of stride 2; the first two see 5x5
            pixels, the others 3x3.
        dense: Width of the dense layer after the last of them.
        units: Softplus units that see all pixels at once, as the hidden units of a
            Boltzmann machine do.
        slope: How steeply the sigmoids rise, per unit of the score, > 0.
    """

    kind: ClassVar[str] = "residual"
    num_axes: ClassVar[int] = 3
    base: ResidualBaseConfig
    filters: tuple[int, ...]
    dense: int
    units: int
    slope: float

    def __post_init__(self):
        check_widths("filters", self.filters)
        checks.require_count("dense", self.dense)
        checks.require_count("units", self.units)
        checks.require_number("slope", self.slope, above=0)

    def num_activations(self, state_shape):
        """As `NetworkConfig.num_activations`."""
        convolved = num_of_strided(state_shape[:-1], 0, self.filters)
        return convolved + self.dense + self.units

    @classmethod
    def network_class(cls):
        """Returns the class of the networks; imports TensorFlow."""
        from ebm_tf.energy.residual import ResidualEnergy

        return ResidualEnergy
