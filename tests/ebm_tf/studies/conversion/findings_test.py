"""Images walk to another centre by steps whose ends are a formula."""

import dataclasses

import numpy as np
import pytest

from ebm_tf.sampling.samplers.reverse_diffusion import ReverseDiffusionSampler
from ebm_tf.studies import StudyConfig
from ebm_tf.studies.conversion import ConversionConfig, findings
from tests.ebm_tf.studies import known

CONFIG = ConversionConfig(num_images=30, num_steps=8, num_looks=3, num_shown=3)


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    return known.examples(tmp_path_factory.mktemp("examples"))


@pytest.fixture(scope="module")
def classifier():
    return known.classifier()


@pytest.fixture(scope="module")
def found(examples, classifier):
    subject = known.subject(
        known.energy(),
        CONFIG.used_sampler(known.QUIET),
        examples=examples,
        classifier=classifier,
        class_names=("a", "b", "c"),
    )
    return CONFIG.run(subject)


def test_all_pairs_of_classes_come_up_alike():
    sources = np.repeat(np.arange(3), 4)
    asked = findings.targets(sources, 3)
    pairs, counts = np.unique(np.stack([sources, asked], 1), axis=0, return_counts=True)
    assert len(pairs) == 6 and set(counts) == {2}
    assert not np.any(sources == asked)


def test_each_step_goes_a_quarter_of_the_way(found, examples):
    chosen = findings.energies.choose(examples["test"], 30, 3)
    asked = known.CENTRES[findings.targets(chosen.labels, 3)]
    start = chosen.stored.reshape(30, 4)
    looks = found.tables["looks"]
    for look, step in enumerate([0, 4, 8]):
        x = asked + 0.75**step * (start - asked)
        change = np.sqrt(np.square(x - start).mean())
        assert looks["change"][look] == pytest.approx(change, rel=1e-4, abs=1e-7)
        alike = np.mean([np.corrcoef(a, b)[0, 1] for a, b in zip(x, start)])
        assert looks["correlation"][look] == pytest.approx(alike, abs=1e-4)
    # After four steps 0.32 of the way is left: all are nearer to where they go.
    assert looks["steps"] == [0, 4, 8]
    assert looks["target_share"] == [0.0, 1.0, 1.0]
    assert looks["source_share"] == [1.0, 0.0, 0.0]


def test_what_it_shows(found):
    assert found.tables["pairs"] == {
        "class_names": ["a", "b", "c"],
        "from_to": [[None, 1.0, 1.0], [1.0, None, 1.0], [1.0, 1.0, None]],
    }
    assert set(found.figures) == {"shares", "kept", "strip"}
    assert found.arrays["strip"].shape == (3, 3, *known.SHAPE)
    assert found.details["standard_error"] == 0.0 and found.shown == ("strip",)
    # Centres of two classes apart: far below that of an image with itself.
    assert found.details["unrelated_correlation"] < 0.5


def test_a_sampler_that_walks_levels_starts_at_the_image(examples, classifier):
    sampler = ReverseDiffusionSampler(num_steps=30, last_level=0.02)
    # Little noise keeps the image where the other class has no density to pull it.
    shares = []
    for level in (0.02, 1.5):
        config = dataclasses.replace(CONFIG, num_steps=None, start_level=level)
        subject = known.subject(
            known.energy(width=0.05, levels=known.LEVELS),
            config.used_sampler(sampler),
            examples=examples,
            classifier=classifier,
        )
        shares.append(config.run(subject).details["correlation"])
    assert shares[0] > 0.9 and shares[1] < 0.5


@pytest.mark.parametrize(
    "name, value",
    [("num_images", 1), ("num_steps", 0), ("num_looks", 1), ("start_level", 0.0)],
)
def test_bad_settings_are_named(name, value):
    with pytest.raises(ValueError, match=f"`{name}` must be"):
        dataclasses.replace(CONFIG, **{name: value})


def test_models_that_it_is_not_for():
    assert StudyConfig.of_kind("conversion") is ConversionConfig
    sampler = CONFIG.used_sampler(known.QUIET)
    CONFIG.require_model((2, 2, 1), 3, sampler)
    with pytest.raises(ValueError, match="`model` must be of classes"):
        CONFIG.require_model((2, 2, 1), None, sampler)
    with pytest.raises(ValueError, match="`model` must be of images"):
        CONFIG.require_model((5,), 3, sampler)
    longer = dataclasses.replace(CONFIG, num_looks=9, num_steps=None)
    with pytest.raises(ValueError, match="`num_looks` must be"):
        longer.require_model((2, 2, 1), 3, known.QUIET)
