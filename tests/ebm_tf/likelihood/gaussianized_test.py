"""Gaussians of scores are normalized, and fit what they are fitted to."""

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import PIXELS, Box
from ebm_tf.likelihood import gaussianized
from ebm_tf.likelihood.fit import fit_logit_gaussian

BOX = Box(low=0.0, high=1.0, num_levels=8)
SEED = rng.make_seed(0)


def data(num=3000, box=BOX):
    """Two pixels that rise together, the first often black."""
    draw = np.random.default_rng(1)
    first = np.clip(draw.normal(0.2, 0.3, num), 0.0, 0.999)
    second = np.clip(first + draw.normal(0.2, 0.1, num), 0.0, 0.999)
    pair = np.stack([first, second], axis=1).reshape(num, 1, 2, 1)
    levels = box.encode(tf.constant(pair, tf.float32))
    return box.decode(levels, SEED).numpy()


def fitted(kind, x, box=BOX, size=700, min_std=0.01):
    chunks = [x[first : first + size] for first in range(0, len(x), size)]
    found = gaussianized.fit(kind, chunks, box, min_std=min_std, smoothing=0.1)
    arrays = (None if a is None else tf.constant(a) for a in found)
    return gaussianized.make(kind, box, x.shape[1:], *arrays)


@pytest.mark.parametrize("kind", gaussianized.BASES)
def test_it_integrates_to_one(kind):
    base, num = fitted(kind, data()), 400
    side = (np.arange(num) + 0.5) / num
    grid = np.stack(np.meshgrid(side, side), -1).reshape(-1, 1, 2, 1)
    density = np.exp(base.log_prob(tf.constant(grid, tf.float32)))
    assert np.mean(density) == pytest.approx(1.0, abs=0.01)


def test_logits_are_the_gaussian_of_logits():
    x = data(box=PIXELS)
    ours, theirs = (
        fitted("logit_gaussian", x, PIXELS),
        fit_logit_gaussian(x, PIXELS, 0.01),
    )
    found, wanted = ours.log_prob(x[:50]), theirs.log_prob(x[:50])
    assert found.numpy() == pytest.approx(wanted.numpy(), abs=1e-3)


def test_copula_has_the_histogram_of_each_coordinate():
    x = data()
    base = fitted("gaussian_copula", x)
    drawn = base.sample(20_000, SEED).numpy()
    for place in range(2):
        found, wanted = (
            np.bincount(BOX.encode(y[:, 0, place, 0]).numpy(), minlength=8) / len(y)
            for y in (drawn, x)
        )
        error = np.sqrt(wanted * (1 - wanted) / len(drawn)) + 1e-4
        assert np.all(error < 0.01) and np.all(abs(found - wanted) < 5 * error)


def test_copula_is_likelier_than_its_coordinates_alone():
    """The gain of a Gaussian copula is -log(1 - r^2) / 2, r the scores' correlation."""
    x = data()
    base = fitted("gaussian_copula", x)
    v = base.scores(tf.constant(x)).numpy()
    r = np.corrcoef(v, rowvar=False)[0, 1]
    counts = np.stack(
        [np.bincount(BOX.encode(x[:, 0, k, 0]).numpy(), minlength=8) for k in (0, 1)]
    )
    share = (counts + 0.1) / (len(x) + 0.8)
    alone = np.sum(counts * np.log(8 * share)) / len(x)
    gain = np.mean(base.log_prob(tf.constant(x))) - alone
    assert r > 0.5
    assert gain == pytest.approx(-0.5 * np.log1p(-(r**2)), rel=0.05)


@pytest.mark.parametrize("kind", gaussianized.BASES)
def test_whitened_coordinates_come_back_and_are_white(kind):
    x = data()
    base = fitted(kind, x)
    z = base.enter(tf.constant(x))
    assert base.leave(z).numpy() == pytest.approx(x, abs=1e-4)
    # White up to `min_std`, which makes p0 a little wider than the data.
    assert np.cov(z.numpy(), rowvar=False) == pytest.approx(np.eye(2), abs=0.01)
    assert base.scores_of_latent(z).numpy() == pytest.approx(
        base.scores(tf.constant(x)).numpy(), abs=1e-3
    )


def test_chunks_do_not_matter():
    x = data(500)
    for kind in gaussianized.BASES:
        one, many = (fitted(kind, x, size=size) for size in (500, 37))
        assert one.log_prob(x[:20]).numpy() == pytest.approx(
            many.log_prob(x[:20]).numpy(), abs=1e-3
        )


@pytest.mark.parametrize(
    "change, rule",
    [
        ({"min_std": 0.0}, "`min_std` must be"),
        ({"smoothing": 0.0}, "`smoothing` must be"),
        ({"chunks": []}, "`chunks` must be"),
        ({"box": Box(low=0.0, high=1.0, num_levels=None)}, "`box` must be"),
        ({"kind": "flow"}, "`kind` must be"),
    ],
)
def test_bad_fits_are_refused(change, rule):
    given = {"kind": "gaussian_copula", "chunks": [data(10)], "box": BOX}
    given |= {"min_std": 0.01, "smoothing": 0.1} | change
    kind, chunks, box = (given.pop(name) for name in ("kind", "chunks", "box"))
    with pytest.raises(ValueError, match=rule):
        gaussianized.fit(kind, chunks, box, **given)
