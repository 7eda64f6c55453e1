"""Gates: what a model must show, counted by hand."""

import pytest

from pipeline.settings.config import GatesConfig
from pipeline.stages import gates
from pipeline.store import artifacts

METRICS = {
    "energies": {
        "not_finite": {},
        "sets": {
            "test": {"mean": 3.0, "std": 2.0},
            "samples": {"mean": 0.0, "std": 9.0},
        },
        "auroc": [
            {"lower": "test", "higher": "samples", "area": 0.1},
            {"lower": "test", "higher": "noise", "area": 0.75},
        ],
    },
    "classifier": {
        "sets": {"samples": {"confident_share": 0.6, "class_shares": [0.7, 0.02]}}
    },
}
ALL = GatesConfig(
    max_energy_gap=1.5,
    min_noise_auroc=0.75,
    min_confident_share=0.6,
    min_class_share=0.02,
)


def names(metrics, config, passed):
    found = gates.check(metrics, config)
    return [gate["name"] for gate in found if gate["passed"] is passed]


def test_limits_themselves_pass():
    assert names(METRICS, ALL, False) == []
    found = gates.check(METRICS, ALL)
    assert {gate["name"]: gate["value"] for gate in found} == {
        "finite_energies": 0.0,
        "energy_gap": 1.5,
        "noise_auroc": 0.75,
        "confident_share": 0.6,
        "class_share": 0.02,
    }


@pytest.mark.parametrize(
    "name, field, limit",
    [
        ("energy_gap", "max_energy_gap", 1.49),
        ("noise_auroc", "min_noise_auroc", 0.751),
        ("confident_share", "min_confident_share", 0.61),
        ("class_share", "min_class_share", 0.021),
    ],
)
def test_beyond_a_limit_fails(name, field, limit):
    config = GatesConfig(**{field: limit})
    assert names(METRICS, config, False) == [name]
    assert names(METRICS, config, True) == ["finite_energies"]


def test_energies_that_are_not_finite_fail_unasked():
    none = GatesConfig(
        max_energy_gap=None, min_confident_share=None, min_class_share=None
    )
    bad = {"energies": {"not_finite": {"train": 2, "noise": 1}}}
    (gate,) = gates.check(bad, none)
    assert (gate["value"], gate["passed"]) == (3.0, False)
    assert names(bad, ALL, True) == []
    assert gates.check({"neighbours": {}}, none) == []


def test_what_was_not_measured_is_not_passed():
    found = names({"neighbours": {}}, ALL, False)
    assert found == ["energy_gap", "noise_auroc", "confident_share", "class_share"]
    moments = {"mean": 1.0, "std": 0.0}
    flat = {"energies": {"sets": {"test": moments, "samples": moments}}}
    assert "energy_gap" in names(flat, ALL, False)


def evaluation(found):
    return artifacts.Artifact("/e", {"details": {"gates": found}})


def test_a_failure_names_every_gate_with_its_value():
    strict = GatesConfig(
        max_energy_gap=1.0, min_confident_share=0.9, min_class_share=0.01
    )
    found = gates.check(METRICS, strict)
    with pytest.raises(gates.GateFailed) as caught:
        gates.require_passed(evaluation(found))
    text = str(caught.value)
    assert "failed 2 of its gates" in text and "\n" not in text
    assert "at most 1. Measured: 1.5" in text
    assert "at least 0.9. Measured: 0.6" in text
    assert caught.value.exit_code == 1
    gates.require_passed(evaluation(gates.check(METRICS, ALL)))


def test_an_evaluation_of_other_things_says_nothing_and_lets_nothing_pass():
    assert gates.check({"images": {}, "likelihood": {}}, ALL) is None
    with pytest.raises(gates.GateFailed, match="/e measured nothing that a gate asks"):
        gates.require_passed(evaluation(None))
