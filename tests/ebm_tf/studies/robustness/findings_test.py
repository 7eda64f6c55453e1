"""Two classes parted by a plane: the radius that fools each image is a formula."""

import dataclasses

import numpy as np
import pytest

from ebm_tf.box import OpenSpace
from ebm_tf.studies.robustness import RefinementConfig, RobustnessConfig
from tests.ebm_tf.studies import known

TWO = known.CENTRES[:2]
APART = TWO[1] - TWO[0]
CONFIG = RobustnessConfig(
    num_images=30, linf=(0.1, 0.18, 0.25), l2=(0.185, 0.285, 0.39), attack_steps=20
)


@pytest.fixture(scope="module")
def subject(tmp_path_factory):
    random = np.random.default_rng(2)

    def made(name):
        labels = np.arange(30, dtype=np.int32) % 2
        x = TWO[labels] + random.normal(0.0, 0.06, [30, 4])
        return x.astype(np.float32).reshape([30, *known.SHAPE]), labels

    folder = tmp_path_factory.mktemp("examples")
    return known.subject(
        known.energy(TWO),
        examples=known.examples(folder, made=made),
        classifier=known.classifier(TWO),
    )


def _distances(subject, norm):
    """Returns how far each test image is from the plane between the centres."""
    x, labels = subject.examples["test"].gather(np.arange(30))
    margin = (x.reshape(30, 4) - TWO.mean(axis=0)) @ APART
    margin = np.where(labels == 0, margin, -margin)  # positive: mistaken
    # The dual norm says how fast a change of length 1 can move it.
    return -margin / np.linalg.norm(APART, 1 if norm == "linf" else 2)


def test_accuracies_are_those_of_distances_to_the_plane(subject):
    found = CONFIG.run(subject)
    for norm in ("linf", "l2"):
        distances, rows = _distances(subject, norm), found.tables[norm]
        assert rows["radius"] == [0.0, *getattr(CONFIG, norm)]
        expected = [float(np.mean(distances > radius)) for radius in rows["radius"]]
        # Some of the images lie between two radii, whatever the norm.
        assert len(set(expected)) >= 3
        assert rows["energy"] == pytest.approx(expected, abs=1e-9)
        assert rows["classifier"] == pytest.approx(expected, abs=1e-9)
    # When a pixel may go anywhere, nothing is left.
    assert found.details["checked_accuracy"] == {"energy": 0.0, "classifier": 0.0}
    assert found.details["clean_accuracy"]["energy"] == 1.0
    assert set(found.figures) == {"linf", "l2"} and found.notes == {"refined": False}


def test_one_norm_alone(subject):
    one = dataclasses.replace(CONFIG, linf=(), l2=(0.2,), attack_steps=2)
    found = one.run(subject)
    assert set(found.tables) == {"l2", "check"}


def test_an_attack_takes_gradients_through_the_refinement(subject):
    steps = RefinementConfig(num_steps=2, step_size=0.1, radius=1.0)
    refined = dataclasses.replace(CONFIG, linf=(0.18,), l2=(), refinement=steps)
    rows = refined.run(subject).tables["linf"]
    # Energies of all classes fall by the same factor: the plane stays where it is.
    expected = [float(np.mean(_distances(subject, "linf") > r)) for r in (0.0, 0.18)]
    assert rows["energy"] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    "name, value",
    [
        ("linf", (0.2, 0.1)),
        ("l2", (0.0,)),
        ("attack_steps", 0),
        ("num_images", 1),
        ("level", -1.0),
    ],
)
def test_bad_settings_are_named(name, value):
    with pytest.raises(ValueError, match=f"`{name}` must be"):
        dataclasses.replace(CONFIG, **{name: value})


def test_models_that_it_is_not_for(subject):
    with pytest.raises(ValueError, match="`model` must be of classes"):
        CONFIG.require_model((2, 2, 1), None, known.QUIET)
    with pytest.raises(ValueError, match="`linf` must be not empty"):
        dataclasses.replace(CONFIG, linf=(), l2=())
    with pytest.raises(ValueError, match="`level` must be null for an energy without"):
        dataclasses.replace(CONFIG, level=0.5).run(subject)
    other = dataclasses.replace(subject, space=OpenSpace(mean=0.0, std=1.0))
    with pytest.raises(ValueError, match="`space` must be a box"):
        CONFIG.run(other)
