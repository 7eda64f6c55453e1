"""The layers that a model is made of, in any depth."""

import collections
from collections.abc import Iterator

import keras


def all_layers(model: keras.layers.Layer) -> list[keras.layers.Layer]:
    """Returns a model and all layers in it, each once.

    Keras lists the layers of a model, `model.layers`, and has no public word for
    those within a layer: they are found where layers are kept, in attributes, and in
    lists, tuples and dicts there. The order is fixed, as seeds go by it: a layer
    comes before those within it, and within a layer the last comes first.

    Args:
        model: A model, or a layer.
    """
    found, seen = [model], {id(model)}
    todo = collections.deque(_children(model))
    while todo:
        layer = todo.popleft()
        if id(layer) not in seen:
            seen.add(id(layer))
            found.append(layer)
            todo.extendleft(_children(layer))
    return found


def _children(layer) -> list[keras.layers.Layer]:
    if isinstance(layer, keras.Model):
        return layer.layers
    children = {id(child): child for child in _layers_in(list(vars(layer).values()))}
    return list(children.values())


def _layers_in(value) -> Iterator[keras.layers.Layer]:
    if isinstance(value, keras.layers.Layer):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _layers_in(item)
    elif isinstance(value, dict):
        yield from _layers_in(list(value.values()))
