"""A user's own `keras.Model`, made by a function in a module of the user's."""

import dataclasses
import sys
from typing import ClassVar

from ebm_tf import checks, registry
from ebm_tf.energy.networks import ConditionConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class CustomConfig(ConditionConfig):
    """A Keras model that a function of the user's makes.

    The function is called as `function(state_shape, **arguments)` and returns a
    `keras.Model` that `ebm_tf.energy.custom.as_energy` takes. Settings import no
    module: `ebm_tf.registry.import_module`, which the commands call for `--import`,
    must have imported it.

    Attributes:
        factory: "MODULE:FUNCTION".
        arguments: Keyword arguments of the function, as JSON has them.
    """

    kind: ClassVar[str] = "custom"
    factory: str
    arguments: dict = dataclasses.field(default_factory=dict)

    def __post_init__(self):
        super().__post_init__()
        module, _, function = str(self.factory).partition(":")
        rule = 'a module and a function of it, "MODULE:FUNCTION"'
        checks.require(bool(module and function), "factory", rule, self.factory)
        rule, given = "a JSON object", self.arguments
        checks.require(isinstance(given, dict), "arguments", rule, given)

    def named_modules(self) -> dict[str, str]:
        """Returns the module of the user's function."""
        return {"factory": self.factory.partition(":")[0]}

    def function(self):
        """Returns the function that makes the model.

        Raises:
            ValueError: If its module has not been imported, or has no such function.
        """
        module, _, name = self.factory.partition(":")
        imported = registry.imported_modules()
        checks.require(
            module in imported,
            "factory",
            f"in a module that was imported{checks.nearest(module, imported)}: "
            f"say --import={module}",
            self.factory,
        )
        found = {n: f for n, f in vars(sys.modules[module]).items() if callable(f)}
        checks.require(
            name in found,
            "factory",
            f"the name of a function of the module {module}"
            f"{checks.nearest(name, found)}",
            self.factory,
        )
        return found[name]

    def require_names(self) -> None:
        """Raises `ValueError` if the function cannot be found."""
        self.function()

    @classmethod
    def network_class(cls):
        """Returns the class of the networks; imports TensorFlow."""
        from ebm_tf.energy.custom import KerasEnergy

        return KerasEnergy

    def make(self, state_shape, **kwargs):
        """Returns the user's model as an energy, its weights as the user drew them."""
        from ebm_tf.energy.custom import from_factory

        return from_factory(self, state_shape, **kwargs)
