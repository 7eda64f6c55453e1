"""Keras finds the classes of this package, though nothing of it has been used yet.

`keras.models.load_model` looks a class up among those that are registered, and does not
import the module that a file names. To import all networks with `import ebm_tf` would
import TensorFlow, which listing what there is does not need. So they are imported right
after Keras is, or TensorFlow, which imports Keras on its way.
"""

import importlib
import importlib.abc
import importlib.util
import sys

_LIBRARIES = ("keras", "tensorflow")


def register_with_keras(module: str) -> None:
    """Imports a module now if Keras is imported, else when it will be.

    Args:
        module: Dotted name of the module whose import registers all classes.
    """
    import_after_keras(module)
    if module not in sys.modules:
        sys.meta_path.insert(0, _AfterKeras(module))


def import_after_keras(module: str) -> None:
    """Imports a module if Keras is imported, and nothing is half imported.

    A module of ours that is being imported cannot be imported once more from below;
    it imports the classes that it needs by itself.
    """
    if "keras" in sys.modules and not any(map(_is_being_imported, list(sys.modules))):
        importlib.import_module(module)


def _is_being_imported(name: str) -> bool:
    if name not in _LIBRARIES and not name.startswith("ebm_tf."):
        return False
    spec = getattr(sys.modules.get(name), "__spec__", None)
    return bool(getattr(spec, "_initializing", False))


class _AfterKeras(importlib.abc.MetaPathFinder):
    """Lets Python import Keras and TensorFlow as ever, and registers after that."""

    def __init__(self, module: str):
        self._module = module
        self._left = set(_LIBRARIES) - set(sys.modules)

    def find_spec(self, name, path=None, target=None):
        if name not in self._left:
            return None
        self._left.remove(name)  # the next finders are asked, and not this one again
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, self._module)
        return spec


class _Loader(importlib.abc.Loader):
    def __init__(self, loader, module: str):
        self._loader, self._module = loader, module

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        spec = module.__spec__
        spec.loader = module.__loader__ = self._loader
        self._loader.exec_module(module)
        spec._initializing = False  # all of it has been executed
        import_after_keras(self._module)
