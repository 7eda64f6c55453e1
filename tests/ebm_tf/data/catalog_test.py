"""What is known of every data set before a file is opened."""

import pytest

from ebm_tf.data import catalog
from ebm_tf.data.config import ImagesConfig

IMAGES = ImagesConfig(size=24, channels=1, corrupt="fail", test_share=0.1)


@pytest.mark.parametrize("name", catalog.DATASETS)
def test_every_data_set_has_a_shape_and_a_way_to_it(name):
    published = catalog.DATASETS[name]
    images = IMAGES if published.shape is None else None
    shape = catalog.shape_of(name, images)
    assert shape == (published.shape or (24, 24, 1))
    assert published.reader or published.tfds
    if published.class_names is not None:
        assert len(published.class_names) == published.num_classes


def test_attributes_of_celeb_a():
    assert len(catalog.DATASETS["celeb_a"].label_names) == 40


def test_sizes_are_given_where_they_are_needed_and_nowhere_else():
    with pytest.raises(ValueError, match="`images` must be given: images of celeb_a"):
        catalog.shape_of("celeb_a", None)
    with pytest.raises(ValueError, match="`images` must be null for mnist"):
        catalog.shape_of("mnist", IMAGES)
