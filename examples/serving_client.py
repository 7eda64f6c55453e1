"""Images from a served model: a client of the Open Inference Protocol, version 2.

    ./bazelw run //pipeline:serve -- --out=runs/mnist
    ./bazelw run //examples:serving_client -- --url=http://127.0.0.1:8080

Draws images by the signature `draw`, a seed for each, asks for their energies, takes
them further by `refine`, and writes both sets side by side into serving_client.png.
Needs neither TensorFlow nor this project: NumPy and Pillow.
"""

import argparse
import json
import os
import sys
import urllib.error
import urllib.request

import numpy as np
from PIL import Image

INT32_MAX = 2**31 - 1
# Of models at noise levels; those of this project go lower.
LOWEST_LEVEL = 0.01


def whole(text: str) -> int:
    """Returns the whole number of a flag, which must fit an int32."""
    value = int(text)
    if not 0 <= value <= INT32_MAX:
        raise argparse.ArgumentTypeError(f"must be 0 to {INT32_MAX}: {text}")
    return value


def tensor(name: str, value) -> dict:
    """Returns a tensor of a request: whole numbers as INT32, others as FP32.

    Raises:
        RuntimeError: If a whole number is beyond int32.
    """
    array, numbers = np.asarray(value), np.asarray(value, object)
    if numbers.size and all(isinstance(number, int) for number in numbers.flat):
        array = numbers  # NumPy makes floats of those that none of its types holds
    is_whole = array.dtype.kind in "iuO"
    if is_whole and not -INT32_MAX - 1 <= array.min() <= array.max() <= INT32_MAX:
        raise RuntimeError(f"`{name}` must fit an int32. Received: {name}={value}")
    datatype = "INT32" if is_whole else "FP32"
    shape, data = list(array.shape), array.ravel().tolist()
    return {"name": name, "shape": shape, "datatype": datatype, "data": data}


def ask(url: str, content: dict | None = None) -> dict:
    """Returns what the server answers, as JSON values.

    Args:
        url: The address.
        content: Of the request; None asks by GET.

    Raises:
        RuntimeError: If the server refuses; with its reason.
    """
    body = None if content is None else json.dumps(content).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request) as reply:
            return json.load(reply)
    except urllib.error.HTTPError as error:
        raise RuntimeError(json.load(error)["error"]) from error


def infer(url: str, signature: str, **inputs) -> dict[str, np.ndarray]:
    """Returns the outputs of a signature.

    Args:
        url: Of the server.
        signature: One that `URL/v2/models` lists.
        inputs: Arrays by name.

    Raises:
        RuntimeError: If the server refuses; with its reason.
    """
    content = {"inputs": [tensor(name, value) for name, value in inputs.items()]}
    try:
        reply = ask(f"{url}/v2/models/{signature}/infer", content)
    except RuntimeError as error:
        raise RuntimeError(f"{signature}: {error}") from error
    return {
        output["name"]: np.reshape(output["data"], output["shape"])
        for output in reply["outputs"]
    }


def condition_of(url: str, num: int, label: int) -> dict[str, list]:
    """Returns the condition that the served energy needs, for `num` images."""
    inputs = ask(f"{url}/v2/models/energy")["inputs"]
    values = {"labels": [label] * num, "noise_level": [LOWEST_LEVEL] * num}
    return {one["name"]: values[one["name"]] for one in inputs if one["name"] in values}


def draw(images: np.ndarray) -> np.ndarray:
    """Returns images `[N, H, W, C]` in [0, 1] one below another, four pixels wide."""
    levels = np.clip(np.floor(images * 256), 0, 255).astype(np.uint8)
    column = np.concatenate(list(levels))
    return column.repeat(4, axis=0).repeat(4, axis=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--url", default="http://127.0.0.1:8080")
    parser.add_argument("--num", type=whole, default=4)
    parser.add_argument("--num_steps", type=whole, default=400)
    parser.add_argument("--seed", type=whole, default=0)
    parser.add_argument("--label", type=whole, default=0, help="of a model of classes")
    args = parser.parse_args()
    seeds = [[args.seed, number] for number in range(args.num)]
    chain = {"num_steps": args.num_steps}
    try:
        given = condition_of(args.url, args.num, args.label)
        first = infer(args.url, "draw", seeds=seeds, **given, **chain)["images"]
        chain |= {"seed": seeds[0]}
        second = infer(args.url, "refine", images=first, **given, **chain)["images"]
        for steps, images in ((1, first), (2, second)):
            energy = infer(args.url, "energy", images=images, **given)["energy"]
            mean = energy.mean()
            print(f"after {steps * args.num_steps} steps: mean energy {mean:.5f} nats")
    except (RuntimeError, urllib.error.URLError) as error:
        sys.exit(f"serving_client: {error}")
    pixels = np.concatenate([draw(x) for x in (first, second)], axis=1)
    # `bazel run` starts elsewhere and says where the user stands.
    here = os.environ.get("BUILD_WORKING_DIRECTORY", ".")
    picture = os.path.join(os.environ.get("EBM_TF_OUT", here), "serving_client.png")
    Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).save(picture)
    print(f"wrote {picture}")


if __name__ == "__main__":
    main()
