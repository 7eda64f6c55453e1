"""Data sets by name: a file each, which registers itself."""

from ebm_tf.data.sources.base import DataSource

kinds, of_kind = DataSource.kinds, DataSource.of_kind
