"""The presets at a glance: what `--preset=help` prints."""

from collections.abc import Iterable

from ebm_tf import text_table

_HEAD = (
    "preset",
    "data",
    "network",
    "labels",
    "steps",
    "step",
    "clip",
    "noise",
    "buffer",
    "L2",
    "rate",
    "batch",
    "parameters",
    "multiply-adds",
)
# Of the network: trainable parameters, and multiply-adds of one energy of one state.
# `//benchmarks:networks` prints them, and a test counts.
SIZES = {
    "arrays": (33_537, 33_152),
    "celeba_attribute": (5_317_121, 622_202_752),
    "cifar100": (5_684_609, 622_199_040),
    "cifar10_conditional": (5_350_529, 622_199_040),
    "cifar10_unconditional": (7_971_969, 792_068_352),
    "cifar10_unconditional_released": (18_591_105, 1_026_949_632),
    "cifar10_score": (4_967_638, 224_354_560),
    "digits": (180_497, 410_688),
    "digits_class": (207_626, 4_656_192),
    "digits_score": (294_050, 5_308_544),
    "dsprites_orientation": (951_905, 89_522_304),
    "dsprites_position": (951_905, 89_522_304),
    "dsprites_shape": (952_385, 89_522_304),
    "dsprites_size": (951_425, 89_522_304),
    "dtd": (5_487_873, 622_199_040),
    "fashion_mnist": (299_209, 4_693_184),
    "fashion_mnist_score": (1_255_527, 66_801_280),
    "folder": (7_676_673, 2_562_195_712),
    "imagenet128": (52_085_377, 4_021_289_984),
    "imagenet128_released": (21_212_289, 3_308_257_792),
    "imagenet32": (59_409_281, 3_023_438_848),
    "imagenet32_released": (89_559_681, 3_929_408_512),
    "mnist": (299_209, 4_693_184),
    "mnist_conditional": (302_169, 4_693_184),
    "mnist_joint": (302_169, 4_693_184),
    "mnist_matching": (504_090, 27_258_864),
    "mnist_paper": (1_246_017, 28_632_192),
    "mnist_recovery": (503_600, 27_212_640),
    "mnist_residual": (372_912, 1_489_088),
    "mnist_score": (1_255_527, 66_801_280),
    "mnist_small": (169_129, 2_815_152),
    "svhn": (5_350_529, 622_199_040),
    "trajectory": (582_145, 6_855_936),
    "trajectory_score": (1_052_545, 1_053_440),
}
# Where the paper gives each number: its appendix.
_SECTIONS = (
    "In the paper's appendix: networks in A.10 and Figure 12; steps, step size, clip,",
    "noise, buffer, L2, learning rate and batch of images in A.11 (trajectories: 10",
    "steps; ImageNet 128x128: step size 100); L2 0.1 of mnist_paper in Figure 9;",
    "labels of celeba_attribute in A.9. dSprites is in the released code alone: 20",
    "steps of size 500 without a clip. The presets *_released hold what that code and",
    "the commands of its README say. arrays, digits, mnist, mnist_small, fashion_mnist",
    "and mnist_residual (one HMC transition an update) are our own, and so are those",
    "called *_score or *_class, which have no chains, mnist_matching and",
    "mnist_recovery.",
    "Multiply-adds of one energy of one image; its gradient takes about twice more.",
)


def text(presets: Iterable[tuple[str, str, dict]]) -> str:
    """Returns the table, and below it what each preset is.

    Args:
        presets: Name, description and settings of each.
    """
    presets = list(presets)
    rows = [_HEAD, *(_row(name, settings) for name, _, settings in presets)]
    notes = [(name, description) for name, description, _ in presets]
    tables = *text_table.lines(rows), "", *text_table.lines(notes)
    return "\n".join([*tables, "", *_SECTIONS])


def _row(name: str, settings: dict) -> tuple[str, ...]:
    train, energy = settings["train"], settings["energy"]
    objective = train["objective"]
    chain = objective.get("langevin", objective)
    labels = energy.get("num_classes")
    if labels is None and energy.get("label_dims") is not None:
        labels = "+".join(settings["ingest"]["label_names"])
    numbers = (
        chain.get("num_steps"),
        chain.get("step_size"),
        chain.get("grad_clip"),
        chain.get("noise_std"),
        objective.get("replay", {}).get("capacity"),
        objective.get("l2_weight"),
        train["optimizer"]["learning_rate"],
        train["batch_size"],
    )
    words = (name, settings["ingest"]["dataset"], energy["kind"], labels, *numbers)
    sizes = (f"{size:,}" for size in SIZES[name])
    return (*map(_text, words), *sizes)


def _text(value) -> str:
    if value is None:
        return "-"
    return f"{value:g}" if isinstance(value, float) else str(value)
