"""What a test registers is not there for the next."""

import contextlib
import sys

from ebm_tf import registry
from ebm_tf.data.sources.base import DataSource
from ebm_tf.energy.networks import NetworkConfig
from ebm_tf.objectives import ObjectiveConfig
from ebm_tf.sampling.samplers import SamplerConfig
from ebm_tf.studies import StudyConfig

_REGISTRIES = (DataSource, NetworkConfig, ObjectiveConfig, SamplerConfig, StudyConfig)


@contextlib.contextmanager
def registered():
    """Forgets what modules register that are first imported within the block."""
    for each in _REGISTRIES:
        each.kinds()  # the library's own are there to stay
    choices = [(each._choices, dict(each._choices)) for each in _REGISTRIES]
    imported, modules = dict(registry._imported), set(sys.modules)
    try:
        yield
    finally:
        for found, before in [*choices, (registry._imported, imported)]:
            added = {name: found[name] for name in set(found) - set(before)}
            found.clear()
            found.update(before)
            for choice in added.values():
                name = getattr(choice, "__module__", None)
                if name not in modules:
                    sys.modules.pop(name, None)
