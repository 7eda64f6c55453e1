"""Study `continual`: pairs of classes one after the other (paper, A.7)."""

import dataclasses
from typing import TYPE_CHECKING, ClassVar

from ebm_tf import checks
from ebm_tf.energy.networks import NetworkConfig
from ebm_tf.energy.networks.class_mlp import ClassMlpConfig
from ebm_tf.objectives.contrastive import ContrastiveConfig
from ebm_tf.resources import Need
from ebm_tf.sampling.config import LangevinConfig, ReplayConfig
from ebm_tf.studies import StudyConfig
from ebm_tf.training.config import OptimizerConfig

if TYPE_CHECKING:
    from ebm_tf.studies.contract import Findings, Subject

NEGATIVES = ("task", "seen")


def _objective() -> ContrastiveConfig:
    return ContrastiveConfig(
        contrast="cd",
        l2_weight=1.0,
        langevin=LangevinConfig(num_steps=10, step_size=10.0, noise_std=0.005),
        replay=ReplayConfig(
            capacity=1000, fresh_prob=0.02, labels="data", write="in_place"
        ),
    )


def _optimizer() -> OptimizerConfig:
    return OptimizerConfig(
        learning_rate=0.001,
        final_learning_rate=0.001,
        beta_1=0.0,
        beta_2=0.999,
        epsilon=1e-8,
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class ContinualConfig(StudyConfig):
    """Classes come some at a time, once, and all are to be told apart (paper, A.7).

    It trains models of its own on the examples, and beside each, on the same images in
    the same order, classifiers: of all classes, of the task's, and of the task's by the
    energy's own network.

    Attributes:
        num_seeds: Runs, each with its own weights, order of images and noise.
        classes_per_task: Classes of a task, a divisor of their number.
        images_per_class: Training images of each class, or null for all.
        num_test: Test images, all if there are fewer.
        batch_size: Images of an update.
        negatives: Labels that negatives have: those of the "task", as in the paper,
            or those of all classes "seen" so far.
        network: The energy's, conditional on the class.
        objective: Its training; the study decides the labels of the buffer.
        optimizer: Of the energy and of the classifier; begun anew with each task.
    """

    kind: ClassVar[str] = "continual"
    needs_model: ClassVar[bool] = False
    needs_examples: ClassVar[bool] = True
    num_seeds: int = 5
    classes_per_task: int = 2
    images_per_class: int | None = None
    num_test: int = 10_000
    batch_size: int = 32
    negatives: str = "task"
    network: NetworkConfig = dataclasses.field(
        default_factory=lambda: ClassMlpConfig(num_classes=10, width=64)
    )
    objective: ContrastiveConfig = dataclasses.field(default_factory=_objective)
    optimizer: OptimizerConfig = dataclasses.field(default_factory=_optimizer)

    def __post_init__(self):
        checks.require_count("num_seeds", self.num_seeds, low=2)
        checks.require_count("num_test", self.num_test)
        checks.require_count("batch_size", self.batch_size)
        checks.require_choice("negatives", self.negatives, NEGATIVES)
        if self.images_per_class is not None:
            checks.require_count("images_per_class", self.images_per_class)
        num = self.network.num_classes
        rule = "conditional on the class alone (num_classes)"
        alone = num is not None and self.network.noise_levels is None
        checks.require(alone, "network", rule, self.network.kind)
        checks.require_count("classes_per_task", self.classes_per_task, high=num // 2)
        rule = f"a divisor of the number of classes, {num}"
        holds = num % self.classes_per_task == 0
        checks.require(holds, "classes_per_task", rule, self.classes_per_task)
        checks.require(
            self.optimizer.ema_decay is None,
            "optimizer.ema_decay",
            "null: the last weights are looked at",
            self.optimizer.ema_decay,
        )
        self.objective.require_batch_size(self.batch_size)

    @property
    def num_tasks(self) -> int:
        """How many tasks there are."""
        return self.network.num_classes // self.classes_per_task

    def needs(self, state_bytes, stored_bytes):
        """Returns the memory of the test images and of the buffer."""
        buffer = self.objective.replay.capacity * stored_bytes
        return (
            Need("the test images", self.num_test * state_bytes, ("num_test",)),
            Need("the replay buffer", buffer, ("objective.replay.capacity",)),
        )

    def run(self, subject: "Subject") -> "Findings":
        """Trains on one task after another, and looks at all after each.

        Returns:
            The table `accuracy`: of each method the share of test images of each task
            that are told from all classes after each task, means over seeds
            `[task trained, task tested]`; how many of all test images in the end, of
            each seed; how much of a task is forgotten. Figures `seen`: accuracy on
            the classes so far, told from all, after each task; and `tasks`: on each in
            the end.

        Raises:
            ValueError: If the examples have not the network's classes.
        """
        from ebm_tf.studies.continual import findings

        return findings.find(self, subject)
