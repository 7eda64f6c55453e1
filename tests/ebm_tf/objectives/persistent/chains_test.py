"""Chains are kept whole, and dealt out to other numbers of replicas."""

import numpy as np
import pytest

from ebm_tf import rng
from ebm_tf.objectives.persistent.chains import PersistentChains
from ebm_tf.sampling.replay import Replicas
from tests.ebm_tf.sampling.latent_energies import Shifted

ENERGY = Shifted(1.0)


def made(num_replicas=1, num=6, seed=0):
    replicas = Replicas(["/cpu:0"] * num_replicas, 0, num_replicas)
    return PersistentChains(
        ENERGY, num, 0.2, replicas=replicas, seed=rng.make_seed(seed)
    )


def held(chains):
    return {
        number: {name: value.numpy() for name, value in part.items()}
        for number, part in chains.parts.items()
    }


def test_they_begin_as_samples_of_the_base():
    part = held(made(num=3000))["0"]
    error = 1 / np.sqrt(part["latents"].size)
    assert abs(part["latents"].mean()) < 5 * error < 0.1
    states = ENERGY.leave(part["latents"]).numpy()
    assert part["states"] == pytest.approx(states)
    assert np.exp(part["log_step"]) == pytest.approx(0.2)


def test_replicas_begin_elsewhere():
    first, second = held(made(2)).values()
    assert first["latents"].shape == (3, 3)
    assert not np.any(first["latents"] == second["latents"])


def test_write_keeps_states_and_coordinates_together():
    chains = made()
    chains.part(0).write(np.full((6, 3), 0.5, np.float32), np.float32(-1.0))
    assert chains.states(2).numpy() == pytest.approx(1 / (1 + np.exp(-0.5)))
    assert held(chains)["0"]["log_step"] == -1.0


@pytest.mark.parametrize("num_replicas", [1, 2, 3])
def test_what_was_saved_is_dealt_out(num_replicas):
    saved, other = held(made(2, seed=1)), made(num_replicas)
    other.fill(list(saved.values()))
    steps = {part["log_step"] for part in held(other).values()}
    assert np.exp(list(steps)) == pytest.approx([0.2])
    now = np.concatenate([part["latents"] for part in held(other).values()])
    then = np.concatenate([part["latents"] for part in saved.values()])
    assert np.array_equal(now, then)


def test_every_replica_keeps_its_own_steps():
    chains, other = made(2), made(2)
    for number in range(2):
        part = chains.part(number)
        part.write(part.variables["latents"], np.float32(-1.0 - number))
    other.fill(list(held(chains).values()))
    assert [held(other)[n]["log_step"] for n in "01"] == [-1.0, -2.0]


def test_another_number_of_chains_is_refused():
    with pytest.raises(ValueError, match="`batch_size` must be that of the saved"):
        made(num=4).fill(list(held(made()).values()))
