"""The table of presets has a row for each, with the numbers that they hold."""

import pytest

from ebm_tf import settings
from pipeline.settings import preset_table, presets
from pipeline.settings.config import RunConfig
from pipeline.stages import summary

NAMES = presets.preset_names()


def read_all():
    return [(name, *presets.read_preset(name)) for name in NAMES]


def test_rows_are_the_presets():
    names, table = NAMES, preset_table.text(read_all())
    head, *lines = table.splitlines()
    rows = {line.split()[0]: line for line in lines[: len(names)]}
    assert list(rows) == names
    assert head.split()[:4] == ["preset", "data", "network", "labels"]
    numbers = ["60", "10", "0.01", "0.005", "10000", "1", "0.0001", "128"]
    assert rows["cifar10_conditional"].split()[1:12] == (
        ["cifar10", "resnet", "10"] + numbers
    )
    assert rows["dsprites_position"].split()[3:7] == ["x+y", "20", "500", "-"]
    assert rows["trajectory"].split()[3:6] == ["-", "10", "10"]
    assert rows["imagenet128"].split()[5] == "100"
    assert "A.11" in table
    assert rows["imagenet32"].split()[-2:] == ["59,409,281", "3,023,438,848"]


def test_it_fits_a_wide_terminal_and_says_what_each_preset_is():
    table = preset_table.text(read_all())
    assert max(map(len, table.splitlines())) <= 200
    for name, description, _ in read_all():
        assert f"{name} " in table and description in table


@pytest.mark.parametrize("name", NAMES)
def test_sizes_are_those_of_the_networks(name):
    config = settings.from_dict(RunConfig, presets.read_preset(name)[1])
    assert preset_table.SIZES[name] == summary.size(config)
