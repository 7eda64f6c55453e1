"""Modules of data sets, against those that the registry knows."""

import pytest

from ebm_tf.data import source_modules
from ebm_tf.data.sources.base import DataSource


@pytest.mark.parametrize("kind", DataSource.kinds())
def test_it_is_the_module_that_registered_it(kind):
    assert source_modules.module_of(kind) == DataSource.module_of(kind)


@pytest.mark.parametrize("name", ["nothing", "base", "__init__"])
def test_what_is_none_is_refused(name):
    with pytest.raises(ValueError, match="`dataset` must be a registered data set"):
        source_modules.module_of(name)
