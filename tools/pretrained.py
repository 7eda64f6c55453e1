"""Makes a trained model one of those that come with ebm_tf.

    ./bazelw run //pipeline:train -- --preset=digits_class --out=runs/digits
    python3 -m tools.pretrained runs/digits/model digits

Copies the weights and the manifest into `ebm_tf/pretrained/NAME`. Checkpoints, which
only go on with training, stay behind, and so do the paths of the machine.
"""

import argparse
import os
import pathlib
import shutil

from ebm_tf import checks, json_files, pretrained, settings
from pipeline.settings import presets
from pipeline.settings.config import RunConfig
from pipeline.store import artifacts, manifests, migration

WEIGHTS = "model.keras"
PRESETS = {"digits": "digits_class"}
MAX_BYTES = 1_000_000  # it goes with every installation


def publish(model: str, folder: str, config: RunConfig) -> None:
    """Copies an artifact `model`, without what only shows or goes on.

    Args:
        model: Its folder.
        folder: Where to write; made if missing.
        config: Says how it is sampled by default, which has no part in the weights.

    Raises:
        FileNotFoundError: If there is no model.
        ValueError: If it is damaged, or too large.
    """
    artifact = artifacts.load(model, "model")
    size = os.path.getsize(artifact.file(WEIGHTS))
    checks.require(size <= MAX_BYTES, "model", f"at most {MAX_BYTES} bytes", size)
    manifest = dict(artifact.manifest)
    manifest["files"] = {WEIGHTS: manifest["files"][WEIGHTS]}  # no replay buffer either
    manifest["shown_files"] = []
    sample = settings.to_dict(config.sample)
    manifest["config"] = manifest["config"] | {"sample": sample}
    manifest["inputs"] = {
        name: made | {"path": name} for name, made in manifest["inputs"].items()
    }
    manifest["digest"] = migration.digest_of(manifest)
    manifest["seal"] = manifests.seal(manifest)
    os.makedirs(folder, exist_ok=True)
    shutil.copyfile(artifact.file(WEIGHTS), os.path.join(folder, WEIGHTS))
    text = json_files.dump_json(manifest)
    pathlib.Path(folder, manifests.MANIFEST).write_text(text, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("model", help="folder of the artifact `model`")
    parser.add_argument("name", choices=pretrained.MODELS)
    args = parser.parse_args()
    _, preset = presets.read_preset(PRESETS[args.name])
    config = settings.from_dict(RunConfig, preset)
    publish(args.model, pretrained.folder(args.name), config)


if __name__ == "__main__":
    main()
