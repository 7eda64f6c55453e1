"""Small models of each kind that the page takes."""

import contextlib
import time

import pytest

from ebm_tf import rng
from ebm_tf.box import OpenSpace
from ebm_tf.energy.build import build_energy
from ebm_tf.energy.networks.mlp import MlpConfig
from ebm_tf.sampling.samplers.langevin import LangevinSampler
from ebm_tf.sampling.samplers.reverse_diffusion import ReverseDiffusionSampler
from pipeline.demo_page import offered, request, session, subject, worker
from tests import tiny_model

LEVELS = {"low": 0.01, "high": 2.0}


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory):
    """A run folder with a model of pictures, of three classes."""
    folder = tmp_path_factory.mktemp("run")
    tiny_model.make(folder, True)
    return folder


@pytest.fixture(scope="session")
def images(run_folder):
    return subject.load(str(run_folder / "model"))


@pytest.fixture(scope="session")
def levels(tmp_path_factory):
    """A model of pictures, of three classes at noise levels."""
    path = tiny_model.make(tmp_path_factory.mktemp("levels"), True, LEVELS)
    sampler = ReverseDiffusionSampler(num_steps=5, last_level=0.02)
    return subject.load(path)._replace(sampler=sampler)


@pytest.fixture(scope="session")
def points():
    """A model of points in the plane, in an open space."""
    config = MlpConfig(
        widths=(8,),
        scale=3.0,
        activation="swish",
        kernel_initializer="glorot_uniform",
        normalize_head=False,
    )
    space = OpenSpace(mean=(1.0, -1.0), std=(0.5, 2.0))
    energy = build_energy(config, (2,), seed=0, space=space)
    for index, weight in enumerate(energy.trainable_variables):
        weight.assign_add(0.3 * rng.normal(rng.make_seed(index), weight.shape))
    sampler = LangevinSampler(num_steps=6, step_size=0.02, noise_std=0.1)
    return subject.Subject("points", subject.Compiled(energy), sampler)


@pytest.fixture
def thread():
    with worker.Worker() as started:
        yield started


@pytest.fixture
def visit(thread):
    """Returns `(subject) -> Session`, of a visitor who leaves at the end."""
    with contextlib.ExitStack() as leaving:

        def enter(model, max_work=100_000):
            made = session.Session(model, thread, max_work)
            leaving.callback(made.close)
            return made

        yield enter


def until(condition) -> None:
    """Waits for what another thread does."""
    while not condition():
        time.sleep(0.005)


def drawn(visitor):
    """Draws, waits for the end, and returns what is seen then."""
    assert visitor.draw(), visitor.player.view().message
    until(lambda: not visitor.player.view().is_running)
    return visitor.player.view()


def asked(subject, kind=None, **values):
    """Returns a request for chains of a subject that keeps all rules."""
    own = subject.sampler, subject.levels, subject.energy.num_classes
    samplers = offered.samplers(*own)
    values = {"sampler": samplers[kind or subject.sampler.kind], "seed": 3} | values
    if subject.levels is not None:
        values = {"level": 0.3} | values
    num = 16 if subject.shown_as == "point" else 4
    made = request.Request(num_chains=num, **values)
    request.require(made, subject, 10**6)
    return made
