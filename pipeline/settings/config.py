"""Settings of the stages and of a whole run, without TensorFlow."""

import dataclasses

from ebm_tf import checks, settings
from ebm_tf.data import source_modules
from ebm_tf.data.config import ImagesConfig
from ebm_tf.energy.config import DTYPES
from ebm_tf.energy.networks import NetworkConfig
from ebm_tf.gpus import GpuConfig
from ebm_tf.likelihood.config import LikelihoodConfig
from ebm_tf.likelihood.level_config import LevelLikelihoodConfig
from ebm_tf.metrics.config import ImageMetricsConfig
from ebm_tf.sampling.config import (
    ENSEMBLE_RULES,
    ProcessConfig,
)
from ebm_tf.sampling.samplers import SamplerConfig
from ebm_tf.studies import StudyConfig
from ebm_tf.training.config import TrainConfig

OVERLAP_RULES = ("refuse", "allow")
STARTS = ("noise", "replay")
TASKS = (
    "energies",
    "neighbours",
    "classifier",
    "likelihood",
    "level_likelihood",
    "image_metrics",
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class IngestConfig:
    """How a data set becomes the `examples` of a run.

    Attributes:
        dataset: Name of the data set; `ebm_tf.data.sources` knows which.
        validation_count: Images held out from the training set, >= 1; a tenth where
            these would be more than half of a set of your own. Of no use where the
            data have a validation set.
        shard_size: Images of one file, >= 1.
        label_names: Numbers that make an image's label in place of its class, such
            as attributes; none for the class.
        images: What images that come in any size become; null for those of one size.
        overlap: What test or validation images do that are in the training set too:
            "refuse", or "allow": they are counted and told. It decides whether there
            are examples, not which.
    """

    dataset: str
    validation_count: int
    shard_size: int
    label_names: tuple[str, ...]
    images: ImagesConfig | None = None
    overlap: str = settings.display(default="refuse")

    def __post_init__(self):
        checks.require(
            isinstance(self.dataset, str) and self.dataset.isidentifier(),
            "dataset",
            "the name of a data set",
            self.dataset,
        )
        checks.require_count("validation_count", self.validation_count)
        checks.require_count("shard_size", self.shard_size)
        checks.require_choice("overlap", self.overlap, OVERLAP_RULES)

    def require_names(self) -> None:
        """Raises `ValueError` if there is no such data set."""
        source_modules.module_of(self.dataset)

    def named_modules(self) -> dict[str, str]:
        """Returns the module of the data set, which `dataset` names."""
        return {"dataset": source_modules.module_of(self.dataset)}


@dataclasses.dataclass(frozen=True, kw_only=True)
class SampleConfig:
    """How a trained model is sampled.

    Attributes:
        num_samples: Images in all.
        batch_size: Chains run at a time.
        start: Where chains start: "noise", or "replay": in the buffer of training,
            which was filled from noise alone (paper, A.2), each slot once before
            any comes again.
        sampler: The chains.
        ensemble: What several models are sampled by (A.12): the "mean" of their
            energies, or one at "random" in each step; one model is sampled alone.
        process: The replay buffer at test time that the chains go through (A.2),
            or None for chains that run by themselves.
        gpu: How TensorFlow uses GPUs, or None for as it does by itself.
        png_files: Whether each image is written as a PNG file too.
        num_strips: Chains shown from noise to image.
        strip_frames: Pictures of each of them, the first and the last included.
    """

    num_samples: int
    batch_size: int
    start: str
    sampler: SamplerConfig
    ensemble: str
    process: ProcessConfig | None = None
    gpu: GpuConfig | None = None
    png_files: bool = settings.display()
    num_strips: int = settings.display()
    strip_frames: int = settings.display()

    def __post_init__(self):
        checks.require_count("num_samples", self.num_samples)
        checks.require_count("batch_size", self.batch_size)
        checks.require_choice("start", self.start, STARTS)
        checks.require_choice("ensemble", self.ensemble, ENSEMBLE_RULES)
        checks.require_count("num_strips", self.num_strips)
        checks.require_count(
            "strip_frames", self.strip_frames, low=2, high=self.sampler.num_steps + 1
        )
        if self.process is not None:
            capacity, kind = self.process.capacity, "langevin"
            checks.require_count("batch_size", self.batch_size, high=capacity)
            rule = f"{kind!r}: the process raises its noise"
            found = self.sampler.kind
            checks.require(found == kind, "sampler.kind", rule, found)


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClassifierConfig:
    """How the classifier of samples is trained.

    Attributes:
        num_epochs: Passes over the training examples.
        batch_size: Images of one update.
        learning_rate: Step size of Adam, > 0.
    """

    num_epochs: int
    batch_size: int
    learning_rate: float

    def __post_init__(self):
        checks.require_count("num_epochs", self.num_epochs)
        checks.require_count("batch_size", self.batch_size)
        checks.require_number("learning_rate", self.learning_rate, above=0)


@dataclasses.dataclass(frozen=True, kw_only=True)
class GatesConfig:
    """What a model must show to be exported, beside energies that are finite.

    Attributes:
        max_energy_gap: Largest distance between the mean energies of samples and of
            test images, in standard deviations of the latter; None asks nothing, as
            below.
        min_noise_auroc: Least AUROC of test images against noise, in [0, 1]: the
            share of pairs in which noise has the higher energy. 0.5 if the energy
            tells nothing, below if noise is the likelier of the two.
        min_confident_share: Least share of samples that the classifier is sure of.
        min_class_share: Least share of samples in the rarest class.
        max_image_metrics: Largest values of numbers of the task "image_metrics", by
            name, such as `{"frechet_classifier": 40}`.
        min_image_metrics: Least values, such as `{"coverage_classifier": 0.5}`.
    """

    max_energy_gap: float | None = None
    min_noise_auroc: float | None = None
    min_confident_share: float | None = None
    min_class_share: float | None = None
    max_image_metrics: dict[str, float] | None = None
    min_image_metrics: dict[str, float] | None = None

    def __post_init__(self):
        if self.max_energy_gap is not None:
            checks.require_number("max_energy_gap", self.max_energy_gap, above=0)
        for name in ("min_noise_auroc", "min_confident_share", "min_class_share"):
            if getattr(self, name) is not None:
                checks.require_number(name, getattr(self, name), low=0, high=1)


@dataclasses.dataclass(frozen=True, kw_only=True)
class EvaluateConfig:
    """What is measured on a model and its samples.

    Attributes:
        tasks: Some of `TASKS`, each once.
        num_images: Images of each split whose energies are compared.
        num_neighbours: Nearest training images looked up for a sample.
        num_shown: Samples shown with their neighbours.
        classifier: That of the task "classifier".
        likelihood: The estimates of the task "likelihood".
        level_likelihood: That of the task "level_likelihood", which is for energies of
            noise levels; or None.
        image_metrics: The numbers of the task "image_metrics".
        gates: What the model must show to be exported.
        gpu: How TensorFlow uses GPUs, or None for as it does by itself.
    """

    tasks: tuple[str, ...]
    num_images: int
    num_neighbours: int
    num_shown: int = settings.display()
    classifier: ClassifierConfig
    likelihood: LikelihoodConfig
    gates: GatesConfig
    level_likelihood: LevelLikelihoodConfig | None = None
    gpu: GpuConfig | None = None
    image_metrics: ImageMetricsConfig | None = None

    def __post_init__(self):
        for task in self.tasks:
            checks.require_choice("tasks", task, TASKS)
        checks.require(
            0 < len(self.tasks) == len(set(self.tasks)),
            "tasks",
            "non-empty, each task once",
            self.tasks,
        )
        if "level_likelihood" in self.tasks:
            rule = 'given for the task "level_likelihood"'
            given = self.level_likelihood is not None
            checks.require(given, "level_likelihood", rule, self.level_likelihood)
        if "image_metrics" in self.tasks:
            rule = "a block: the task image_metrics is asked for"
            found = self.image_metrics
            checks.require(found is not None, "image_metrics", rule, found)
        checks.require_count("num_images", self.num_images)
        checks.require_count("num_neighbours", self.num_neighbours)
        checks.require_count("num_shown", self.num_shown)


@dataclasses.dataclass(frozen=True, kw_only=True)
class StableHloConfig:
    """A sampler as a StableHLO program, whose shapes are fixed.

    Attributes:
        num: Images of a call.
        num_steps: Steps of their chains.
    """

    num: int
    num_steps: int

    def __post_init__(self):
        checks.require_count("num", self.num)
        checks.require_count("num_steps", self.num_steps)


@dataclasses.dataclass(frozen=True, kw_only=True)
class ExportConfig:
    """Bounds that an exported model keeps, so that no request can exhaust it.

    Attributes:
        max_num: Largest number of images of one call.
        max_steps: Largest number of steps of one call.
        dtype: What the network computes in: "float32", or "bfloat16", which is
            faster where the device has it, and coarse.
        stablehlo: The program to write beside the SavedModel, or None.
    """

    max_num: int
    max_steps: int
    dtype: str
    stablehlo: StableHloConfig | None = None

    def __post_init__(self):
        checks.require_count("max_num", self.max_num)
        checks.require_count("max_steps", self.max_steps)
        checks.require_choice("dtype", self.dtype, DTYPES)


@dataclasses.dataclass(frozen=True, kw_only=True)
class RunConfig:
    """Everything that decides a run, but its seed: what a preset holds.

    Attributes:
        ingest: The examples.
        energy: The network.
        train: The training.
        sample: The samples.
        evaluate: The report.
        export: The exported model.
        studies: The studies of a trained model, by name. One that is absent has the
            defaults of its settings.
    """

    ingest: IngestConfig
    energy: NetworkConfig
    train: TrainConfig
    sample: SampleConfig
    evaluate: EvaluateConfig
    export: ExportConfig
    studies: dict[str, StudyConfig] = dataclasses.field(default_factory=dict)
