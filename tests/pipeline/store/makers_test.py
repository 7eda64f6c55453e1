"""What makes an artifact: the choices of its settings, and a model's network."""

from ebm_tf.energy.networks.convnet import ConvNetConfig
from pipeline.store import artifacts, makers

NETWORK = ConvNetConfig(
    stem_filters=4,
    filters=4,
    activation="swish",
    kernel_initializer="glorot_uniform",
    normalize_head=False,
)


def test_the_network_of_a_model_counts_for_what_is_made_from_it(tmp_path):
    path = str(tmp_path / "model")
    with artifacts.writing(path, "model", {"energy": NETWORK}, {}, 0):
        pass
    model = artifacts.peek(path, "model")
    plain, of_model = (makers.of("samples", {}, i) for i in ({}, {"model": model}))
    assert plain["choices"] == of_model["choices"] == {}
    assert plain["code"] != of_model["code"]
    assert model.choices == {"energy": "ebm_tf.energy.networks.convnet"}
