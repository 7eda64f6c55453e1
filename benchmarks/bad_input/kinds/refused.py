"""Requests that are refused late: the folder is as it was, for the corrected one."""

from benchmarks import tiny_run
from benchmarks.bad_input.trial import Trial

_TRAIN = ("--out=run", "--examples=run/examples", *tiny_run.SETTINGS)
_SETTINGS = {
    "train": {
        "a batch above the examples": ("train.batch_size=513", "batch_size"),
        "two batches above the examples": ("train.batch_size=1024", "batch_size"),
        "classes that the examples lack": ("energy.num_classes=3", "num_classes"),
        "numbers that the examples lack": ("energy.label_dims=2", "label_dims"),
        "a network of sequences": (
            'energy={"kind": "sequence", "stem_filters": 4, "filters": 4}',
            "energy",
        ),
        "a network of points": ('energy={"kind": "mlp", "widths": [4]}', "energy"),
        "an activation that is none": ("energy.activation=swishy", "swishy"),
        "an objective that is none": ("train.objective.kind=none", "none"),
        "a compiler that is none": ("train.compile=gcc", "compile"),
        "a dtype that is none": ("train.dtype=int4", "dtype"),
    },
    "sample": {
        "a sampler that is none": ("sample.sampler.kind=none", "none"),
        "a start that is none": ("sample.start=data", "start"),
        "no samples": ("sample.num_samples=0", "num_samples"),
        "no batch": ("sample.batch_size=0", "batch_size"),
        "no steps": ("sample.sampler.num_steps=0", "num_steps"),
        "no frames": ("sample.strip_frames=0", "strip_frames"),
    },
    "export": {
        "no samples": ("export.max_num=0", "max_num"),
        "no steps": ("export.max_steps=0", "max_steps"),
        "a dtype that is none": ("export.dtype=int4", "dtype"),
        "a program of no samples": (
            'export.stablehlo={"num": 0, "num_steps": 1}',
            "num",
        ),
    },
    "classifier": {
        "batches of none": ("evaluate.classifier.batch_size=0", "batch_size"),
        "no epochs": ("evaluate.classifier.num_epochs=0", "num_epochs"),
    },
}
_STRATEGIES = {
    "none": "strategy",
    "cpu:0": "strategy",
    "cpu:x": "strategy",
    "cpu:3": "the 3 replicas",
    "multi_worker:2": "strategy",
}


def _trials():
    for command, settings in _SETTINGS.items():
        for name, (setting, says) in settings.items():
            is_of_model = command in ("sample", "export")
            yield Trial(
                name=f"{command}: {name}",
                command=command,
                args=(
                    *(("--out=run",) if is_of_model else _TRAIN),
                    f"--set={setting}",
                ),
                needs="model" if is_of_model else "examples",
                says=(says,),
            )
    for strategy, says in _STRATEGIES.items():
        yield Trial(
            name=f"train: the strategy {strategy}",
            command="train",
            args=(*_TRAIN, f"--strategy={strategy}"),
            needs="examples",
            says=(says,),
            alone=True,
        )
    for member in ("run/none", "run/examples", "run/model/checkpoints/ckpt-9", "run"):
        yield Trial(
            name=f"sample: the member {member}",
            command="sample",
            args=("--out=run", f"--member={member}"),
            needs="model",
            says=(member,),
        )


TRIALS = tuple(_trials())
