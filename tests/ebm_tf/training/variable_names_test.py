"""Names of variables of one network, made twice in one process."""

import keras

from ebm_tf.training.optimizer import SigmaClippedAdam
from ebm_tf.training.variable_names import counterparts, of_optimizer


def network():
    inner = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3)])
    layers = [inner, keras.layers.Dense(2), keras.layers.Dense(1)]
    return keras.Sequential([keras.Input((3,)), *layers])


def test_a_second_making_has_the_names_of_the_first():
    first, second = network(), network()
    paths, stored = ([v.path for v in n.variables] for n in (second, first))
    assert not set(paths) & set(stored)
    assert counterparts(paths, reversed(stored)) == dict(zip(paths, stored))


def test_optimizers_name_theirs_after_the_weights():
    made = []
    for model in (network(), network()):
        optimizer = SigmaClippedAdam(num_sigmas=3.0, use_ema=True)
        optimizer.build(model.trainable_variables)
        made.append((model, [v.path for v in optimizer.variables]))
    (first, stored), (second, paths) = made
    names = [[v.path for v in model.variables] for model in (second, first)]
    renamed = counterparts(*names)
    prefix = stored[0].split("/")[0]  # the optimizer of a trainer has one name
    found = [of_optimizer(path, renamed).split("/")[1] for path in paths]
    assert found == [path.removeprefix(f"{prefix}/") for path in stored]


def test_another_network_has_no_counterpart():
    paths = ["a/dense/kernel", "a/dense_1/kernel"]
    assert counterparts(paths, ["a/dense/kernel"]) is None
    assert counterparts(paths, ["a/dense/kernel", "a/conv/kernel"]) is None
    assert counterparts(["a/x_1/w", "a/x_01/w"], ["a/x_1/w", "a/x_2/w"]) is None
    same = counterparts(paths, paths[::-1])
    assert same == {path: path for path in paths}


def test_names_of_a_users_own_are_told_apart_by_their_order():
    assert counterparts(["b/x_5/w", "b/x_9/w"], ["b/x_2/w", "b/x/w"]) == {
        "b/x_5/w": "b/x/w",
        "b/x_9/w": "b/x_2/w",
    }
