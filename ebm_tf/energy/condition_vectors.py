"""Vectors that depend on the condition: biases and gains of networks."""

import keras
import tensorflow as tf

from ebm_tf import conditions


class ConditionVector:
    """A vector `[C]` for each state: the sum of what each part of its condition says.

    A class picks a row of a table, numbers and the features of a noise level are
    multiplied with one. The vector of an energy without labels is the same for all
    states, plus what a noise level adds.

    Args:
        layer: Whose weights these are; it has a `condition_space`.
        name: Of the weight of labels, or of the one vector; that of another part has
            the part's name after it.
        channels: C.
        initializer: Of each row for labels, or of the one vector; other parts begin
            at zero.
        is_needed: Whether there is one vector where there are no labels.

    Attributes:
        main: `[C]`, or `[rows, C]` where there are labels; None if there is neither.
        others: Name of another part -> its table, `[rows, C]`.
    """

    def __init__(
        self,
        layer: keras.layers.Layer,
        name: str,
        channels: int,
        initializer: str,
        *,
        is_needed: bool = True,
    ):
        self._space = layer.condition_space
        self._parts = conditions.parts_of(self._space)
        self.main, self.others = None, {}
        if "labels" in self._parts or is_needed:
            labels = self._parts.get("labels")
            rows = () if labels is None else (labels.num_rows,)
            self.main = layer.add_weight(
                name=name, shape=(*rows, channels), initializer=initializer
            )
        for part, space in self._parts.items():
            if part != "labels":
                self.others[part] = layer.add_weight(
                    name=f"{name}_{part}",
                    shape=(space.num_rows, channels),
                    initializer="zeros",
                )

    def at(self, condition: conditions.Condition, rank: int) -> tf.Tensor:
        """Returns the vectors, `[B, 1, ..., C]` of `rank` axes; `[C]` if all are one.

        Args:
            condition: As the layer's `condition_space` says; None for none.
            rank: Axes of what they are added to.
        """
        values, terms = conditions.by_name(self._space, condition), []
        if self.main is not None:
            main = tf.convert_to_tensor(self.main)
            if "labels" in values:
                labels = self._parts["labels"].of_table(main, values["labels"])
                main = _with_rank(labels, rank)
            terms.append(main)
        for part, weight in self.others.items():
            table = tf.convert_to_tensor(weight)
            term = self._parts[part].of_table(table, values[part])
            terms.append(_with_rank(term, rank))
        return sum(terms[1:], terms[0])


def _with_rank(vectors: tf.Tensor, rank: int) -> tf.Tensor:
    return tf.reshape(vectors, [-1, *[1] * (rank - 2), vectors.shape[-1]])


def condition_biases(layer, widths) -> list[ConditionVector]:
    """Returns a bias for each width, "bias_1" and so on; none without a condition.

    They begin at zero: a new network is the same for every condition.
    """
    if layer.condition_space is None:
        return []
    return [
        ConditionVector(layer, f"bias_{number}", width, "zeros", is_needed=False)
        for number, width in enumerate(widths, 1)
    ]


def add_bias(x: tf.Tensor, biases: list[ConditionVector], index: int, condition):
    """Returns `x`, `[B, ..., C]`, plus bias number `index`, if there are biases."""
    return x + biases[index].at(condition, x.shape.rank) if biases else x
