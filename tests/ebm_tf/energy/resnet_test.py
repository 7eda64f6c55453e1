"""The residual networks: sizes of the paper's, and blocks against plain NumPy."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.conditions import Classes
from ebm_tf.energy.networks.resnet import ResNetConfig
from ebm_tf.energy.resnet import ResidualBlock, ResNetEnergy, pooled_kernel
from ebm_tf.energy.spectral import refresh_spectra
from tests.ebm_tf.energy.small_networks import draw_weights, normalized


def resnet_config(stem, filters, blocks, num_classes=None, **changes):
    settings = {
        "activation": "leaky_relu",
        "head_activation": "leaky_relu",
        "kernel_initializer": "glorot_uniform",
        "normalize_head": False,
        "attention_stage": None,
        "label_dims": None,
    }
    return ResNetConfig(
        stem_filters=stem,
        stage_filters=filters,
        stage_blocks=blocks,
        num_classes=num_classes,
        **(settings | changes),
    )


# name: (stem, stage filters, stage blocks, classes, trainable parameters that the
# network touches). Figure 12 of the paper, and the released code where it differs; the
# networks of ImageNet are counted in tests/pipeline/preset_table_test.py.
PUBLISHED = {
    "a": (128, (128, 256, 256), (2, 2, 2), 10, 5_350_529),
    "a_unconditional": (128, (128, 256, 256), (2, 2, 2), None, 5_315_841),
    "b": (128, (128, 256, 256), (3, 3, 3), None, 7_971_969),
    "b_code_conditional": (128, (128, 256, 512), (3, 3, 3), 10, 18_662_913),
    "larger": (128, (128, 256, 512), (5, 5, 5), None, 30_982_785),
    "larger_conditional": (128, (128, 256, 512), (5, 5, 5), 10, 31_104_769),
    "wider": (128, (192, 384, 768), (3, 3, 3), 10, 42_037_185),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_networks_have_their_number_of_parameters(name):
    *shape, expected = PUBLISHED[name]
    # The number does not depend on the image's size; a small one is quick.
    model = ResNetEnergy(resnet_config(*shape), (4, 4, 3))
    assert sum(w.shape.num_elements() for w in model.trainable_weights) == expected
    convolutions = [w for w in model.weights if w.path.endswith("/kernel")]
    vectors = [w for w in model.non_trainable_weights if w.path.endswith("/u")]
    assert len(convolutions) - 1 == len(vectors)  # all but the head are normalized
    assert len({w.path for w in model.weights}) == len(model.weights)


def convolve(x, kernel):
    """3x3 convolution with zeros around, written out."""
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    height, width = x.shape[1:3]
    return sum(
        padded[:, i : i + height, j : j + width] @ kernel[i, j]
        for i in range(3)
        for j in range(3)
    )


def mean_pool(x):
    """Mean over 2x2 pixels, over those that exist at an odd edge."""
    total, count = 0.0, 0.0
    size = [-(-n // 2) for n in x.shape[1:3]]
    pad = ((0, 0), (0, 1), (0, 1), (0, 0))
    ones = np.pad(np.ones_like(x), pad)
    x = np.pad(x, pad)
    for i in (0, 1):
        for j in (0, 1):
            rows, columns = slice(i, i + 2 * size[0], 2), slice(j, j + 2 * size[1], 2)
            total = total + x[:, rows, columns]
            count = count + ones[:, rows, columns]
    return total / count


def leaky(x):
    return np.where(x > 0, x, 0.2 * x)


def classes(num):
    return None if num is None else Classes(num)


def reference_block(block, x, labels):
    """The block as the paper's code orders it: normalize, sum, pool, activate."""
    x = np.asarray(x, np.float64)

    def of(weight):
        value = np.asarray(weight.numpy(), np.float64)
        return value if labels is None else value[labels][:, None, None]

    gain = of(block.gain.main)
    if labels is not None:
        gain = gain + block.gain_shift.numpy()
    h = leaky(convolve(x + of(block.bias_1.main), normalized(block.conv_1, False)))
    h = gain * convolve(h + of(block.bias_2.main), normalized(block.conv_2, True))
    if x.shape[-1] != block.filters:
        x = convolve(x, normalized(block.shortcut, False))
    y = h + x
    return leaky(mean_pool(y) if block.downsample else y)


@pytest.mark.parametrize("size", [(6, 4), (5, 7), (1, 2)])
@pytest.mark.parametrize("num_classes", [None, 3])
@pytest.mark.parametrize("downsample", [False, True])
@pytest.mark.parametrize("filters", [4, 5])
def test_block_agrees_with_numpy(filters, downsample, num_classes, size):
    space = classes(num_classes)
    block = ResidualBlock(filters, downsample, "leaky_relu", "he_normal", space)
    x = tf.random.stateless_normal((3, *size, 4), (1, 2))
    labels = None if num_classes is None else np.asarray([2, 0, 2], np.int32)
    arguments = (x,) if labels is None else (x, tf.constant(labels))
    block(*arguments)
    draw_weights(block, seed=4)
    expected = reference_block(block, x.numpy(), labels)
    np.testing.assert_allclose(block(*arguments), expected, atol=2e-5)


def test_pooled_kernel_is_the_convolution_and_the_mean():
    kernel = tf.random.stateless_normal((3, 3, 2, 5), (1, 2))
    x = tf.random.stateless_normal((2, 8, 6, 2), (3, 4))
    expected = mean_pool(convolve(x.numpy(), kernel.numpy()))
    y = tf.nn.conv2d(x, pooled_kernel(kernel), 2, "SAME")
    np.testing.assert_allclose(y, expected, atol=1e-5)


@pytest.mark.parametrize("num_classes", [None, 3])
def test_new_block_is_its_shortcut(num_classes):
    block = ResidualBlock(4, False, "leaky_relu", "he_normal", classes(num_classes))
    x = tf.random.stateless_normal((2, 5, 5, 4), (1, 2))
    labels = () if num_classes is None else (tf.constant([0, 2]),)
    np.testing.assert_allclose(block(x, *labels), leaky(x.numpy()), atol=1e-7)


def images(num):
    """Returns images of rising contrast, `[num, 8, 8, 3]`, so that energies differ."""
    x = np.random.default_rng(1).standard_normal((num, 8, 8, 3))
    return np.float32(x * np.linspace(0.5, 3.0, num)[:, None, None, None])


def make_model(num_classes=3, **changes):
    config = resnet_config(4, (4, 6), (2, 1), num_classes, **changes)
    model = ResNetEnergy(config, (8, 8, 3))
    draw_weights(model, seed=5)
    refresh_spectra(model)
    return model


@pytest.mark.parametrize("head_activation", ["relu", "swish"])
def test_energy_is_the_head_of_the_summed_features(head_activation):
    model = make_model(head_activation=head_activation)
    x = images(4)
    labels = np.asarray([0, 1, 2, 1], np.int32)
    h = leaky(convolve(x, normalized(model.stem, False)))
    assert [block.downsample for block in model.blocks] == [True, False, True]
    for block in model.blocks:
        h = reference_block(block, h, labels)
    h = np.maximum(h, 0.0) if head_activation == "relu" else h / (1.0 + np.exp(-h))
    expected = h.sum((1, 2)) @ model.head.kernel.numpy() + model.head.bias.numpy()
    energy = model(x, tf.constant(labels))
    assert energy.shape == (4,) and energy.dtype == tf.float32
    np.testing.assert_allclose(energy, expected[:, 0], rtol=1e-4, atol=1e-4)
    assert np.ptp(expected) > 0.2  # something to tell apart


def test_normalized_head_bounds_the_energy():
    model = make_model(normalize_head=True)
    kernel = model.head.normalized_kernel().numpy()
    assert np.linalg.norm(kernel) == pytest.approx(1.0, rel=1e-5)


@pytest.mark.parametrize("num_classes", [None, 3])
def test_same_input_same_energy_and_rows_do_not_meet(num_classes):
    model = make_model(num_classes)
    x = tf.constant(images(5))
    labels = () if num_classes is None else (tf.constant([0, 1, 2, 1, 0]),)
    energy = model(x, *labels, training=True).numpy()
    np.testing.assert_array_equal(model(x, *labels, training=True), energy)
    np.testing.assert_array_equal(model(x, *labels), energy)
    alone = [model(x[i : i + 1], *[y[i : i + 1] for y in labels]) for i in range(5)]
    np.testing.assert_allclose(np.concatenate(alone), energy, rtol=1e-5, atol=1e-5)
    assert np.ptp(energy) > 0.2


def test_labels_decide_the_energy():
    model = make_model()
    x = tf.constant(images(1))
    energies = model(tf.repeat(x, 3, axis=0), tf.constant([0, 1, 2])).numpy()
    assert np.abs(np.diff(np.sort(energies))).min() > 1e-3
    one = model(tf.repeat(x, 3, axis=0), tf.constant([1, 1, 1])).numpy()
    np.testing.assert_allclose(one, energies[1], rtol=1e-5)


@pytest.mark.parametrize("num_classes", [None, 3])
def test_every_trainable_weight_has_a_gradient(num_classes):
    model = make_model(num_classes)
    x = tf.constant(images(3))
    labels = () if num_classes is None else (tf.constant([0, 1, 2]),)
    weights = [w.value for w in model.trainable_weights]
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.square(model(x, *labels)))
    for gradient in tape.gradient(loss, weights):
        assert np.abs(tf.convert_to_tensor(gradient)).max() > 0.0


def test_bfloat16_policy_computes_close_to_float32():
    model = make_model()
    x = tf.constant(images(3))
    labels = tf.constant([0, 1, 2])
    energy = model(x, labels).numpy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        half = make_model()
    finally:
        keras.config.set_dtype_policy("float32")
    np.testing.assert_allclose(half(x, labels), energy, rtol=0.02, atol=0.02)
    assert np.ptp(energy) > 0.2
