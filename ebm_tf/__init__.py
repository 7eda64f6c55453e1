"""Energy-based generative models in TensorFlow and Keras 3: what a notebook needs.

    import ebm_tf

    trainer = ebm_tf.Trainer(network, ebm_tf.presets.train("arrays", num_updates=500))
    trainer.fit(x)
    states = ebm_tf.sample(trainer.energy, 64, ebm_tf.presets.sampler("arrays"))
    ebm_tf.save(trainer.energy, "mine.keras")

`network` is a `keras.Model` of your own, state -> scalar, or one of those that
`energies.kinds()` lists. Each name is imported when it is first asked for, and listing
what there is imports no TensorFlow.
"""

import importlib

from ebm_tf import keras_classes

__version__ = "0.2.0"

# Name -> the module that has it, and the name there; None for the module itself.
_NAMES = {
    "Trainer": ("ebm_tf.notebook.trainer", "Trainer"),
    "data_sets": ("ebm_tf.data.sources", None),
    "energies": ("ebm_tf.energy.networks", None),
    "export": ("ebm_tf.export", None),
    "export_model": ("ebm_tf.notebook.models", "export_model"),
    "likelihood": ("ebm_tf.likelihood", None),
    "load": ("ebm_tf.notebook.models", "load"),
    "log_likelihood": ("ebm_tf.notebook.likelihood", "log_likelihood"),
    "objectives": ("ebm_tf.objectives", None),
    "presets": ("pipeline.settings.typed_presets", None),
    "sample": ("ebm_tf.notebook.models", "sample"),
    "samplers": ("ebm_tf.sampling.samplers", None),
    "save": ("ebm_tf.notebook.models", "save"),
}
__all__ = list(_NAMES)
# Its import registers every class that a file of Keras may need.
_CLASSES = "ebm_tf.energy.build"


def __getattr__(name: str):
    if name not in _NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module_name, attribute = _NAMES[name]
    module = _imported(module_name)
    keras_classes.import_after_keras(_CLASSES)
    found = module if attribute is None else getattr(module, attribute)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_NAMES})


def _imported(name: str):
    """Returns a module of ours; installed, the pipeline is part of this package."""
    if name.startswith("pipeline."):
        try:
            return importlib.import_module(f"{__name__}.{name}")
        except ModuleNotFoundError as error:
            if error.name != f"{__name__}.pipeline":  # it is installed, and not whole
                raise
    return importlib.import_module(name)


keras_classes.register_with_keras(_CLASSES)
