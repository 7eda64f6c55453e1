"""Study `composition`: energies of attributes joined by and, or, not (A.8, A.9)."""

import dataclasses
from typing import TYPE_CHECKING, ClassVar

from ebm_tf import checks, settings
from ebm_tf.energy.networks.composition import RULES
from ebm_tf.resources import Need
from ebm_tf.studies import StudyConfig
from ebm_tf.studies.composition.readers import ReaderConfig
from ebm_tf.studies.composition.readers.sprites import SpritesReaderConfig

if TYPE_CHECKING:
    from ebm_tf.studies.contract import Findings, Subject

OFFSETS = ("zero", "data")
_MAX_MODELS = 16


@dataclasses.dataclass(frozen=True, kw_only=True)
class AskedConfig:
    """One attribute of a composition.

    Attributes:
        attribute: "class", or the names of the label's numbers joined by "_":
            "scale", "x_y", "Male"; "orientation" for its two numbers.
        label: What is asked for, a class or numbers; null for what some test image
            has, another for each sample.
        weight: Factor on the energy, of the model alone too; negative for "not".
    """

    attribute: str
    label: tuple[float, ...] | None = None
    weight: float = 1.0

    def __post_init__(self):
        checks.require_number("weight", self.weight)
        checks.require(self.weight != 0, "weight", "other than 0", self.weight)


@dataclasses.dataclass(frozen=True, kw_only=True)
class JoinConfig:
    """A composition that samples are drawn of.

    Attributes:
        terms: The attributes.
        rule: "all" for "and" and "and not", "any" for "or".
        temperature: Of "any", nats; null for that of the sampler, 1 if it has none.
        offsets: Of "any": "zero" takes energies as they are, "data" has them equally
            low on average at test images of their own; null is "zero" for energies of
            noise levels, which know their log Z if they were trained to, else "data".
    """

    terms: tuple[AskedConfig, ...]
    rule: str = "all"
    temperature: float | None = None
    offsets: str | None = None

    def __post_init__(self):
        checks.require_choice("rule", self.rule, RULES)
        rule = f"1 to {_MAX_MODELS} attributes"
        is_few = 1 <= len(self.terms) <= _MAX_MODELS
        checks.require(is_few, "terms", rule, len(self.terms))
        if self.temperature is not None:
            checks.require_number("temperature", self.temperature, above=0)
        if self.offsets is not None:
            checks.require_choice("offsets", self.offsets, OFFSETS)
        is_some = any(term.weight > 0 for term in self.terms)
        checks.require(is_some, "terms", "one of positive weight at least", self.terms)

    @property
    def name(self) -> str:
        """What it is called in tables, such as "class_and_scale"."""
        word = {"all": "and", "any": "or"}[self.rule]
        parts = [
            f"not_{t.attribute}" * (t.weight < 0) or t.attribute for t in self.terms
        ]
        return f"_{word}_".join(parts)


@dataclasses.dataclass(frozen=True, kw_only=True)
class TuningConfig:
    """Joined networks trained further, through the chains that sample them (A.8).

    Attributes:
        num_updates: Updates of each composition, which begins with the weights of the
            models anew.
        batch_size: Images of an update, and chains.
        learning_rate: Of Adam.
        num_images: Training images whose attributes are read, and asked for together.
        num_grad_steps: Last steps of a chain that are differentiated.
        kl_weight: Of the energy where chains end, differentiated through them; the
            energy itself is held constant.
        l2_weight: Of the squares of energies.
    """

    num_updates: int = 100
    batch_size: int = 32
    learning_rate: float = 0.0003
    num_images: int = 1000
    num_grad_steps: int = 10
    kl_weight: float = 1.0
    l2_weight: float = 0.1

    def __post_init__(self):
        for name in ("num_updates", "batch_size", "num_images", "num_grad_steps"):
            checks.require_count(name, getattr(self, name))
        checks.require_number("learning_rate", self.learning_rate, above=0)
        for name in ("kl_weight", "l2_weight"):
            checks.require_number(name, getattr(self, name), low=0)


@dataclasses.dataclass(frozen=True, kw_only=True)
class CompositionStudyConfig(StudyConfig):
    """Samples of energies that are joined: have they what was asked for?

    The run's model knows one attribute, each of `models` another. A model without
    labels among them is what joined energies are taken relative to: K of them, less
    K - 1 times its own. Energies of noise levels need it, unless one is of classes:
    then its mean over them is taken. Weights above 1 ask for more of an attribute.

    Attributes:
        models: Folders of artifacts `model`, of the same states.
        joins: What is sampled; none for "and" of each two attributes, and of all.
        weight: Of each attribute where there are no `joins`, > 0.
        reader: Who says which attributes a sample has: "sprites", "strokes" of digits,
            or "learned", of whatever the labels of the examples say.
        tuning: How joined networks are trained further before more samples are drawn,
            or null; of energies without noise levels, for "and" of null labels.
        num_samples: Of each composition, and of each model alone.
        num_known: Test images, at most, whose attributes are asked for.
        num_shown: Samples of each in the figures.
    """

    kind: ClassVar[str] = "composition"
    needs_examples: ClassVar[bool] = True
    models: tuple[str, ...] = ()
    joins: tuple[JoinConfig, ...] = ()
    weight: float = 1.0
    reader: ReaderConfig = dataclasses.field(default_factory=SpritesReaderConfig)
    tuning: TuningConfig | None = None
    num_samples: int = 200
    num_known: int = 500
    num_shown: int = settings.display(default=10)

    def __post_init__(self):
        rule = f"at most {_MAX_MODELS} folders"
        checks.require(len(self.models) <= _MAX_MODELS, "models", rule, self.models)
        for path in self.models:
            checks.require(bool(path), "models", "folders", path)
        names = [join.name for join in self.joins]
        rule = "compositions of other attributes each"
        checks.require(len(set(names)) == len(names), "joins", rule, names)
        checks.require_number("weight", self.weight, above=0)
        checks.require_count("num_samples", self.num_samples, low=2)
        checks.require_count("num_known", self.num_known, low=2)
        checks.require_count("num_shown", self.num_shown, high=self.num_samples)

    @property
    def needs_classifier(self) -> bool:
        """Whether the reader asks the classifier of the examples."""
        return self.reader.needs_classifier

    def other_models(self):
        """Returns the folders of the other models."""
        return {f"model_{n}": path for n, path in enumerate(self.models, 1)}

    def needs(self, state_bytes, stored_bytes):
        """Returns the memory of the samples and of the test images."""
        # At the same time those of one composition, and those of all to be kept.
        num_joins = len(self.joins) or (len(self.models) + 1) ** 2
        samples = self.num_samples * (state_bytes + num_joins * stored_bytes)
        images = self.num_known * (state_bytes + stored_bytes)
        return (
            Need("the samples", samples, ("num_samples",)),
            Need("the test images", images, ("num_known",)),
        )

    def run(self, subject: "Subject") -> "Findings":
        """Draws samples, and reads what they have.

        Returns:
            The table `attributes`: of each composition the share of samples that have
            each attribute and what was asked for as a whole, with a standard error;
            likewise of samples of each model alone, of test images that nobody asked
            for anything ("chance"), and after `tuning` ("tuned"). The table `reader`:
            what the reader says of test images of their own labels. Figures `shares`
            and, of each composition, `samples_NAME`; its samples as an array.

        Raises:
            ValueError: If models are of other states or levels, two know the same
                attribute, a composition asks for one that none knows, or the reader
                cannot read such states.
        """
        from ebm_tf.studies.composition import findings

        return findings.find(self, subject)
