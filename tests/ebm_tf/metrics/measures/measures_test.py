"""Every measure keeps what all measures promise."""

import json
import math

import numpy as np
import pytest

from ebm_tf import settings
from ebm_tf.metrics import feature_sets, frechet, measures

KINDS = measures.MeasureConfig.kinds()


def drawn(seed: int, num: int = 80) -> feature_sets.Features:
    rng = np.random.default_rng(seed)
    features = rng.normal(size=[num, 5]).astype(np.float32)
    probs = rng.dirichlet(np.ones(3), size=num).astype(np.float32)
    return feature_sets.Features(features, probs)


def test_which_there_are():
    assert {"frechet", "kernel", "neighbourhoods", "inception_score"} <= set(KINDS)
    names = [n for kind in KINDS for n in measures.MeasureConfig.of_kind(kind).better]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("kind", KINDS)
def test_measure_has_defaults_and_returns_its_numbers(kind):
    config = settings.from_dict(measures.MeasureConfig, {"kind": kind})
    assert json.loads(json.dumps(settings.to_dict(config)))["kind"] == kind
    train = drawn(0)
    reference = measures.Reference(train.features, frechet.gaussian([train.features]))
    config.require(80, 5, "num_images")
    found = config.of(drawn(1), reference)
    assert list(found) == list(config.better)
    assert set(config.better.values()) <= {"lower", "higher", "near 1"}
    for value, error in found.values():
        assert isinstance(value, float) and math.isfinite(value)
        assert error is None or error >= 0.0


@pytest.mark.parametrize(
    "data, text",
    [
        ({"kind": "kernel", "num_blocks": 1}, "`num_blocks` must be at least 2"),
        ({"kind": "inception_score", "num_blocks": 0}, "`num_blocks` must be at least"),
        ({"kind": "neighbourhoods", "num_nearest": 0}, "`num_nearest` must be"),
        ({"kind": "frechet_distance"}, "did you mean frechet"),
    ],
)
def test_settings_that_cannot_be_are_refused(data, text):
    with pytest.raises(ValueError, match=text):
        settings.from_dict(measures.MeasureConfig, data)
