"""TF_CONFIG as people write it, and as they mistype it."""

import json

import pytest

from ebm_tf.training import cluster

TWO = {"worker": ["one:2222", "two:2222"]}


def read(monkeypatch, text):
    monkeypatch.setenv("TF_CONFIG", text)
    return cluster.this_task()


def config(jobs, kind, index):
    return json.dumps({"cluster": jobs, "task": {"type": kind, "index": index}})


def test_the_first_worker_is_the_chief(monkeypatch):
    first = read(monkeypatch, config(TWO, "worker", 0))
    second = read(monkeypatch, config(TWO, "worker", 1))
    assert (first.index, first.num_workers, first.is_chief) == (0, 2, True)
    assert (second.index, second.num_workers, second.is_chief) == (1, 2, False)


def test_a_task_chief_comes_before_the_workers(monkeypatch):
    jobs = TWO | {"chief": ["zero:2222"]}
    chief = read(monkeypatch, config(jobs, "chief", 0))
    worker = read(monkeypatch, config(jobs, "worker", 0))
    assert (chief.index, chief.num_workers, chief.is_chief) == (0, 3, True)
    assert (worker.index, worker.is_chief) == (1, False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        json.dumps({"cluster": TWO}),
        config(TWO, "worker", 2),
        config(TWO, "worker", "0"),
        config(TWO, "evaluator", 0),
        config({"worker": ["one:2222"], "ps": ["two:2222"]}, "worker", 0),
        config({"chief": ["one:1", "two:1"]}, "chief", 0),
        config({"worker": ["one:2222", "one:2222"]}, "worker", 0),
        config({"worker": ["one", "two"]}, "worker", 0),
        config({"worker": "one:2222"}, "worker", 0),
    ],
)
def test_what_is_no_cluster_is_refused_in_one_line(monkeypatch, text):
    with pytest.raises(ValueError, match="`TF_CONFIG` must be the cluster") as error:
        read(monkeypatch, text)
    assert str(error.value).endswith(f"Received: {text!r}")
    assert "\n" not in str(error.value)
