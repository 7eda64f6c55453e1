"""More memory and disk than there is; and what needs no size works at any."""

import json
import pathlib

import numpy as np

from benchmarks import tiny_run
from benchmarks.bad_input.trial import Trial

_MOST = 2**31 - 1
# Settings of a training that ask for too much -> what the line names.
_TRAIN = {
    "a large buffer": ({"train.objective.replay.capacity": _MOST}, "capacity"),
    "a large batch": (
        {"train.batch_size": _MOST, "train.objective.replay.capacity": _MOST},
        "train.batch_size",
    ),
    **{
        f"{filters:,} filters": ({"filters": filters}, "energy.filters")
        for filters in (10**5, 10**6, 10**7, _MOST)
    },
    **{
        f"{kind} of {width:,}": (
            {"energy": {"kind": kind, **_settings}},
            f"energy.{name}",
        )
        for kind, name, width, _settings in (
            (
                "resnet",
                "stage_filters",
                10**6,
                {
                    "stem_filters": 4,
                    "stage_filters": [10**6, 10**6],
                    "stage_blocks": [1, 1],
                    "activation": "swish",
                    "head_activation": "relu",
                    "kernel_initializer": "glorot_uniform",
                    "normalize_head": False,
                    "attention_stage": None,
                },
            ),
            (
                "sprites_net",
                "filters",
                10**6,
                {
                    "filters": 10**6,
                    "activation": "swish",
                    "kernel_initializer": "glorot_uniform",
                    "normalize_head": False,
                },
            ),
        )
    },
}


def _of_training():
    for name, (sets, says) in _TRAIN.items():
        words = [f"--set={path}={json.dumps(value)}" for path, value in sets.items()]
        yield Trial(
            name=f"train: {name}",
            command="train",
            args=(*tiny_run.SETTINGS, "--examples=run/examples", "--out=run", *words),
            needs="examples",
            says=("bytes of", "lower", says),
        )


def _of_depth():
    """Yields networks that would take days to make, layer by layer."""
    mlp = {
        "kind": "mlp",
        "widths": [2] * 1001,
        "scale": 1.0,
        "activation": "swish",
        "kernel_initializer": "glorot_uniform",
        "normalize_head": False,
    }
    part = json.loads(tiny_run._NETWORK)
    for name, energy, says in (
        ("a thousand layers and one", mlp, "widths"),
        (
            "a million members",
            {"kind": "ensemble", "num_members": 10**6, "network": part},
            "num_members",
        ),
        (
            "a million scales",
            {"kind": "multi_scale", "num_scales": 10**6, "network": part},
            "num_scales",
        ),
    ):
        yield Trial(
            name=f"train: {name}",
            command="train",
            args=(
                "--preset=mnist",
                "--out=run",
                f"--set=energy={json.dumps(energy)}",
            ),
            says=(says,),
        )


def _of_samples():
    for name, says in (
        ("sample.batch_size", "sample.batch_size"),
        ("sample.num_strips", "sample.num_strips"),
    ):
        yield Trial(
            name=f"sample: {name} of {_MOST:,}",
            command="sample",
            args=("--out=run", "--num=2", f"--set={name}={_MOST}"),
            needs="model",
            says=("bytes of memory", "lower", says),
        )
    yield Trial(
        name="study: as many chains as an int32 counts",
        command="study",
        args=(
            "--study=saturation",
            "--out=run",
            f"--set=studies.saturation.num_chains={_MOST}",
        ),
        needs="model",
        says=("bytes of memory", "studies.saturation.num_chains"),
    )


def _of_stages():
    """Yields what the stages say of presets, without running them."""
    from ebm_tf import resources, settings
    from pipeline.settings import presets
    from pipeline.settings.config import RunConfig
    from pipeline.stages import needs

    details = {
        "shape": [128, 128, 3],
        "space": {"num_levels": 256},
        "num_examples": {"train": 10**6, "test": 10**5},
    }

    def ask(path, value, find):
        def call(folder):
            data = presets.read_preset("mnist")[1]
            node = data
            *parents, last = path.split(".")
            for parent in parents:
                node = node[parent]
            node[last] = value
            config = settings.from_dict(RunConfig, data)
            resources.require(find(config), folder)

        return call

    likelihood = "evaluate.likelihood"
    for path, find in (
        ("sample.num_samples", lambda c: needs.of_samples(c.sample, details)),
        ("train.objective.replay.capacity", lambda c: needs.of_training(c, details)),
        *(
            (
                f"{likelihood}.{name}",
                lambda c: needs.of_likelihood(c.evaluate.likelihood, details),
            )
            for name in (
                "num_chains",
                "pilot.num_chains",
                "scan.num_chains",
                "scan.num_temperatures",
                "chains_per_image",
            )
        ),
    ):
        yield Trial(
            name=f"{path} of {_MOST:,}",
            call=ask(path, _MOST, find),
            says=("bytes of", "lower", path),
        )


def _arrays(folder: pathlib.Path) -> None:
    (folder / "data").mkdir()
    random = np.random.default_rng(0)
    for name, num in (("train", 40), ("test", 8)):
        np.save(folder / "data" / f"{name}.npy", random.random((num, 3), np.float32))


def _trials(folder: pathlib.Path) -> None:
    from pipeline.experiments import trials

    search = trials.Search(
        kind="random",
        num_trials=10**12,
        fields={"train.num_updates": {"low": 1, "high": 9, "scale": "linear"}},
        metrics=(),
    )
    found = trials.Trials(search, seed=0)
    assert len(found) == 10**12 and 1 <= found[10**12 - 1]["train.num_updates"] <= 9


_WORKS = (
    Trial(
        name="ingest: a shard size beyond the data works",
        command="ingest",
        args=(
            "--preset=arrays",
            "--data_dir=data",
            "--out=run",
            "--set=validation_count=4",
            f"--set=shard_size={_MOST}",
        ),
        setup=_arrays,
        exit_code=0,
        may_change=True,
    ),
    Trial(name="a search of 10**12 trials works", call=_trials, exit_code=0),
)

TRIALS = (*_of_training(), *_of_depth(), *_of_samples(), *_of_stages(), *_WORKS)
