"""Batches are computed once, each with a slice and a seed of its own."""

import numpy as np

from ebm_tf import rng
from ebm_tf.model_likelihood.batches import Batches

SEED = rng.make_seed(0)


def run(batch, seed):
    return {"chains": np.arange(batch.start, batch.stop), "seed": seed.numpy()}


def test_every_chain_is_in_one_batch_of_the_size_at_most():
    batches = Batches(4, {}, lambda num: None)
    found = batches.each("run", 7, 10, SEED, run)
    assert batches.sizes(10) == [len(part["chains"]) for part in found] == [4, 4, 2]
    chains = np.concatenate([part["chains"] for part in found])
    np.testing.assert_array_equal(chains, np.arange(10))
    assert len({tuple(part["seed"]) for part in found}) == 3


def test_what_is_there_is_reported_and_not_made_again():
    made = {"run-1": {"kept": np.zeros(1)}}
    passed = []
    found = Batches(4, made, passed.append).each("run", 7, 10, SEED, run)
    assert list(found[1]) == ["kept"] and passed == [7]
    assert sorted(made) == ["run-0", "run-1", "run-2"]
    again = Batches(4, made, passed.append)
    assert again.once("run-0", 7, lambda: 1 / 0) is found[0] and passed == [7, 7]
