"""Images from a served model: a client of TensorFlow Serving's REST interface.

    ./bazelw run //examples:serving_client -- --url=http://127.0.0.1:8501/v1/models/mnist

Draws images by the signature `sample`, asks for their energies, takes them further
by `refine`, and writes both sets side by side into serving_client.png. The server is
TensorFlow Serving, or `examples/serving_stand_in.py`. Needs neither TensorFlow nor
this project: NumPy and Pillow.
"""

import argparse
import json
import os
import sys
import urllib.error
import urllib.request

import numpy as np
from PIL import Image

# Of the whole numbers that signatures take. TensorFlow Serving keeps the lower 32 bits
# of a larger one without a word: 4294967301 would be served as 5.
INT32_MAX = 2**31 - 1


def require_int32(name: str, value) -> None:
    """Raises RuntimeError unless the whole numbers in a value fit an int32."""
    if isinstance(value, (list, tuple)):
        for each in value:
            require_int32(name, each)
    elif isinstance(value, int) and not -INT32_MAX - 1 <= value <= INT32_MAX:
        raise RuntimeError(f"`{name}` must fit an int32. Received: {name}={value}")


def whole(text: str) -> int:
    """Returns the whole number of a flag, which must fit an int32."""
    value = int(text)
    if not 0 <= value <= INT32_MAX:
        raise argparse.ArgumentTypeError(f"must be 0 to {INT32_MAX}: {text}")
    return value


def call(url: str, signature: str, **inputs):
    """Returns what a signature of the served model gives.

    Raises:
        RuntimeError: If a whole number is beyond int32, or the server refuses the
            request; with its reason.
    """
    for name in ("num", "num_steps", "seed", "labels"):
        require_int32(name, inputs.get(name))
    body = json.dumps({"signature_name": signature, "inputs": inputs}).encode()
    request = urllib.request.Request(
        f"{url}:predict", body, {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request) as reply:
            return json.load(reply)["outputs"]
    except urllib.error.HTTPError as error:
        reason = json.load(error).get("error", error.reason)
        raise RuntimeError(f"{signature}: {reason}") from error


def draw(images: np.ndarray) -> np.ndarray:
    """Returns images `[N, H, W, C]` in [0, 1] one below another, four pixels wide."""
    levels = np.clip(np.floor(images * 256), 0, 255).astype(np.uint8)
    column = np.concatenate(list(levels))
    return column.repeat(4, axis=0).repeat(4, axis=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--url", default="http://127.0.0.1:8501/v1/models/mnist")
    parser.add_argument("--num", type=whole, default=4)
    parser.add_argument("--num_steps", type=whole, default=400)
    parser.add_argument("--seed", type=whole, default=0)
    parser.add_argument("--label", type=whole, help="class, for a conditional model")
    args = parser.parse_args()
    labels = {} if args.label is None else {"labels": [args.label] * args.num}
    chain = {"seed": [args.seed, 0], "num_steps": args.num_steps}
    try:
        first = call(args.url, "sample", num=args.num, **labels, **chain)
        second = call(args.url, "refine", images=first, **labels, **chain)
        for steps, images in ((1, first), (2, second)):
            energies = call(args.url, "energy", images=images, **labels)
            mean = sum(energies) / len(energies)
            print(f"after {steps * args.num_steps} steps: mean energy {mean:.5f} nats")
    except (RuntimeError, urllib.error.URLError) as error:
        sys.exit(f"serving_client: {error}")
    pixels = np.concatenate([draw(np.array(x)) for x in (first, second)], axis=1)
    # `bazel run` starts elsewhere and says where the user stands.
    here = os.environ.get("BUILD_WORKING_DIRECTORY", ".")
    picture = os.path.join(os.environ.get("EBM_TF_OUT", here), "serving_client.png")
    Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).save(picture)
    print(f"wrote {picture}")


if __name__ == "__main__":
    main()
