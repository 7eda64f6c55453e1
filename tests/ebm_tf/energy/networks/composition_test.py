"""Settings of compositions: terms within terms, and what no term may be."""

import pytest

from ebm_tf import settings
from ebm_tf.energy.composition import CompositionEnergy
from ebm_tf.energy.networks import NetworkConfig
from ebm_tf.energy.networks.class_mlp import ClassMlpConfig
from ebm_tf.energy.networks.composition import CompositionConfig, TermConfig
from ebm_tf.energy.networks.mlp import MlpConfig

CLASSES = ClassMlpConfig(num_classes=3, width=5)
FLAT = MlpConfig(
    widths=(4,),
    scale=2.0,
    activation="swish",
    kernel_initializer="unit_normal",
    normalize_head=False,
)
EITHER = CompositionConfig(
    rule="any",
    terms=tuple(TermConfig(network=CLASSES, label=(k,)) for k in (0, 2)),
    temperature=0.5,
)
NESTED = CompositionConfig(
    rule="all",
    terms=(TermConfig(network=EITHER), TermConfig(network=FLAT, weight=-0.5)),
)


def test_terms_within_terms_are_read_as_written():
    written = settings.to_dict(NESTED)
    assert settings.from_dict(NetworkConfig, written) == NESTED
    inner = written["terms"][0]["network"]
    assert [term["label"] for term in inner["terms"]] == [[0], [2]]
    inner["terms"][1]["network"]["width"] = 0
    with pytest.raises(ValueError, match="`terms.network.terms.network.width`"):
        settings.from_dict(NetworkConfig, written)


def test_what_is_known_of_all_terms():
    assert NESTED.network_class() is CompositionEnergy
    assert NESTED.num_activations((2,)) == 3 * 5 + 3 * 5 + 4
    assert NESTED.num_axes == FLAT.num_axes and EITHER.num_axes is None


@pytest.mark.parametrize(
    "changes, told",
    [
        ({"rule": "xor"}, "`rule` must be one of"),
        ({"terms": ()}, "`terms` must be 1 to"),
        ({"temperature": 0.0}, "`temperature` must be"),
    ],
)
def test_bad_settings_are_named(changes, told):
    given = {"rule": "all", "terms": NESTED.terms} | changes
    with pytest.raises(ValueError, match=told):
        CompositionConfig(**given)


@pytest.mark.parametrize("label", [(), (3,), (0.5,), (0, 1)])
def test_a_label_that_is_no_class_is_refused(label):
    with pytest.raises(ValueError, match="`label` must be one class"):
        TermConfig(network=CLASSES, label=label)
