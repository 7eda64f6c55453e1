"""Settings of image metrics: how many images are judged, and what is refused."""

import pytest

from ebm_tf import settings
from ebm_tf.metrics.config import ImageMetricsConfig

DATA = {
    "num_images": 500,
    "features": {"classifier": {}},
    "measures": {"frechet": {}, "kernel": {"num_blocks": 4}},
}
SPLITS = {"train": 1000, "test": 300}


def read(**changes) -> ImageMetricsConfig:
    return settings.from_dict(ImageMetricsConfig, DATA | changes)


def test_blocks_are_read_by_their_names():
    config = read()
    assert config.features["classifier"].kind == "classifier"
    assert config.measures["kernel"].num_blocks == 4
    assert settings.from_dict(ImageMetricsConfig, settings.to_dict(config)) == config


def test_where_weights_lie_changes_no_number():
    config = read(features={"efficientnet_lite0": {"path": "somewhere"}})
    assert settings.display_fields(config) == ["features.efficientnet_lite0.path"]


@pytest.mark.parametrize(
    "changes, num_samples, expected",
    [
        ({"num_images": 200}, 250, ("evaluate.image_metrics.num_images", 200)),
        ({}, 250, ("sample.num_samples", 250)),
        ({}, 400, ("images of the split test", 300)),
        ({"num_train": 90}, 400, ("evaluate.image_metrics.num_train", 90)),
    ],
)
def test_as_many_are_judged_as_there_are_of_the_fewest(changes, num_samples, expected):
    assert read(**changes).judged(SPLITS, num_samples) == expected


@pytest.mark.parametrize(
    "changes, text",
    [
        ({"num_images": 1}, "`num_images` must be at least 2"),
        ({"num_train": 1}, "`num_train` must be at least 2"),
        ({"features": {}}, "`features` must be one block or more, by name"),
        ({"measures": {}}, "`measures` must be one block or more, by name"),
        ({"features": {"clasifier": {}}}, "did you mean classifier"),
    ],
)
def test_settings_that_cannot_be_are_refused(changes, text):
    with pytest.raises(ValueError, match=text):
        read(**changes)
