"""What can be chosen by name: every choice is a file that registers itself.

A registry is a base class of settings. Whoever derives from it and says a `kind` is
one of its choices:

    class ObjectiveConfig(Registered, what="objective", package="ebm_tf.objectives"):
        ...

    @dataclasses.dataclass(frozen=True, kw_only=True)
    class DenoisingConfig(ObjectiveConfig):
        kind: ClassVar[str] = "denoising"

The modules of `package` are imported when a choice is first asked for, so a new file
there is a new choice, and nothing else has to be changed. They import no TensorFlow
when they are imported: to list what there is costs nothing. A user's own choices are
those of modules that `import_module` imports.
"""

import hashlib
import importlib
import importlib.metadata
import pathlib
import pkgutil
import sys
from typing import ClassVar

from ebm_tf import checks

# Modules that `import_module` has imported: dotted name -> sha256 of the file, in hex.
_imported: dict[str, str] = {}
# Where installed packages name modules that register something.
ENTRY_POINTS = "ebm_tf.plugins"


class Registered:
    """Base of every registry, and of every choice in one.

    Attributes:
        kind: The name it is chosen by; of a choice alone.
    """

    kind: ClassVar[str]
    _what: ClassVar[str]
    _package: ClassVar[str]
    _choices: ClassVar[dict[str, type]]
    _is_filled: ClassVar[bool]

    def __init_subclass__(cls, *, what: str = "", package: str = "", **kwargs):
        super().__init_subclass__(**kwargs)
        if what:
            cls._what, cls._package = what, package
            cls._choices, cls._is_filled = {}, False
        elif "kind" in cls.__dict__:
            _add(cls)

    @classmethod
    def kinds(cls) -> list[str]:
        """Returns the names of all choices, sorted."""
        _fill(cls)
        return sorted(cls._choices)

    @classmethod
    def of_kind(cls, kind, name: str = "kind") -> type:
        """Returns the choice of that name.

        Args:
            kind: Its name, as the user gave it.
            name: Of the setting that says it, for messages.

        Raises:
            ValueError: If there is none: lists those that there are, and the nearest.
        """
        _fill(cls)
        if isinstance(kind, str) and kind in cls._choices:
            return cls._choices[kind]
        known = cls.kinds()
        hint = checks.nearest(kind, known)
        rule = f"a registered {cls._what}, one of {', '.join(known)}{hint}"
        raise checks.InvalidValueError(
            f"`{name}` must be {rule}. Received: {name.rpartition('.')[2]}={kind!r}"
        )

    @classmethod
    def module_of(cls, kind: str) -> str:
        """Returns the dotted name of the module that registered a choice."""
        return cls.of_kind(kind).__module__


def _add(cls) -> None:
    if not (isinstance(cls.kind, str) and cls.kind.isidentifier()):
        raise checks.InvalidValueError(
            f"`kind` must be an identifier. Received: kind={cls.kind!r} of "
            f"{cls.__module__}.{cls.__qualname__}"
        )
    if not cls.__module__.startswith(cls._package):
        _fill(cls)  # the library's own come first: a user's may not take their names
    there = cls._choices.get(cls.kind)
    same = there is None or (there.__module__, there.__qualname__) == (
        cls.__module__,
        cls.__qualname__,
    )
    if not same:
        raise checks.InvalidValueError(
            f"`kind` must be a name that no other {cls._what} has: {there.__module__} "
            f"has registered it. Received: kind={cls.kind!r} of {cls.__module__}"
        )
    cls._choices[cls.kind] = cls


def _fill(cls) -> None:
    """Imports the modules of the package of a registry, once."""
    root = next(base for base in cls.__mro__ if "_choices" in base.__dict__)
    if not root._is_filled:
        root._is_filled = True  # before: a module may ask for another's choice
        package = importlib.import_module(root._package)
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{root._package}.{module.name}")


def import_module(name: str, what: str = "`--import`") -> str:
    """Imports a user's module, which registers what it holds.

    Args:
        name: Its dotted name, or the path of a `.py` file.
        what: Where the user named it, for messages.

    Returns:
        The sha256 of its file, in hex.

    Raises:
        ValueError: If it cannot be imported: one line with its name and the error.
    """
    path = pathlib.Path(name)
    try:
        module = _module_of(path) if path.suffix == ".py" else None
        module = module or importlib.import_module(name)
        if getattr(module, "__file__", None) is None:
            raise ImportError("it has no file")
    except (Exception, SystemExit) as error:  # Whatever the module raises.
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise checks.InvalidValueError(
            f"{what} must name a module that can be imported. Received: "
            f"import={str(path)!r} ({reason})"
        ) from error
    digest = hashlib.sha256(pathlib.Path(module.__file__).read_bytes()).hexdigest()
    _imported[module.__name__] = digest
    return digest


def _module_of(path: pathlib.Path):
    """Imports the module in a `.py` file, by the name that the file has."""
    if not path.is_file():
        raise ModuleNotFoundError("there is no such file")
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.append(folder)
    module = importlib.import_module(path.stem)
    file = getattr(module, "__file__", None)
    if file is None or pathlib.Path(file).resolve() != path.resolve():
        raise ImportError(f"{path.stem} is the name of another module, {file}")
    return module


def imported_modules() -> dict[str, str]:
    """Returns the modules that `import_module` has imported, by dotted name.

    Returns:
        Name -> sha256 of its file, in hex.
    """
    return dict(_imported)


def import_entry_points() -> list[str]:
    """Imports the modules that installed packages name; returns their names.

    Raises:
        ValueError: If one cannot be imported: one line with its name and the error.
    """
    names = []
    for point in importlib.metadata.entry_points(group=ENTRY_POINTS):
        import_module(point.module, f"the entry point `{ENTRY_POINTS}`")
        names.append(point.module)
    return names
