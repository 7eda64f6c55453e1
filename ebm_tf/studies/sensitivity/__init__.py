"""Study `sensitivity`: one setting of a training changed at a time (A.4, A.12)."""

import dataclasses
from typing import TYPE_CHECKING, ClassVar

from ebm_tf import checks, settings
from ebm_tf.energy.networks import NetworkConfig
from ebm_tf.energy.networks.convnet import ConvNetConfig
from ebm_tf.metrics.features.classifier import ClassifierFeatures
from ebm_tf.objectives.contrastive import ContrastiveConfig
from ebm_tf.resources import Need
from ebm_tf.sampling.config import LangevinConfig, ReplayConfig
from ebm_tf.studies import StudyConfig
from ebm_tf.studies.sensitivity.rows import MOST, ROWS
from ebm_tf.training.config import OptimizerConfig

if TYPE_CHECKING:
    from ebm_tf.studies.contract import Findings, Subject


def _network() -> ConvNetConfig:
    return ConvNetConfig(
        stem_filters=16,
        filters=32,
        activation="leaky_relu",
        kernel_initializer="glorot_uniform",
        normalize_head=False,
    )


def _objective() -> ContrastiveConfig:
    return ContrastiveConfig(
        contrast="cd",
        l2_weight=0.1,
        langevin=LangevinConfig(num_steps=8, step_size=10.0, noise_std=0.02),
        replay=ReplayConfig(
            capacity=500, fresh_prob=0.12, labels="data", write="in_place"
        ),
    )


def _optimizer() -> OptimizerConfig:
    return OptimizerConfig(
        learning_rate=0.006,
        final_learning_rate=0.0006,
        beta_1=0.5,
        beta_2=0.999,
        epsilon=1e-8,
        num_sigmas=3.0,
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class SensitivityConfig(StudyConfig):
    """Models that differ from a first one in a single setting, and what they draw.

    It trains all of them itself on the examples, each for as many updates, and asks the
    classifier of the data about chains from noise that are as the row's training has
    them. A row that diverges says so. The defaults are for small images.

    Attributes:
        rows: Which, of `ROWS`, each once; the first is "base". At most 12.
        num_updates: Of each row.
        batch_size: Images of an update.
        num_samples: Chains from noise that are judged; more than the classifier's
            hidden layer is wide.
        num_steps: Of these chains.
        confidence: Of the classifier, which counts as sure.
        network: Of the first row.
        objective: Likewise.
        optimizer: Of all rows.
        num_shown: Samples of a row in the picture.
    """

    kind: ClassVar[str] = "sensitivity"
    needs_model: ClassVar[bool] = False
    needs_examples: ClassVar[bool] = True
    needs_classifier: ClassVar[bool] = True
    rows: tuple[str, ...] = tuple(ROWS)[:MOST]
    num_updates: int = 400
    batch_size: int = 64
    num_samples: int = 500
    num_steps: int = 80
    confidence: float = 0.9
    network: NetworkConfig = dataclasses.field(default_factory=_network)
    objective: ContrastiveConfig = dataclasses.field(default_factory=_objective)
    optimizer: OptimizerConfig = dataclasses.field(default_factory=_optimizer)
    num_shown: int = settings.display(default=10)

    def __post_init__(self):
        rule = f'of {", ".join(ROWS)}, each once, at most {MOST}, "base" the first'
        rows = self.rows
        is_fine = 0 < len(rows) == len(set(rows)) <= MOST and set(rows) <= set(ROWS)
        checks.require(is_fine and rows[0] == "base", "rows", rule, rows)
        for name in ("num_updates", "batch_size", "num_steps"):
            checks.require_count(name, getattr(self, name))
        low = ClassifierFeatures.width + 1
        checks.require_count("num_samples", self.num_samples, low=low)
        checks.require_number("confidence", self.confidence, low=0, high=1)
        checks.require_count("num_shown", self.num_shown, high=40)
        alone = self.network.num_classes is None and self.network.noise_levels is None
        rule = "without classes and without noise levels"
        checks.require(alone, "network", rule, self.network.kind)
        for name in rows:
            changed = ROWS[name].change(self.network, self.objective)
            changed.objective.require_batch_size(self.batch_size)

    def needs(self, state_bytes, stored_bytes):
        """Returns the memory of the samples and of a row's buffer."""
        samples = self.num_samples * (3 * state_bytes + stored_bytes)
        capacity = max(
            ROWS[name].change(self.network, self.objective).objective.replay.capacity
            for name in self.rows
        )
        names = ("objective.replay.capacity",)
        return (
            Need("the samples", samples, ("num_samples",)),
            Need("the replay buffer", capacity * stored_bytes, names),
        )

    def run(self, subject: "Subject") -> "Findings":
        """Trains and judges every row.

        Returns:
            The table `rows`: of each what is changed; the update at which it diverged,
            or null; the gap of energies over the last tenth of its updates, nats; the
            Frechet distance of its samples to training images in the classifier's
            hidden layer; how many samples the classifier is sure of, and the share of
            the rarest class. Of test images the same numbers. The figures `frechet` and
            `samples`, and the samples of the picture as an array.

        Raises:
            ValueError: If the examples are not of images with classes, or fewer than
                the distance needs.
        """
        from ebm_tf.studies.sensitivity import findings

        return findings.find(self, subject)
