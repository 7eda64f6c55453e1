"""StableHLO programs: pure, with listed arguments, the chains they should be."""

import json

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import PIXELS
from ebm_tf.energy.build import bind_condition
from ebm_tf.export import stablehlo
from ebm_tf.sampling.driver import run_chain
from ebm_tf.sampling.samplers.langevin import LangevinSampler
from tests.ebm_tf import levels
from tests.ebm_tf.export import small

# Steps that leave images between black and white, for both networks.
KERNEL_AT = LangevinSampler(
    num_steps=4, step_size=0.05, noise_std=0.01, grad_clip=None
).kernel_at(PIXELS)
CHAIN = {"num": 3, "num_steps": 4}


@pytest.fixture(scope="module", params=["plain", "conditional"])
def model(request, unconditional, conditional):
    return (unconditional if request.param == "plain" else conditional)[0]


def labels_of(model):
    return [] if model.condition_space is None else [tf.constant([2, 0, 1])]


def test_weights_are_arguments(model):
    sample = stablehlo.sample_function(model, KERNEL_AT, PIXELS, **CHAIN)
    weights = [tf.convert_to_tensor(v) for v in model.variables]
    seed, labels = tf.constant([5, 0]), labels_of(model)
    got = sample(weights, seed, *labels)

    @tf.function(autograph=False, jit_compile=True)
    def expected(seed):
        noise_seed, chain_seed = rng.split(seed, 2)
        x = PIXELS.uniform(noise_seed, (3, *small.SHAPE))
        energy_fn = bind_condition(model, labels[0] if labels else None)
        return run_chain(KERNEL_AT, energy_fn, x, chain_seed, first=0, num_steps=4).x, x

    end, start = expected(seed)
    assert np.std(end) > 0.1 and np.abs(end - start).max() > 0.02
    np.testing.assert_allclose(got, end, atol=1e-5)
    zero = sample([tf.zeros_like(w) + 0.01 for w in weights], seed, *labels)
    assert np.abs(zero - end).max() > 1e-3  # those of the call, not of the model


def test_program_weights_and_arguments_belong_together(model, tmp_path):
    listed = stablehlo.export_stablehlo(
        model, KERNEL_AT, PIXELS, str(tmp_path), **CHAIN
    )
    assert json.loads((tmp_path / "arguments.json").read_text()) == listed
    weights = np.load(tmp_path / "weights.npz")
    names = [spec["name"] for spec in listed["arguments"]]
    rest = ["seed"] if model.condition_space is None else ["seed", "labels"]
    assert names == [*weights.files, *rest]
    for spec, variable in zip(listed["arguments"], model.variables):
        np.testing.assert_array_equal(weights[spec["name"]], variable)
        assert spec["shape"] == list(variable.shape)
    assert listed["arguments"][len(weights.files)]["dtype"] == "int32"
    program = (tmp_path / "sample.mlir").read_text()
    begin = program.index("@main(")
    head = program[begin : program.index("->", begin)]
    assert head.count("tensor<") == len(names)
    assert "stablehlo.convolution" in program and "tensor<3x8x8x1xf32>" in program


def test_parts_of_a_condition_are_arguments_of_their_own(tmp_path):
    model = levels.network((2,))
    listed = stablehlo.export_stablehlo(
        model, KERNEL_AT, PIXELS, str(tmp_path), **CHAIN
    )
    assert listed["arguments"][-3:] == [
        {"name": "seed", "dtype": "int32", "shape": [2]},
        {"name": "labels", "dtype": "int32", "shape": [3]},
        {"name": "noise_level", "dtype": "float32", "shape": [3]},
    ]
    sample = stablehlo.sample_function(model, KERNEL_AT, PIXELS, **CHAIN)
    weights, seed = [tf.convert_to_tensor(v) for v in model.variables], [5, 0]
    condition = levels.SPACE.in_turn(0, 3)
    got = sample(weights, tf.constant(seed), *map(tf.constant, condition.values()))

    @tf.function(autograph=False, jit_compile=True)
    def expected(condition):
        noise_seed, chain_seed = rng.split(tf.constant(seed), 2)
        x = PIXELS.uniform(noise_seed, (3, 2))
        energy_fn = bind_condition(model, condition)
        return run_chain(KERNEL_AT, energy_fn, x, chain_seed, first=0, num_steps=4).x

    end = expected(tf.nest.map_structure(tf.constant, condition))
    np.testing.assert_allclose(got, end, atol=1e-5)
    other = condition | {"noise_level": condition["noise_level"][::-1].copy()}
    moved = expected(tf.nest.map_structure(tf.constant, other))
    assert np.abs(moved - end).max() > 1e-4
