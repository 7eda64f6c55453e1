"""Images that need no data set."""

import numpy as np

from ebm_tf.studies.out_of_distribution import generated


def test_images_that_are_made():
    random = np.random.default_rng(0)
    for name, make in generated.BY_NAME.items():
        images = make(30, (12, 16, 3), random)
        assert images.shape == (30, 12, 16, 3), name
        assert images.min() >= 0.0 and images.max() <= 1.0
        spread = np.ptp(images, axis=(1, 2)).max(axis=1)
        assert (spread == 0.0).all() if name == "constants" else (spread > 0.0).all()
    flat = np.arange(4.0)[:, None, None, None]
    means = generated.interpolations(flat, random).ravel()
    # Each image is in two means, and none is the mean of one image with itself.
    assert means.sum() == 6.0 and not np.any(means == flat.ravel())
