"""Both kinds of models, exported once for all files: model, listing, loaded, folder."""

import pytest

from tests.ebm_tf.export import small


@pytest.fixture(scope="session")
def unconditional(tmp_path_factory):
    folder = tmp_path_factory.mktemp("unconditional")
    return (*small.export(small.CONVNET, folder), folder)


@pytest.fixture(scope="session")
def conditional(tmp_path_factory):
    folder = tmp_path_factory.mktemp("conditional")
    return (*small.export(small.RESNET, folder), folder)
