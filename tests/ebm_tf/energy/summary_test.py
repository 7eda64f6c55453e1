"""The summary counts what is computed, by hand for each kind of layer."""

import pytest

from ebm_tf.energy import build, summary
from tests.ebm_tf.energy import level_networks
from tests.ebm_tf.energy.small_networks import NETWORKS


def summarize(name):
    model = build.build_energy(*NETWORKS[name], seed=0)
    return model, {row.name: row for row in summary.summarize(model)}


@pytest.mark.parametrize("name", NETWORKS)
def test_rows_hold_every_parameter_once(name):
    model, rows = summarize(name)
    total = sum(weight.shape.num_elements() for weight in model.trainable_weights)
    assert sum(row.num_parameters for row in rows.values()) == total


def test_convolutions_and_dense_layers_by_hand():
    _, rows = summarize("convnet")
    assert rows["stem"] == ("stem", "SpectralConv2D", (8, 8, 3), 27, 8 * 8 * 27)
    assert rows["down_1"].num_multiply_adds == 4 * 4 * 4 * (4 * 4 * 3)
    assert rows["dense"][2:] == ((8,), 16 * 8 + 8, 16 * 8)
    assert rows["head"][2:] == ((1,), 9, 8)


def test_a_block_that_halves_is_counted_as_it_is_computed():
    _, rows = summarize("resnet")
    # A 3x3 convolution at 8x8 pixels, then one of 4x4 and stride 2; no shortcut.
    want = 8 * 8 * 4 * (9 * 4) + 4 * 4 * 4 * (16 * 4)
    assert rows["stage_1_block_1"].num_multiply_adds == want
    assert rows["stage_1_block_1"].shape == (4, 4, 4)
    # The label's numbers times the rows of two biases and a gain.
    _, attentive = summarize("attentive")
    assert attentive["stage_1_block_1"].num_multiply_adds == want + 2 * 3 * 4


def test_attention_stands_where_it_is_called():
    _, rows = summarize("attentive")
    names = list(rows)
    assert names.index("attention") == names.index("stage_1_block_1") + 1
    # Query and key of one channel, value of 4, over 16 places; two products.
    want = 16 * 4 * (1 + 1 + 4) + 16 * 16 * (1 + 4)
    assert rows["attention"].num_multiply_adds == want


def test_scales_are_listed_by_layer():
    _, rows = summarize("multi_scale")
    first, second = rows["scale_1/stem"], rows["scale_2/stem"]
    assert first.num_multiply_adds == 4 * second.num_multiply_adds > 0
    assert first.num_parameters == second.num_parameters


def test_weights_of_the_model_itself_are_the_last_row():
    _, rows = summarize("sprites_net")
    # Two rows of biases of 2, 4, 8, 8 and of a gain of 8; the shift of 8.
    assert rows[""] == ("", "SpritesNetEnergy", (), 2 * (2 + 4 + 8 + 8 + 8) + 8, 0)


def test_convolutions_in_time():
    _, rows = summarize("sequence")
    assert rows["stem"][2:] == ((8, 4), 3 * 3 * 4 + 4, 8 * 3 * 3 * 4)


def test_a_u_net_by_hand():
    """Patches of 2 of an 8x8 image: 4x4 places of 4 channels, then 2x2 of 6."""
    model = build.build_energy(level_networks.unet(), level_networks.SHAPE, seed=0)
    rows = {row.name: row for row in summary.summarize(model)}
    # Four features of a pixel; kernels twice as wide as a patch.
    assert rows["stem"].num_multiply_adds == 16 * 4 * (16 * 4)
    assert rows["down_1"].num_multiply_adds == 4 * 6 * (4 * 4)
    assert rows["up_0"].num_multiply_adds == 4 * 6 * (4 * 4)
    assert rows["head"].num_multiply_adds == 16 * 4 * (16 * 2)
    # Two convolutions of 9 places, and gains and biases of 6 numbers.
    assert rows["encoder_0_0"].num_multiply_adds == 2 * 16 * 4 * (9 * 4) + 6 * 8
    # Six channels mixed over 4 places by way of 8, and gains of 6 numbers.
    assert rows["mixer_0"].num_multiply_adds == 2 * 6 * 4 * 8 + 6 * 6
    total = sum(row.num_parameters for row in rows.values())
    assert total == sum(w.shape.num_elements() for w in model.trainable_weights)
