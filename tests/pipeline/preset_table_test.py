"""The table of presets has a row for each, with the numbers that they hold."""

from pipeline import flags, preset_table


def test_rows_are_the_presets():
    names = flags.preset_names()
    table = preset_table.text((name, *flags.read_preset(name)) for name in names)
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
