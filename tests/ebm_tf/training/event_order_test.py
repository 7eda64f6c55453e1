"""Event files are read in the order in which they were opened, whatever the clock."""

import pytest

from ebm_tf.training import event_order


def open_file(folder, monkeypatch, second, update):
    """Opens a file as TensorFlow does, at that second."""
    monkeypatch.setattr(event_order.time, "time", lambda: second + 0.5)
    event_order.keep(folder)
    name = f"events.out.tfevents.{second:010d}.host.7.{update}.v2.{update}"
    (folder / name).write_text(str(update))


@pytest.mark.parametrize(
    "seconds",
    [
        [1_700_000_000, 1_700_000_100, 1_700_000_200],  # as it should be
        [1_700_000_200, 1_700_000_100, 1_700_000_000],  # back, and back again
        [1_700_000_100, 1_700_000_000, 1_700_000_100, 1_700_000_050],
        [1_700_000_000] * 12,  # within a second: "10" comes before "9"
        [1_700_000_000, 0, 1],  # from a clock without a battery
    ],
)
def test_a_later_file_comes_later(tmp_path, monkeypatch, seconds):
    for update, second in enumerate(seconds):
        open_file(tmp_path, monkeypatch, second, update)
    found = [path.read_text() for path in sorted(tmp_path.iterdir())]
    assert found == [str(update) for update in range(len(seconds))]
    assert all(
        path.name.endswith(f".{path.read_text()}") for path in tmp_path.iterdir()
    )


def test_with_time_going_on_no_name_changes(tmp_path, monkeypatch):
    for update, second in enumerate((10, 11)):
        open_file(tmp_path, monkeypatch, second, update)
    names = {path.name for path in tmp_path.iterdir()}
    (tmp_path / "config.json").write_text("mine")
    open_file(tmp_path, monkeypatch, 12, 2)
    assert names | {"config.json"} < {path.name for path in tmp_path.iterdir()}
