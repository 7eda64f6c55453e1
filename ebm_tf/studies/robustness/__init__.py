"""Study `robustness`: classes by energy under attack, beside a plain classifier."""

import dataclasses
from typing import TYPE_CHECKING, ClassVar

from ebm_tf import checks
from ebm_tf.resources import Need
from ebm_tf.studies import StudyConfig

if TYPE_CHECKING:
    from ebm_tf.studies.contract import Findings, Subject


@dataclasses.dataclass(frozen=True, kw_only=True)
class RefinementConfig:
    """Steps down the energy of each class before the class is chosen.

    For each class: `x -= step_size * dE(x, class)/dx`, kept within `radius` of the
    image in every coordinate; then the class of the lowest energy is taken.

    Attributes:
        num_steps: How many, at least 1.
        step_size: Pixel**2 per nat, > 0, as the run's Langevin steps are.
        radius: Largest change of a coordinate, in units of the state, > 0; 8/255 in
            the released code.
    """

    num_steps: int
    step_size: float
    radius: float = 8.0 / 255.0

    def __post_init__(self):
        checks.require_count("num_steps", self.num_steps, high=1000)
        checks.require_number("step_size", self.step_size, above=0)
        checks.require_number("radius", self.radius, above=0)


@dataclasses.dataclass(frozen=True, kw_only=True)
class RobustnessConfig(StudyConfig):
    """Test images, each moved within a ball until its class is mistaken.

    Projected gradient steps on the margin of logits (Madry et al., 2018,
    https://arxiv.org/abs/1706.06083; Carlini and Wagner, 2017), for the energy and for
    the classifier of the data each on its own gradients. With a refinement the attack
    takes gradients through it.

    Attributes:
        num_images: Test images.
        linf: Radii of the largest change of a coordinate, > 0 and rising, in units of
            the state.
        l2: Radii of the Euclidean length of the change.
        attack_steps: Steps of the attack at each radius.
        level: The noise level at which energies are taken; null for the lowest, and for
            energies without levels.
        refinement: Or null for energies of the images as they are.
    """

    kind: ClassVar[str] = "robustness"
    needs_examples: ClassVar[bool] = True
    needs_classifier: ClassVar[bool] = True
    num_images: int = 200
    linf: tuple[float, ...] = (0.02, 0.05, 0.1, 0.2, 0.3)
    l2: tuple[float, ...] = (0.5, 1.0, 2.0, 3.0, 5.0)
    attack_steps: int = 20
    level: float | None = None
    refinement: RefinementConfig | None = None

    def __post_init__(self):
        checks.require_count("num_images", self.num_images, low=2)
        checks.require_count("attack_steps", self.attack_steps, high=10000)
        for name in ("linf", "l2"):
            radii = getattr(self, name)
            is_fine = list(radii) == sorted(set(radii)) and all(r > 0 for r in radii)
            checks.require(is_fine, name, "positive radii that rise", radii)
            for radius in radii:
                checks.require_number(name, radius)
        rule = "not empty where `l2` is"
        checks.require(bool(self.linf or self.l2), "linf", rule, self.linf)
        if self.level is not None:
            checks.require_number("level", self.level, above=0)

    def needs(self, state_bytes, stored_bytes):
        """Returns the memory of the images, before and after."""
        both = self.num_images * (2 * state_bytes + stored_bytes)
        return (Need("the images", both, ("num_images",)),)

    def require_model(self, shape, num_classes, sampler):
        """Raises ValueError unless the energy is of classes, the states are images."""
        rule = "of classes (energy.num_classes): they are told apart by their energies"
        checks.require(num_classes is not None, "model", rule, "one without classes")
        checks.require(len(shape) == 3, "model", "of images, (H, W, C)", shape)

    def run(self, subject: "Subject") -> "Findings":
        """Attacks both.

        Returns:
            For each norm a table: the radii from 0 on, and at each the accuracy of
            the energy, and of the classifier, in the worst case that was found; and a
            figure. The table `check`: accuracies when a coordinate may go anywhere,
            which are 0 if the attack is worth its name.

        Raises:
            ValueError: If the states are not in a box, or there is no such level.
        """
        from ebm_tf.studies.robustness import findings

        return findings.find(self, subject)
