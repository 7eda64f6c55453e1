"""The networks of the presets: parameters and multiply-adds, counted.

    ./bazelw run //benchmarks:networks

Builds the network of every preset for the shape of its data set and prints a table in
Markdown: trainable parameters, multiply-adds of one energy of one image (or sequence),
and how many parameters the published layers have. Takes half a minute and half a
gigabyte.
"""

from ebm_tf import settings
from ebm_tf.data.sources import base
from pipeline.settings import presets
from pipeline.settings.config import RunConfig
from pipeline.stages import summary

# Parameters of the layers that were published, counted without this library: those of
# Figure 12, and of the released code those that its forward pass touches.
PUBLISHED = {
    "mnist_paper": "1,246,017, released code",
    "cifar10_conditional": "5,350,529, Figure 12(a)",
    "cifar10_unconditional": "7,971,969, Figure 12(b)",
    "cifar10_unconditional_released": "18,591,105, released code",
    "imagenet32": "59,409,281, Figure 12(c)",
    "imagenet32_released": "89,559,681, released code",
    "imagenet128": "52,085,377, Figure 12(d)",
    "imagenet128_released": "21,212,289, released code",
    "dsprites_size": "951,425, released code",
    "dsprites_position": "951,905, released code",
    "dsprites_orientation": "951,905, released code",
    "dsprites_shape": "952,385, released code",
}


def main() -> None:
    """Prints the table."""
    print("| preset | state | parameters | multiply-adds | published |")
    print("| --- | --- | --- | --- | --- |")
    for name in presets.preset_names():
        config = settings.from_dict(RunConfig, presets.read_preset(name)[1])
        shape = base.shape_of(config.ingest.dataset, config.ingest.images)
        parameters, multiply_adds = summary.size(config)
        cells = (
            f"`{name}`",
            "x".join(map(str, shape)),
            f"{parameters:,}",
            f"{multiply_adds:,}",
            PUBLISHED.get(name, ""),
        )
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
