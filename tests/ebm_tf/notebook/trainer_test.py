"""Training in one call: on arrays, on datasets, of a user's network and of ours."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import box, conditions
from ebm_tf.notebook.trainer import Trainer
from ebm_tf.objectives.denoising import DenoisingConfig
from ebm_tf.training.config import OptimizerConfig, TrainConfig
from tests.plugins.bowl import BowlConfig

NOISE_STD = 0.5


def settings(num_updates, **changes):
    return TrainConfig(
        **{
            "num_updates": num_updates,
            "batch_size": 64,
            "objective": DenoisingConfig(
                noise_std=NOISE_STD, temperature=1.0, l2_weight=0.0
            ),
            "optimizer": optimizer(),
            "dtype": "float32",
            "compile": "graph",
            "log_every": 10,
            "image_every": 100,
            "preview_steps": 2,
            "checkpoint_every": 10,
            "keep_checkpoints": 1,
        }
        | changes
    )


def optimizer(**changes):
    rates = {"learning_rate": 0.05, "final_learning_rate": 0.001}
    decays = {"beta_1": 0.9, "beta_2": 0.99, "epsilon": 1e-8}
    return OptimizerConfig(**rates | decays | changes)


class StopAt(keras.callbacks.Callback):
    """Ends a training as a defect would, after so many updates."""

    def __init__(self, update):
        super().__init__()
        self._update = update

    def on_train_batch_end(self, batch, logs=None):
        if batch + 1 == self._update:
            raise ZeroDivisionError


def points(num=512):
    rng = np.random.default_rng(0)
    return (np.array([3.0, -1.0]) + rng.normal(0, 0.5, [num, 2])).astype(np.float32)


def network():
    dense = keras.layers.Dense(8, activation="swish")
    return keras.Sequential([keras.Input((2,)), dense, keras.layers.Dense(1)])


def test_the_center_becomes_the_mean_of_the_data():
    trainer = Trainer(BowlConfig(stiffness=1.0), settings(300))
    assert trainer.energy is None and trainer.updates == 0
    assert trainer.fit(points()) is trainer
    assert trainer.updates == 300
    center = trainer.energy.center.numpy()
    np.testing.assert_allclose(center, points().mean(axis=0), atol=0.1)
    np.testing.assert_allclose(trainer.energy.space.mean, [3.0, -1.0], atol=0.1)


def test_a_users_network_is_copied_and_trained():
    mine = network()
    before = [np.array(weight) for weight in mine.weights]
    trainer = Trainer(mine, settings(3)).fit(points())
    for old, weight in zip(before, mine.weights, strict=True):
        np.testing.assert_array_equal(old, weight)
    assert not np.array_equal(before[0], trainer.energy.weights[0])
    assert trainer.energy(points(5)).shape == (5,)


def test_a_dataset_is_trained_on_like_arrays():
    space = box.OpenSpace(mean=(3.0, -1.0), std=(0.5, 0.5))
    data = tf.data.Dataset.from_tensor_slices(points())
    trainer = Trainer(BowlConfig(stiffness=1.0), settings(300), space=space)
    trainer.fit(data)
    center = trainer.energy.center.numpy()
    np.testing.assert_allclose(center, points().mean(axis=0), atol=0.1)


def test_labels_reach_a_users_conditional_network():
    x, y = keras.Input((2,)), keras.Input((), dtype="int32")
    of_class = keras.layers.Embedding(2, 2)(y)
    total = keras.layers.Dense(1)(keras.ops.tanh(x + of_class))
    labels = np.arange(512) % 2
    spec = conditions.Classes(2)
    trainer = Trainer(keras.Model([x, y], total), settings(2), condition_space=spec)
    energy = trainer.fit(points(), labels).energy
    assert energy.condition_space == spec
    assert energy(points(4), labels[:4]).shape == (4,)


def test_an_interrupted_training_goes_on(tmp_path):
    config = BowlConfig(stiffness=1.0)
    folder = str(tmp_path / "checkpoints")
    with pytest.raises(ZeroDivisionError):
        Trainer(config, settings(40)).fit(
            points(), callbacks=[StopAt(25)], checkpoints=folder
        )
    again = Trainer(config, settings(40)).fit(points(), checkpoints=folder)
    whole = Trainer(config, settings(40)).fit(points())
    np.testing.assert_array_equal(again.energy.center, whole.energy.center)


def test_what_does_not_fit_is_one_line():
    with pytest.raises(ValueError, match="`settings` must be a `TrainConfig`"):
        Trainer(network(), {"num_updates": 3})
    with pytest.raises(ValueError, match="`space` must be given with a dataset of"):
        Trainer(network(), settings(1)).fit(
            tf.data.Dataset.from_tensor_slices(points())
        )
    with pytest.raises(ValueError, match="`labels` must be left out"):
        Trainer(network(), settings(1)).fit(
            tf.data.Dataset.from_tensor_slices(points()), np.zeros(512, int)
        )
    with pytest.raises(ValueError, match="`x` must be of states of shape"):
        Trainer(BowlConfig(stiffness=1.0).make((3,)), settings(1)).fit(points())


def conditional():
    x, y = keras.Input((2,)), keras.Input((), dtype="int32")
    total = keras.layers.Dense(1)(keras.ops.tanh(x + keras.layers.Embedding(2, 2)(y)))
    return keras.Model([x, y], total)


@pytest.mark.parametrize(
    "labels, text",
    [
        (None, "`labels` must be given: the network depends on 2 classes"),
        (np.full(512, 2), "`labels` must be within [0, 1]. Received: labels=[2]"),
        (np.zeros([512, 2]), "`labels` must be of shape (512,)"),
    ],
)
def test_labels_that_do_not_fit_are_refused(labels, text):
    spec = conditions.Classes(2)
    trainer = Trainer(conditional(), settings(1), condition_space=spec)
    with pytest.raises(ValueError) as caught:
        trainer.fit(points(), labels)
    assert text in str(caught.value) and "\n" not in str(caught.value)


def test_a_training_that_is_done_is_not_called_again():
    trainer = Trainer(BowlConfig(stiffness=1.0), settings(2)).fit(points())
    with pytest.raises(ValueError, match="before its 2 updates are done"):
        trainer.fit(points())


def test_checkpoints_of_another_network_are_refused(tmp_path):
    folder = str(tmp_path / "checkpoints")
    Trainer(network(), settings(2)).fit(points(), checkpoints=folder)
    with pytest.raises(ValueError, match="`checkpoints` must be of this network"):
        Trainer(BowlConfig(stiffness=1.0), settings(2)).fit(
            points(), checkpoints=folder
        )
    with pytest.raises(ValueError, match="`checkpoints` must be of these settings"):
        Trainer(network(), settings(3)).fit(points(), checkpoints=folder)
    for wrong in ("", 3, __file__):
        with pytest.raises(ValueError, match="`checkpoints` must be the path of a"):
            Trainer(network(), settings(2)).fit(points(), checkpoints=wrong)


def test_a_cell_that_runs_again_in_one_kernel_goes_on(tmp_path):
    """Keras numbers the layers of each making anew: dense, then dense_2."""
    folder = str(tmp_path / "checkpoints")
    first, again = network(), network()
    assert first.layers[0].name != again.layers[0].name
    settings_ = settings(24, optimizer=optimizer(num_sigmas=3.0, ema_decay=0.9))
    stop = StopAt(12)
    with pytest.raises(ZeroDivisionError):
        Trainer(first, settings_).fit(points(), callbacks=[stop], checkpoints=folder)
    resumed = Trainer(again, settings_).fit(points(), checkpoints=folder)
    whole = Trainer(first, settings_).fit(points())
    for one, other in zip(resumed.energy.weights, whole.energy.weights, strict=True):
        np.testing.assert_array_equal(one, other)
