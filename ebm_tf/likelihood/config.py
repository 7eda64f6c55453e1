"""Settings of likelihood estimates, without TensorFlow."""

import dataclasses
import itertools

from ebm_tf import checks

BASES = (
    "uniform",
    "truncated_gaussian",
    "class_mixture",
    "logit_gaussian",
    "model",
)
SPACES = ("logits", "box")
CHOICES = ("ais", "raise")
# Deviations of the noise under which densities are measured too, in units of states.
SIGMAS = (0.001, 0.01, 0.05, 0.3)


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
        adapt_mass: Whether each coordinate has a step size of its own at each stop, in
            proportion to the deviation of the pilot's chains: a diagonal mass matrix.
    """

    num_chains: int
    num_moves: int
    max_step_size: float
    target_accept: float
    min_relative_ess: float
    max_temperatures: int
    adapt_mass: bool = False

    def __post_init__(self):
        checks.require_count("num_chains", self.num_chains, low=2)
        checks.require_count("num_moves", self.num_moves)
        checks.require_number("max_step_size", self.max_step_size, above=0)
        for name in ("target_accept", "min_relative_ess"):
            value = getattr(self, name)
            checks.require_number(name, value, above=0)
            checks.require(value < 1, name, "below 1", value)
        checks.require_count("max_temperatures", self.max_temperatures)


@dataclasses.dataclass(frozen=True, kw_only=True)
class BaseConfig:
    """The normalized density that annealing starts from.

    Attributes:
        kind: "uniform" on the box; "truncated_gaussian": a diagonal Gaussian
            truncated to the box; "class_mixture": one of these for each class;
            "logit_gaussian": a full-covariance Gaussian of the logits; "model": that
            of a residual energy, fitted when it was trained, whose whitened
            coordinates chains run in.
        min_std: Smallest deviation of a fitted base, > 0: in units of the state,
            of the logits for "logit_gaussian". None for "uniform" and "model",
            where nothing is fitted.
        num_images: Training images that a base is fitted to, at least 2.
    """

    kind: str
    min_std: float | None = None
    num_images: int

    def __post_init__(self):
        checks.require_choice("kind", self.kind, BASES)
        if self.kind in ("uniform", "model"):
            rule = f"null for {self.kind}"
            checks.require(self.min_std is None, "min_std", rule, self.min_std)
        else:
            checks.require_number("min_std", self.min_std, above=0)
        checks.require_count("num_images", self.num_images, low=2)


@dataclasses.dataclass(frozen=True, kw_only=True)
class ScanConfig:
    """The run from the uniform base that every inverse temperature is read off.

    Attributes:
        beta_max: Where it ends, > 0.
        span: Factor, above 1, to both sides of the beta found so, within which a
            second run looks again: from the fitted base, which knows more modes than
            chains from the uniform one meet. None: the first beta counts.
        num_temperatures: Stops of a run, at least 2.
        num_chains: Of a run, at least 2.
        num_images: Validation images whose log-likelihood is compared.
        min_ess: Effective sample size, at least 1, below which a beta is never
            chosen by AIS; 1 trusts all.
        by: What chooses: "ais", the log-likelihood of the scans, which is too high
            where chains are few; "raise", RAISE's, which is conservative: at
            `num_betas` inverse temperatures within `span` of the first scan's best.
        num_betas: At least 3.
    """

    beta_max: float
    span: float | None = None
    num_temperatures: int
    num_chains: int
    num_images: int
    min_ess: float
    by: str = "ais"
    num_betas: int = 5

    def __post_init__(self):
        checks.require_number("beta_max", self.beta_max, above=0)
        if self.span is not None:
            checks.require_number("span", self.span, above=1)
        checks.require_count("num_temperatures", self.num_temperatures, low=2)
        checks.require_count("num_chains", self.num_chains, low=2)
        checks.require_count("num_images", self.num_images)
        checks.require_number("min_ess", self.min_ess, low=1)
        checks.require_choice("by", self.by, CHOICES)
        checks.require_count("num_betas", self.num_betas, low=3)
        given = self.by == "ais" or self.span is not None
        checks.require(given, "span", 'a factor, where by is "raise"', self.span)


@dataclasses.dataclass(frozen=True, kw_only=True)
class LikelihoodConfig:
    """How the log-likelihood of a trained model is estimated.

    Attributes:
        beta: Inverse temperature of the density `exp(-beta E) / Z`, > 0, or None
            for the best one on validation images.
        scan: How the best one is looked for; not used with a given beta.
        base: Where annealing starts.
        space: "logits": chains run in the logits of states; "box": on the box,
            with reflecting walls.
        num_leapfrog: Leapfrog steps of a transition.
        jitter: Share by which step sizes are shortened, in [0, 1), against
            resonance.
        pilot: The run that finds temperatures and step sizes.
        num_temperatures: Temperatures of each run, increasing: the bounds are
            shown against them. The last counts.
        num_chains: Forward chains of each run, at least 2.
        num_images: Images of the test and of the training split, at least 2.
        chains_per_image: Reverse chains from each image, in each run.
        chains_per_batch: Chains at a time on each device: what bounds the memory.
        num_replicates: Independent runs, each with a pilot, forward and reverse chains
            of its own: 5 and more for intervals, 10 and more with `resample`.
        resample: Whether forward chains are resampled by their weights.
        num_tried: How many settings were tried before on the same images, these among
            them, and then chosen from: bounds are the wider for it.
        doubling: Whether twice the temperatures, and twice the leapfrog steps, are
            measured too, and a number that they move is marked.
        second_base: Another base, to measure from once more: it may meet modes that
            chains from the first miss. None for none.
    """

    beta: float | None = None
    scan: ScanConfig
    base: BaseConfig
    space: str
    num_leapfrog: int
    jitter: float
    pilot: PilotConfig
    num_temperatures: tuple[int, ...]
    num_chains: int
    num_images: int
    chains_per_image: int
    chains_per_batch: int
    num_replicates: int = 5
    resample: bool = False
    num_tried: int = 1
    doubling: bool = False
    second_base: BaseConfig | None = None

    def __post_init__(self):
        if self.beta is not None:
            checks.require_number("beta", self.beta, above=0)
        checks.require_choice("space", self.space, SPACES)
        kinds = [base.kind for base in (self.base, self.second_base) if base]
        if "logit_gaussian" in kinds:
            checks.require(
                self.space == "logits", "space", "logits for this base", self.space
            )
        if "model" in kinds:
            # Only at 1 is it the model's own density that its base is near to.
            rule = "1 from the model's own base"
            checks.require(self.beta == 1, "beta", rule, self.beta)
        checks.require_number("jitter", self.jitter, low=0)
        checks.require(self.jitter < 1, "jitter", "below 1", self.jitter)
        for name in (
            *("num_leapfrog", "chains_per_image", "chains_per_batch"),
            *("num_replicates", "num_tried"),
        ):
            checks.require_count(name, getattr(self, name))
        for name in ("num_chains", "num_images"):
            checks.require_count(name, getattr(self, name), low=2)
        counts = self.num_temperatures
        for count in counts:
            checks.require_count("num_temperatures", count)
        rises = all(low < high for low, high in itertools.pairwise(counts))
        rule = "non-empty and increasing"
        checks.require(counts and rises, "num_temperatures", rule, counts)
