"""Makes a state for `train --state` of the weights that `train` elsewhere left.

    python -m benchmarks.elsewhere.take_back --update=runs/c/update \
        --weights=back/weights.npz --out=runs/c/state.npz

The weights are the averages, in half precision; moments and replays begin anew, so it
is for a training that is at its end.
"""

import argparse
import hashlib
import json
import os

import numpy as np

from benchmarks.elsewhere import averages, compact


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--update", required=True, help="the artifact `update`")
    parser.add_argument("--weights", required=True, help="file that `train` left")
    parser.add_argument("--out", required=True, help="file, written")
    args = parser.parse_args()
    with np.load(args.weights) as file:
        weights = compact.unpack(dict(file))
    with np.load(os.path.join(args.update, "state.npz")) as file:
        begin = dict(file)
    with open(os.path.join(args.update, "manifest.json"), encoding="utf-8") as file:
        manifest = json.load(file)
    with open(os.path.join(args.update, "update.mlir"), "rb") as file:
        program = hashlib.sha256(file.read()).hexdigest()
    counter = manifest["details"]["counter"]
    decay = averages.decay_of(manifest["config"]["train"]["optimizer"])
    state = averages.restore(weights, begin, counter, decay)
    np.savez(args.out, program=np.array(program), **state)
    print(f"wrote {args.out}")


if __name__ == "__main__":
    main()
