"""What the page HParams is told, and the ends of curves."""

from pipeline.stages import hparams
from tests.pipeline.event_files import curve, plugin_data


def test_the_experiment_names_settings_and_curves(tmp_path):
    trials = [{"rate": 0.1, "write": "ring"}]
    for _ in range(2):  # the second time in place of the first
        hparams.write_experiment(str(tmp_path), trials, ["energy/gap"])
    [told] = plugin_data(tmp_path)
    assert [info.name for info in told.experiment.hparam_infos] == ["rate", "write"]
    [metric] = told.experiment.metric_infos
    # Curves of a trial are in the folder `train` of its logs.
    assert (metric.name.group, metric.name.tag) == ("train", "energy/gap")


def test_a_trial_has_its_settings_and_its_end(tmp_path):
    trial = {"rate": 0.1, "write": "ring", "clip": None}
    hparams.write_trial(str(tmp_path), "003", trial, False, 12.0)
    start, end = plugin_data(tmp_path)
    told = start.session_start_info
    assert told.group_name == "003"
    assert told.hparams["rate"].number_value == 0.1
    assert told.hparams["write"].string_value == "ring"
    assert told.hparams["clip"].string_value == "None"
    assert (end.session_end_info.status, end.session_end_info.end_time_secs) == (2, 12)


def test_last_values_are_those_of_the_last_steps(tmp_path):
    curve(tmp_path, "energy/gap", {1: 0.5, 3: 0.25})
    curve(tmp_path, "energy/gap", {2: 1.0})
    curve(tmp_path, "loss/total", {1: 2.0})
    found = hparams.last_values(str(tmp_path), ["energy/gap", "no/such"])
    assert found == {"energy/gap": 0.25}
    assert hparams.last_values(str(tmp_path / "none"), ["energy/gap"]) == {}
