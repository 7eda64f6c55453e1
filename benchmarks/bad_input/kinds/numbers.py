"""Numbers beyond what an int32, a float32, or Python's own text of one can hold."""

from benchmarks.bad_input.trial import Trial

_WHOLE = (2**31, 2**63, 10**12, 10**400, -(2**31) - 1)
_REAL = ("1e39", "1e-50", "-1e39", "1e308", "9" * 400, "1e999", "NaN")
_SETTINGS = {
    "train.objective.langevin.num_steps": _WHOLE,
    "train.num_updates": _WHOLE,
    "train.batch_size": _WHOLE,
    "train.objective.replay.capacity": _WHOLE,
    "sample.num_samples": _WHOLE,
    "evaluate.likelihood.num_chains": _WHOLE,
    "export.max_num": _WHOLE,
    "energy.filters": _WHOLE,
    "ingest.shard_size": _WHOLE,
    "train.objective.langevin.step_size": _REAL,
    "train.optimizer.learning_rate": _REAL,
    "train.objective.l2_weight": _REAL,
}
# Command -> its flags that are numbers.
_FLAGS = {
    "train": ("seed",),
    "sample": ("num", "seed"),
    "evaluate": ("chains_per_batch",),
    "compile": ("accelerator_count",),
    "board": ("port",),
}


def _of_settings():
    for name, values in _SETTINGS.items():
        for value in values:
            yield Trial(
                name=f"{name}={str(value)[:20]}",
                command="train",
                args=("--preset=mnist", "--out=run", f"--set={name}={value}"),
                says=(name.rpartition(".")[2],),
            )


def _of_flags():
    for command, names in _FLAGS.items():
        for name in names:
            for value in (2**62, 2**64, 10**400, "9" * 5000, "1.5", "-1"):
                yield Trial(
                    name=f"{command} --{name}={str(value)[:20]}",
                    command=command,
                    args=(f"--{name}={value}",),
                    says=(name,),
                )


def _together():
    """Yields settings that are numbers each, and make another one that is none."""
    denoising = {
        "noise_std": 1e30,
        "l2_weight": 0.0,
        "temperature": 1e-30,
        "kind": "denoising",
    }
    schedule = {"shape": "linear", "step_factor": 1e30, "noise_factor": 1.0}
    hmc = {
        "num_leapfrog": 1,
        "step_size": 0.1,
        "target_accept": 0.5,
        "adapt_rate": 0.1,
    }
    for name, sets, says in (
        (
            "a step of denoising",
            {"train.objective": denoising},
            "noise_std**2 / (8 * temperature)",
        ),
        (
            "the last step of a schedule",
            {
                "train.objective.langevin.step_size": 1e30,
                "train.objective.chain_schedule": schedule,
            },
            "step_factor",
        ),
        (
            "the temperature of HMC",
            {
                "train.objective.langevin.noise_std": 1e30,
                "train.objective.hmc": hmc,
            },
            "noise_std**2",
        ),
    ):
        words = [f"--set={path}={_json(value)}" for path, value in sets.items()]
        yield Trial(
            name=name,
            command="train",
            args=("--preset=mnist", "--out=run", *words),
            says=(says,),
        )


def _json(value) -> str:
    return str(value).replace("'", '"').replace("None", "null")


TRIALS = (*_of_settings(), *_of_flags(), *_together())
