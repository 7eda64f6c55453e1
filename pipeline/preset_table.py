"""The presets at a glance: what `--preset=help` prints."""

from collections.abc import Iterable

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
    "what it is",
)
# Where the paper gives each number: its appendix.
_SECTIONS = (
    "In the paper's appendix: networks in A.10 and Figure 12; steps, step size, clip,",
    "noise, buffer, L2, learning rate and batch of images in A.11 (trajectories: 10",
    "steps; ImageNet 128x128: step size 100); L2 0.1 of mnist_paper in Figure 9;",
    "labels of celeba_attribute in A.9. dSprites is in the released code alone: 20",
    "steps of size 500 without a clip. mnist, mnist_small and fashion_mnist are ours.",
)


def text(presets: Iterable[tuple[str, str, dict]]) -> str:
    """Returns the table.

    Args:
        presets: Name, description and settings of each.
    """
    rows = [_HEAD, *(_row(*preset) for preset in presets)]
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    return "\n".join([*lines, "", *_SECTIONS])


def _row(name: str, description: str, settings: dict) -> tuple[str, ...]:
    train, energy = settings["train"], settings["energy"]
    chain = train["langevin"]
    labels = energy.get("num_classes")
    if labels is None and energy.get("label_dims") is not None:
        labels = "+".join(settings["ingest"]["label_names"])
    numbers = (
        chain["num_steps"],
        chain["step_size"],
        chain["grad_clip"],
        chain["noise_std"],
        train["replay"]["capacity"],
        train["objective"].get("l2_weight"),
        train["optimizer"]["learning_rate"],
        train["batch_size"],
    )
    words = (name, settings["ingest"]["dataset"], energy["kind"], labels, *numbers)
    return (*map(_text, words), description)


def _text(value) -> str:
    if value is None:
        return "-"
    return f"{value:g}" if isinstance(value, float) else str(value)
