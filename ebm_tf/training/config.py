"""Settings of training, without TensorFlow: commands read these first."""

import dataclasses

from ebm_tf import checks, settings
from ebm_tf.energy.config import DTYPES
from ebm_tf.gpus import GpuConfig
from ebm_tf.objectives import ObjectiveConfig
from ebm_tf.sampling.config import AugmentConfig

COMPILE_RULES = ("device", "graph", "xla")
EMA_STARTS = ("zeros", "first_weights")


@dataclasses.dataclass(frozen=True, kw_only=True)
class OptimizerConfig:
    """Adam with gradients clipped by their own second moment (paper, A.11).

    Attributes:
        learning_rate: Step size of the first update, > 0.
        final_learning_rate: Step size of the last, > 0, reached along a cosine;
            equal to `learning_rate`, as in the paper, it stays the same.
        beta_1: Decay of the first moment, in [0, 1).
        beta_2: Decay of the second moment, in [0, 1).
        epsilon: Added to the root of the second moment, > 0.
        num_sigmas: Bound on each gradient entry in standard deviations, > 0, or
            None for no bound.
        ema_decay: Decay per update of the moving average of the weights that is
            saved as the model, in [0, 1), or None to save the last weights.
        ema_start: Where that average begins: at "zeros", divided by
            `1 - ema_decay**t` when it is read, so that it is a mean of the weights
            that there were; or at the "first_weights", which stay in it for long, as
            in runs of format 1.
    """

    learning_rate: float
    final_learning_rate: float
    beta_1: float
    beta_2: float
    epsilon: float
    num_sigmas: float | None = None
    ema_decay: float | None = None
    ema_start: str = "first_weights"

    def __post_init__(self):
        for name in ("learning_rate", "final_learning_rate"):
            checks.require_number(name, getattr(self, name), above=0)
        checks.require_number("epsilon", self.epsilon, above=0)
        for name in ("beta_1", "beta_2", "ema_decay"):
            value = getattr(self, name)
            if name != "ema_decay" or value is not None:
                checks.require_number(name, value, low=0)
                checks.require(value < 1, name, "below 1", value)
        if self.num_sigmas is not None:
            checks.require_number("num_sigmas", self.num_sigmas, above=0)
        checks.require_choice("ema_start", self.ema_start, EMA_STARTS)


@dataclasses.dataclass(frozen=True, kw_only=True)
class RecoveryConfig:
    """When a run has failed, and what is changed when it is tried again (A.12).

    A failure is a mean over `window` updates beyond its bound, or a value that is not
    finite. The run goes back to its last checkpoint, with other noise; the factors
    apply once for every retry.

    Attributes:
        max_retries: How often, >= 1, before the run is given up.
        window: Updates of a mean, >= 1.
        max_gap: Largest size of the gap of energies, nats, > 0, or None for no bound.
        max_gradient_norm: Largest norm of the gradient, > 0, or None.
        max_saturated_share: Largest share of coordinates of negatives at the edge
            of the box, in [0, 1], or None.
        min_movement: Smallest mean absolute change of a coordinate over a chain,
            > 0, or None.
        steps_factor: On the number of Langevin steps, rounded up, >= 1.
        learning_rate_factor: On both learning rates, in (0, 1].
        step_size_factor: On the step size of chains, in (0, 1].
    """

    max_retries: int
    window: int
    max_gap: float | None = None
    max_gradient_norm: float | None = None
    max_saturated_share: float | None = None
    min_movement: float | None = None
    steps_factor: float
    learning_rate_factor: float
    step_size_factor: float

    def __post_init__(self):
        checks.require_count("max_retries", self.max_retries)
        checks.require_count("window", self.window)
        for name in ("max_gap", "max_gradient_norm", "min_movement"):
            if getattr(self, name) is not None:
                checks.require_number(name, getattr(self, name), above=0)
        if self.max_saturated_share is not None:
            share = self.max_saturated_share
            checks.require_number("max_saturated_share", share, low=0, high=1)
        checks.require_number("steps_factor", self.steps_factor, low=1)
        for name in ("learning_rate_factor", "step_size_factor"):
            checks.require_number(name, getattr(self, name), above=0, high=1)


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """Everything that decides what a training run computes, but its data and seed.

    Attributes:
        num_updates: Optimizer steps in all.
        batch_size: Data points of one update, over all replicas.
        sizes_per_replica: Whether `batch_size` and the sizes of the objective, such
            as `replay.capacity`, are those of one replica in place of all; so they
            are in the paper's released code, where every process has its own.
        augment: How the images of a batch are changed, each time anew, or None;
            labels stay, and so do chains (those have `objective.replay.augment`).
        objective: What an update minimizes.
        optimizer: How gradients become updates.
        recovery: What happens when the run fails; None gives it up then.
        dtype: What the network computes in, chains and gradients included: "float32"
            or "bfloat16"; weights, states and energies are float32 in either.
        compile: "xla", "graph", or "device": XLA where there is a GPU.
        gpu: How TensorFlow uses GPUs, or None for as it does by itself.
        log_every: Updates between two points of a curve in TensorBoard.
        image_every: Updates between two image grids and histograms there; a
            multiple of `log_every`.
        preview_steps: Steps of the objective's chains from noise to the images of these
            grids.
        checkpoint_every: Updates between two checkpoints. It decides what is computed
            only with `recovery`, which goes back to one; so does the next.
        keep_checkpoints: How many of the newest checkpoints stay on disk.
    """

    num_updates: int
    batch_size: int
    sizes_per_replica: bool = False
    augment: AugmentConfig | None = None
    objective: ObjectiveConfig
    optimizer: OptimizerConfig
    recovery: RecoveryConfig | None = None
    dtype: str
    compile: str
    log_every: int = settings.display()
    image_every: int = settings.display()
    preview_steps: int = settings.display()
    checkpoint_every: int
    keep_checkpoints: int
    gpu: GpuConfig | None = None

    def __post_init__(self):
        for name in (
            "num_updates",
            "batch_size",
            "log_every",
            "image_every",
            "preview_steps",
            "checkpoint_every",
            "keep_checkpoints",
        ):
            checks.require_count(name, getattr(self, name))
        rule = f"a multiple of `log_every`, {self.log_every}"
        is_multiple = self.image_every % self.log_every == 0
        checks.require(is_multiple, "image_every", rule, self.image_every)
        checks.require_choice("dtype", self.dtype, DTYPES)
        checks.require_choice("compile", self.compile, COMPILE_RULES)
        self.objective.require_batch_size(self.batch_size)

    def also_shown(self) -> tuple[str, ...]:
        """Returns the fields that decide nothing that is computed, beside others."""
        kept = ("checkpoint_every", "keep_checkpoints")
        return kept if self.recovery is None else ()

    def for_replicas(self, num_replicas: int) -> "TrainConfig":
        """Returns equal settings whose sizes are those of all replicas."""
        if not self.sizes_per_replica:
            return self
        return dataclasses.replace(
            self,
            batch_size=self.batch_size * num_replicas,
            sizes_per_replica=False,
            objective=self.objective.for_replicas(num_replicas),
        )
