"""One replica's update: which labels chains run under, and what is reported."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import PIXELS, Box
from ebm_tf.conditions import Classes
from ebm_tf.objectives.contrastive import ChainScheduleConfig, KlConfig
from ebm_tf.objectives.contrastive.negatives import make_chains
from ebm_tf.sampling.config import AugmentConfig, LangevinConfig
from ebm_tf.sampling.langevin import langevin_chain, langevin_steps_through
from ebm_tf.sampling.replay import Replicas
from ebm_tf.training.optimizer import make_optimizer
from ebm_tf.training.step import ReplicaStep
from tests.ebm_tf.training import small

SHAPE = (2, 2, 1)
SEED = rng.make_seed(1)


class _Slopes(keras.Model):
    """E(x, y) = slope[y] * sum(x): the label alone says where chains go."""

    condition_space = Classes(2)
    state_shape = SHAPE

    def __init__(self):
        super().__init__(name="energy")
        self.slope = self.add_weight(name="slope", shape=(2,))
        self.slope.assign([1.0, -1.0])

    def call(self, x, labels):
        slope = tf.gather(tf.convert_to_tensor(self.slope), labels)
        return slope * tf.reduce_sum(x, axis=[1, 2, 3])


def build(energy, config, box):
    objective = config.objective.make(small.setup(energy, box, config))
    replicas = Replicas(devices=["/cpu:0"], first=0, total=1)
    buffer = objective.make_memory(replicas, SEED)
    optimizer = make_optimizer(config.optimizer, config.num_updates)
    optimizer.build(energy.trainable_variables)
    step = ReplicaStep(objective, optimizer, buffer, config, num_replicas=1)
    return step, buffer


def run_chains(step):
    return make_chains(step.config.objective, step.objective.setup)


def make(rule):
    config = small.train_config(
        objective=small.objective(
            langevin=LangevinConfig(
                num_steps=2, step_size=1.0, noise_std=0.0, grad_clip=None
            ),
            replay=small.replay(capacity=4, fresh_prob=0.0, labels=rule),
        )
    )
    return build(_Slopes(), config, PIXELS)


def run(step, labels):
    strategy = tf.distribute.OneDeviceStrategy("/cpu:0")
    stored = tf.zeros([4, *SHAPE], tf.uint8)
    return strategy.run(step, args=(stored, tf.constant(labels), SEED))


@pytest.mark.parametrize("rule", ["data", "stored"])
def test_the_rule_says_under_which_label_a_chain_goes_on(rule):
    step, buffer = make(rule)
    held = tf.fill([4, *SHAPE], 0.5), tf.constant([0, 0, 1, 1])
    buffer.part(0).write(tf.range(4), *held, SEED)
    run(step, [1, 1, 1, 1])
    states, labels, *_ = buffer.variables
    levels = states.numpy()[:, 0, 0, 0]
    if rule == "data":  # every chain ran under label 1, upwards
        np.testing.assert_array_equal(labels, [1, 1, 1, 1])
        np.testing.assert_array_equal(levels, [255, 255, 255, 255])
    else:
        np.testing.assert_array_equal(labels, [0, 0, 1, 1])
        np.testing.assert_array_equal(levels, [0, 0, 255, 255])


def test_reports_are_those_of_the_chain_and_the_batch():
    step, buffer = make("stored")
    held = tf.fill([4, *SHAPE], 0.5), tf.constant([0, 0, 1, 1])
    buffer.part(0).write(tf.range(4), *held, SEED)
    result = run(step, [0, 0, 0, 0])
    # All four chains end at an edge, half the box away, give or take half a bin.
    assert float(result.shares["saturated_share"]) == 1.0
    assert float(result.shares["movement"]) == pytest.approx(0.5, abs=1 / 256)
    # E(negatives) = 0 at label 0, x = 0, and -4 at label 1, x = 1.
    assert sorted(result.energies["negative"].numpy()) == [-4.0, -4.0, 0.0, 0.0]
    assert float(result.shares["negative_energy"]) == -2.0
    gap = result.shares["data_energy"] - result.shares["negative_energy"]
    assert float(result.shares["gap"]) == pytest.approx(float(gap))


class _Left(_Slopes):
    """E(x, y) = slope[y] * the left column of x: it tells a mirrored image."""

    def call(self, x, labels):
        return super().call(x[:, :, :1], labels)


def test_data_are_augmented_by_the_number_of_the_update_and_chains_are_not():
    mirror = AugmentConfig(prob=1.0, flip=True, max_shift=0, border="zero")
    still = LangevinConfig(num_steps=1, step_size=1.0, noise_std=0.0, grad_clip=None)
    stored = tf.tile(tf.constant([[[[255], [0]]]], tf.uint8), [32, 2, 1, 1])
    sides, starts = {}, {}
    for setting in (None, mirror):
        config = small.train_config(
            batch_size=32,
            augment=setting,
            objective=small.objective(langevin=still, replay=small.replay(capacity=32)),
        )
        for update in (0, 0, 1):
            step, _ = build(_Left(), config, PIXELS)
            strategy = tf.distribute.OneDeviceStrategy("/cpu:0")
            seed = rng.fold_in(SEED, update)
            result = strategy.run(step, args=(stored, tf.zeros([32], tf.int32), seed))
            where = (setting, update)
            side = (result.energies["data"].numpy() > 1.0).astype(int)
            np.testing.assert_array_equal(sides.setdefault(where, side), side)
            starts[where] = result.energies["negative"].numpy()
    assert sides[None, 0].all()
    # Half of 32 are mirrored, give or take 3, and not the same ones in each update.
    assert 4 < sides[mirror, 0].sum() < 28
    assert (sides[mirror, 0] != sides[mirror, 1]).any()
    np.testing.assert_array_equal(starts[None, 0], starts[mirror, 0])


def test_only_images_are_augmented():
    mirror = AugmentConfig(prob=1.0, flip=True, max_shift=0, border="zero")
    config = small.train_config(augment=mirror)
    with pytest.raises(ValueError, match="`train.augment` must be null for states"):
        build(_Bowl(), config, Box(low=-1.0, high=1.0, num_levels=None))


def test_the_loss_is_that_of_the_configuration():
    step, _ = make("data")
    result = run(step, [0, 0, 0, 0])
    weight = step.config.objective.l2_weight
    expected = result.shares["gap"] + weight * result.shares["l2"]
    assert float(result.shares["loss"]) == pytest.approx(float(expected))


class _Bowl(keras.Model):
    """E(x) = offset + |x|^2 / 2: a weight to train, of which chains know nothing."""

    condition_space = None
    state_shape = (3,)

    def __init__(self):
        super().__init__(name="energy")
        self.offset = self.add_weight(name="offset", shape=(), initializer="ones")

    def call(self, x):
        return tf.convert_to_tensor(self.offset) + tf.reduce_sum(x * x, axis=1) / 2


def test_a_buffer_of_one_batch_without_fresh_noise_is_pcd():
    # Every chain goes on from its own end in every update: with x' = (1 - h) x, all
    # 4 slots are (1 - h)^(3 updates * 2 steps) of where they began.
    config = small.train_config(
        objective=small.objective(
            langevin=LangevinConfig(
                num_steps=2, step_size=0.1, noise_std=0.0, grad_clip=None
            ),
            replay=small.replay(capacity=4, fresh_prob=0.0, write="in_place"),
        )
    )
    box = Box(low=-1.0, high=1.0, num_levels=None)
    step, buffer = build(_Bowl(), config, box)
    start = buffer.variables[0].numpy()
    strategy = tf.distribute.OneDeviceStrategy("/cpu:0")
    for update in range(3):
        seed = rng.fold_in(SEED, update)
        strategy.run(step, args=(tf.zeros([4, 3]), tf.zeros([4], tf.int32), seed))
    np.testing.assert_allclose(buffer.variables[0], 0.9**6 * start, rtol=1e-5)


def test_a_term_may_run_the_last_steps_again():
    settings = KlConfig(weight=1.0, entropy_weight=0.0, neighbour=1, num_grad_steps=2)
    noisy = LangevinConfig(num_steps=5, step_size=0.1, noise_std=0.2, grad_clip=None)
    config = small.train_config(objective=small.objective(kl=settings, langevin=noisy))
    box = Box(low=-1.0, high=1.0, num_levels=None)
    step, _ = build(_Bowl(), config, box)
    start = box.uniform(SEED, [4, 3])
    chain = run_chains(step)(start, None, SEED, tf.constant(0))
    whole = langevin_chain(step.energy, start, SEED, noisy, box)
    np.testing.assert_array_equal(chain.x, whole)
    rest = langevin_steps_through(
        step.energy, chain.before, chain.seed, chain.settings, box, first=3, num_steps=2
    )
    np.testing.assert_allclose(rest, whole, rtol=1e-6)


def test_terms_are_reported_by_name():
    config = small.train_config(
        objective=small.objective(
            kl=KlConfig(weight=0.5, entropy_weight=0.1, neighbour=1, num_grad_steps=1),
            gradient_penalty_weight=0.01,
        )
    )
    box = Box(low=-1.0, high=1.0, num_levels=None)
    step, _ = build(_Bowl(), config, box)
    strategy = tf.distribute.OneDeviceStrategy("/cpu:0")
    data = box.uniform(SEED, [4, 3])
    result = strategy.run(step, args=(data, tf.zeros([4], tf.int32), SEED))
    shares = {name: float(value) for name, value in result.shares.items()}
    total = shares["cd"] + 0.1 * shares["l2"] + 0.5 * shares["kl"]
    total += 0.01 * shares["gradient_penalty"]
    assert shares["loss"] == pytest.approx(total, rel=1e-5)


def test_chains_follow_the_schedule_by_the_count_of_updates():
    # On a slope of 1 without noise, the movement is num_steps times the step size.
    config = small.train_config(
        num_updates=4,
        objective=small.objective(
            langevin=LangevinConfig(
                num_steps=2, step_size=0.01, noise_std=0.0, grad_clip=None
            ),
            chain_schedule=ChainScheduleConfig(
                shape="linear", step_factor=5.0, noise_factor=1.0
            ),
        ),
    )
    step, _ = build(_Slopes(), config, PIXELS)
    start, labels = tf.fill([4, *SHAPE], 0.5), tf.zeros([4], tf.int32)
    for update, step_size in ((0, 0.01), (1, 0.02), (3, 0.04)):
        chain = run_chains(step)(start, labels, SEED, tf.constant(update))
        np.testing.assert_allclose(chain.x, 0.5 - 2 * step_size, rtol=1e-5)


class _Plane(keras.Model):
    """E(x) = slope * x: its gradient in the weights is x itself."""

    condition_space = None
    state_shape = (3,)

    def __init__(self):
        super().__init__(name="energy")
        self.slope = self.add_weight(name="slope", shape=(2,))
        self.offset = self.add_weight(name="offset", shape=())
        self.slope.assign([0.5, -0.25])
        self.offset.assign(0.125)

    def call(self, x):
        slope = tf.convert_to_tensor(self.slope)
        return tf.linalg.matvec(x[:, :2], slope) + tf.convert_to_tensor(self.offset)


def test_the_norm_of_the_gradient_is_that_over_all_weights():
    config = small.train_config(
        objective=small.objective(
            l2_weight=0.5, replay=small.replay(capacity=4, fresh_prob=0.0)
        )
    )
    box = Box(low=-1.0, high=1.0, num_levels=None)
    step, buffer = build(_Plane(), config, box)
    data = box.uniform(rng.make_seed(9), [4, 3])
    strategy = tf.distribute.OneDeviceStrategy("/cpu:0")
    result = strategy.run(step, args=(data, tf.zeros([4], tf.int32), SEED))
    # Every slot holds the end of a chain now. E is linear: d mean(E) is mean(x) in the
    # slope and 1 in the offset, d mean(E^2) is 2 mean(E x) and 2 mean(E).
    x, y = data.numpy()[:, :2], buffer.variables[0].numpy()[:, :2]
    energy_x, energy_y = (z @ [0.5, -0.25] + 0.125 for z in (x, y))
    slope = x.mean(0) - y.mean(0)
    slope += (
        0.5 * 2 * ((energy_x[:, None] * x).mean(0) + (energy_y[:, None] * y).mean(0))
    )
    offset = 0.5 * 2 * (energy_x.mean() + energy_y.mean())
    norm = np.sqrt((slope**2).sum() + offset**2)
    assert norm > 0.1
    assert float(result.shares["gradient_norm"]) == pytest.approx(norm, rel=1e-5)


def test_of_a_class_that_comes_twice_the_rows_of_the_gradient_are_added():
    step, _ = make("data")
    labels = [0, 1, 0, 0]
    result = run(step, labels)
    # E is slope[y] * sum(x), and slope was +1 and -1.
    sums = [
        energies.numpy() * np.where(labels, -1.0, 1.0)
        for energies in (result.energies["data"], result.energies["negative"])
    ]
    weight = step.config.objective.l2_weight
    slope = np.zeros(2)
    for sign, name, total in zip((1, -1), ("data", "negative"), sums, strict=True):
        each = (sign + 2 * weight * result.energies[name].numpy()) * total / 4
        np.add.at(slope, labels, each)
    norm = np.linalg.norm(slope)
    assert norm > 0.1
    assert float(result.shares["gradient_norm"]) == pytest.approx(norm, rel=1e-5)
