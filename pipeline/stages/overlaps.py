"""What is done about test and validation examples that are in the training set too."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ebm_tf import checks

if TYPE_CHECKING:  # they bring NumPy, which a found artifact does without
    from ebm_tf.data.types import Source, Split

_ALLOW = "ingest.overlap=allow takes them as they are"
# Which examples are looked for, and where. What is drawn for validation is of the
# training set.
_LOOKED_FOR = {"test": ("train", "validation"), "validation": ("train",)}


def find(parts: "Mapping[str, Split]", contents: Mapping) -> dict[str, tuple[int, str]]:
    """Returns what splits have in common.

    Args:
        parts: The splits by name.
        contents: The `ebm_tf.data.overlap.Contents` of each.

    Returns:
        For "test" and "validation", if any: how many of its examples are in what is
        trained on, and the first of them, in words.
    """
    from ebm_tf.data import overlap

    found = {}
    for name, others in _LOOKED_FOR.items():
        places = overlap.shared(contents[name], *(contents[each] for each in others))
        if len(places):
            place, other = places[0].tolist()
            told = f"{_name(parts, [name], place)} = {_name(parts, others, other)}"
            found[name] = len(places), told
    return found


def require_few(found: Mapping, source: "Source", rule: str, where: str) -> None:
    """Says what splits have in common; raises if that is too much.

    A validation set that `ingest` drew itself holds what the training set holds twice:
    that is said, and nothing else.

    Args:
        found: What `find` returned.
        source: The data set.
        rule: "refuse" or "allow".
        where: Where the data are, for messages.

    Raises:
        ValueError: If it is refused.
    """
    for name, (num, first) in found.items():
        others = " or ".join(_LOOKED_FOR[name])
        if rule == "refuse" and name in source.splits:
            total = source.splits[name].num_examples
            if num > source.max_overlap * total:
                raise checks.InvalidValueError(
                    f"`{where}` must hold {name} examples that are not in {others} too "
                    f"({_ALLOW}). Received: {num} of {total}, the first {first}"
                )
        print(f"ingest: {num} {name} examples are in {others} too, the first {first}")


def counts(found: Mapping) -> dict[str, int]:
    """Returns what a manifest notes: split -> how many of it, where there are any."""
    return {name: num for name, (num, _) in found.items()}


def _name(parts: "Mapping[str, Split]", names, place: int) -> str:
    """Returns what users call an example, its place counted on from split to split."""
    for name in names:
        part = parts[name]
        if place < part.num_examples:
            break
        place -= part.num_examples
    return part.name_of(place) if part.name_of else f"{name} example {place}"
