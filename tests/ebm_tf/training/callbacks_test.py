"""What TensorBoard is given, read back with TensorBoard's own reader."""

import keras
import pytest
import tensorflow as tf
from tensorboard.backend.event_processing.event_multiplexer import EventMultiplexer

from ebm_tf.objectives.denoising import DenoisingConfig
from ebm_tf.training.callbacks import ProgressBar, Summaries
from tests.ebm_tf.training import small
from tests.ebm_tf.training.small import Poison, policy

SCALARS = {
    "chain/movement",
    "chain/saturated_share",
    "energy/data",
    "energy/gap",
    "energy/negatives",
    "gradient/norm",
    "loss/cd",
    "loss/l2",
    "loss/total",
    "speed/images_per_s",
    "speed/langevin_steps_per_s",
}


def read(folder):
    """Returns TensorBoard's view of all event files of a folder."""
    reader = EventMultiplexer().AddRunsFromDirectory(str(folder))
    reader.Reload()
    return reader


def steps(folder, tag):
    found = []
    for path in sorted(folder.glob("events.*")):
        reader = EventMultiplexer().AddRun(str(path), "run")
        reader.Reload()
        if tag in reader.Runs()["run"]["tensors"]:
            found += [event.step for event in reader.Tensors("run", tag)]
    return sorted(found)


def values(folder, tag):
    """Returns the value of a tag by step, over all event files of a folder."""
    return {
        event.step: tf.make_ndarray(value.tensor).item()
        for path in sorted(folder.glob("events.*"))
        for event in tf.compat.v1.train.summary_iterator(str(path))
        for value in event.summary.value
        if value.tag == tag
    }


def test_every_curve_image_and_histogram_is_there(tmp_path):
    trained = small.trainer(network=small.MLP)
    trained.fit(small.batches, [Summaries(trained, str(tmp_path))])
    tags = {tag for path in tmp_path.glob("events.*") for tag in _tags(path)}
    assert tags == SCALARS | {"config", "samples/replay", "samples/from_noise"} | {
        "energy/data_histogram",
        "energy/negatives_histogram",
    }
    assert steps(tmp_path, "energy/gap") == [1, 2, 3, 4, 5, 6]
    assert steps(tmp_path, "samples/replay") == [2, 4, 6]


def _tags(path):
    reader = EventMultiplexer().AddRun(str(path), "run")
    reader.Reload()
    return reader.Runs()["run"]["tensors"]


def test_a_killed_run_leaves_no_point_twice(tmp_path):
    folder, saved = tmp_path / "logs", str(tmp_path / "checkpoints")

    class Kill(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 4:
                raise RuntimeError("killed after the points of update 5")

    killed = small.trainer(network=small.MLP)
    with pytest.raises(RuntimeError):
        killed.fit(
            small.batches,
            [Summaries(killed, str(folder)), Kill()],
            killed.checkpoints(saved),
        )
    assert steps(folder, "energy/gap")[-1] == 5
    resumed = small.trainer(network=small.MLP)
    assert resumed.restore(resumed.checkpoints(saved)) == 4
    resumed.fit(small.batches, [Summaries(resumed, str(folder))])
    assert steps(folder, "energy/gap") == [1, 2, 3, 4, 5, 6]


def test_the_bar_starts_where_the_run_goes_on(tmp_path, capsys):
    trained = small.trainer(network=small.MLP, num_updates=4)
    trained.fit(small.batches, [ProgressBar(trained)])
    shown = capsys.readouterr().err
    assert (
        "4/4" in shown
        and "gap=" in shown
        and "update/s" in shown.replace("s/update", "update/s")
    )


def test_a_retry_takes_back_points_and_says_why(tmp_path):
    found = policy(max_gap=None, window=9)
    trained = small.trainer(network=small.MLP, recovery=found)
    folder = tmp_path / "logs"
    summaries = Summaries(trained, str(folder))
    checkpoints = trained.checkpoints(str(tmp_path / "checkpoints"))
    trained.fit(small.batches, [summaries, Poison(trained, 3, 1)], checkpoints)
    assert steps(folder, "energy/gap") == [1, 2, 3, 4, 5, 6]
    assert values(folder, "recovery/retry") == {1: 0, 2: 0, 3: 1, 4: 1, 5: 1, 6: 1}
    [(step, text)] = values(folder, "recovery/reason").items()
    assert step == 2 and b"`loss` is nan at update 4: retry 1 of 2 goes on" in text


class _Clock(keras.callbacks.Callback):
    """Half a second passes with every update, a quarter before the first."""

    def __init__(self):
        super().__init__()
        self.now = 100.0

    def on_train_batch_begin(self, batch, logs=None):
        self.now += 0.75 if batch == 0 else 0.5

    def __call__(self):
        return self.now


def test_speeds_are_those_of_the_updates_before_a_point(tmp_path):
    trained, clock = small.trainer(network=small.MLP, log_every=2), _Clock()
    summaries = Summaries(trained, str(tmp_path), clock)
    trained.fit(small.batches, [clock, summaries])
    # 2 updates of 4 images, in 1.25 s and then in 1 s; chains of 3 steps.
    speeds = values(tmp_path, "speed/images_per_s")
    assert speeds == pytest.approx({2: 6.4, 4: 8.0, 6: 8.0})
    steps = values(tmp_path, "speed/langevin_steps_per_s")
    assert steps == pytest.approx({2: 19.2, 4: 24.0, 6: 24.0})


def test_an_objective_without_chains_has_no_speed_of_steps(tmp_path):
    denoising = DenoisingConfig(noise_std=0.1, l2_weight=0.1, temperature=0.01)
    trained = small.trainer(network=small.MLP, objective=denoising, num_updates=2)
    trained.fit(small.batches, [Summaries(trained, str(tmp_path))])
    assert len(values(tmp_path, "speed/images_per_s")) == 2
    assert values(tmp_path, "speed/langevin_steps_per_s") == {}
    assert steps(tmp_path, "samples/replay") == []
    assert steps(tmp_path, "samples/from_noise") == [2]


def test_event_files_of_others_stay(tmp_path):
    others = [
        tmp_path / f"events.out.tfevents.1.host.{end}" for end in ("v2", "1.2.v2", "-7")
    ]
    for path in others:
        path.write_bytes(b"")
    trained = small.trainer(network=small.MLP, num_updates=1)
    trained.fit(small.batches, [Summaries(trained, str(tmp_path))])
    assert all(path.exists() for path in others)
