"""Readers: they say which attributes a picture has. One file each.

A file here derives from `ReaderConfig` and says a `kind`; NumPy and TensorFlow are
imported inside functions. To add a reader is to add this file.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from ebm_tf import checks
from ebm_tf.registry import Registered

if TYPE_CHECKING:  # settings are read without NumPy
    import numpy as np

    from ebm_tf.studies.contract import Subject

# What the class is called among attributes.
CLASS = "class"
# Whether there is anything to read in a picture, in what a reader found.
VALID = "is_valid"
# What pictures have: numbers of each attribute `[N]`, classes int32, and `VALID`, bool.
Found = Mapping[str, "np.ndarray"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class ReaderConfig(
    Registered, what="reader", package="ebm_tf.studies.composition.readers"
):
    """Settings of a reader; each kind is a frozen dataclass that derives from it.

    Attributes:
        needs_classifier: Whether it asks the classifier of the examples.
        names: Names of the numbers that it reads beside the class; None for all that
            the examples' labels have.
    """

    needs_classifier: ClassVar[bool] = False
    names: ClassVar[tuple[str, ...] | None] = None

    def make(self, subject: "Subject") -> "Reader":
        """Returns the reader.

        Args:
            subject: Of the study.

        Raises:
            ValueError: If it cannot read such states.
        """
        raise NotImplementedError


class Reader:
    """Reads attributes from states as they are stored.

    Args:
        tolerances: How far a number may be from the one asked for, by its name.
    """

    def __init__(self, tolerances: Mapping[str, float]):
        self._tolerances = tolerances

    def read(self, stored: "np.ndarray") -> Found:
        """Returns what states `[N, ...]` have."""
        raise NotImplementedError

    def known(self, stored: "np.ndarray", labels: "np.ndarray") -> Found:
        """Returns what examples have, to ask for it; what is read, unless overridden.

        Args:
            stored: States, `[N, ...]`.
            labels: Theirs.
        """
        return self.read(stored)

    def agree(self, names: Sequence[str], asked: Found, found: Found) -> "np.ndarray":
        """Returns which states have an attribute that they were asked for, bool `[N]`.

        Args:
            names: Its numbers; none for the class.
            asked: What was asked for.
            found: What the states have.
        """
        import numpy as np

        same = np.array(found[VALID], bool)
        if not names:
            return same & (asked[CLASS] == found[CLASS])
        for name in names:
            apart = np.abs(asked[name] - found[name])
            same &= apart <= self._tolerances[name]
        return same


def check_tolerance(name: str, value: float) -> None:
    """Raises ValueError unless it is a distance that labels may have."""
    checks.require_number(name, value, above=0)
    checks.require(value < 1, name, "below 1, the whole range", value)
