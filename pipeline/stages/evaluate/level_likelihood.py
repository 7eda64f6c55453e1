"""Stage `level_likelihood`: what an energy of noise levels learned of its own log Z,
and the check of it.

A part of `evaluate`, with an artifact of its own, as it can take long.
"""

import os

from ebm_tf import checks, files, interruption, json_files
from ebm_tf.likelihood.level_config import LevelLikelihoodConfig

from ...console import tensorflow_import
from ...store import artifacts, unfinished
from .. import networks
from ..stage import Plan, stage
from . import baselines, dequantized_images, part_files

_NUMBERS = "level_likelihood.json"


@stage("level_likelihood", makes="level_likelihood", has_progress=part_files.are_in)
def run(
    model: str, examples: str, out: str, config: LevelLikelihoodConfig, seed: int
) -> Plan:
    """Makes the artifact `level_likelihood`, unless it is there already.

    It holds `level_likelihood.json`, see `ebm_tf.model_likelihood.level_likelihood`.
    Unfinished work stays in `out`.partial, run by run, and the same call goes on with
    it.

    Args:
        model: Folder of the artifact `model`, of an energy of noise levels.
        examples: Folder of the artifact `examples` that it was trained on.
        out: Folder of the artifact.
        config: How.
        seed: A whole number.

    Raises:
        FileNotFoundError: If an input is missing.
        ValueError: If there are too few images, the energy has no noise levels, or
            `out` is something else.
    """
    inputs = {
        "model": artifacts.peek(model, "model"),
        "examples": artifacts.peek(examples, "examples"),
    }

    def prepare():
        noise_levels = inputs["model"].config["energy"].get("noise_levels")
        rule = 'of an energy of noise levels, for the task "level_likelihood"'
        given = noise_levels is not None
        checks.require(given, "model", rule, inputs["model"].path)
        for split in ("test", "train"):
            found = inputs["examples"].details["num_examples"].get(split, 0)
            rule = f"with 2 images or more in the split {split}"
            told = f"{inputs['examples'].path}, which has {found}"
            checks.require(found >= 2, "examples", rule, told)

    return Plan(
        out=out,
        config=config,
        inputs=inputs,
        seed=seed,
        prepare=prepare,
        write=lambda scratch: _measure(inputs, scratch, config, seed),
    )


def _measure(inputs, scratch, config, seed) -> None:
    tensorflow_import.import_tensorflow()
    import tqdm

    from ebm_tf import box, rng
    from ebm_tf.model_likelihood import level_chains, level_likelihood
    from ebm_tf.training import distribution

    energy = networks.load(inputs["model"])
    images = level_likelihood.LevelImages(
        *(
            dequantized_images.read(
                inputs["examples"], split, config.num_learned, seed, place
            )[0]
            for place, split in enumerate(("test", "train"))
        )
    )
    with tqdm.tqdm(desc="level_likelihood", unit="level", dynamic_ncols=True) as bar:

        def report(num: int) -> None:
            interruption.raise_noted()
            bar.update(num)

        chains = level_chains.LevelChains(
            energy,
            config,
            seed=rng.make_seed(seed),
            jit=distribution.resolve_jit(inputs["model"].config["train"]["compile"]),
            parts=part_files.PartFiles(os.path.join(scratch.folder, unfinished.PARTS)),
            report=report,
        )
        bar.reset(chains.total)
        space = box.of_details(inputs["examples"].details)
        found = level_likelihood.measure(chains, images, space)
    path = os.path.join(scratch.folder, _NUMBERS)
    files.write_text(path, json_files.dump_json(found))


def result_of(made: artifacts.Artifact, beside: artifacts.Artifact):
    """Returns what an artifact has to show, a `measurements.Result`.

    Args:
        made: The artifact.
        beside: The artifact `baselines` of the same examples.
    """
    from .measurements import Result

    metrics = json_files.read_json(made.file(_NUMBERS))
    metrics["baselines"] = baselines.table(beside)["rows"]
    return Result(metrics, {}, {})
