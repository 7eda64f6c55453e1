"""What TensorBoard is told of a run."""

import tensorflow as tf
from tensorboard.plugins.custom_scalar import layout_pb2, metadata

from ebm_tf import settings
from pipeline.settings import presets
from pipeline.settings.config import RunConfig
from pipeline.stages import dashboard
from tests.pipeline.event_files import plugin_data

CONFIG = settings.from_dict(RunConfig, presets.read_preset("mnist")[1])


def layouts(folder):
    return [
        layout_pb2.Layout.FromString(tf.make_ndarray(value.tensor).item())
        for path in sorted(folder.glob("*.layout"))
        for event in tf.compat.v1.train.summary_iterator(str(path))
        for value in event.summary.value
        if value.tag == metadata.CONFIG_SUMMARY_TAG
    ]


def test_a_run_has_one_layout_and_one_row_however_often_it_is_written(tmp_path):
    for _ in range(2):
        dashboard.write(str(tmp_path), CONFIG, 7)
    [layout] = layouts(tmp_path)
    charts = {
        chart.title: list(chart.multiline.tag) for chart in layout.category[0].chart
    }
    assert charts["their gap, nats"] == ["energy/gap"]
    assert [page.title for page in layout.category] == [
        *("Training", "Chains", "Evaluation", "Speed")
    ]
    experiment, row = plugin_data(tmp_path)
    found = row.session_start_info.hparams
    assert found["train.objective.langevin.step_size"].number_value == 300.0
    assert found["train.objective.langevin.grad_clip"].string_value == "None"
    assert found["seed"].number_value == 7
    names = [info.name for info in experiment.experiment.hparam_infos]
    assert sorted(names) == sorted(found)
    metrics = {
        (info.name.group, info.name.tag) for info in experiment.experiment.metric_infos
    }
    assert ("train", "energy/gap") in metrics
    assert ("evaluate", "evaluate/confident_share/samples") in metrics
