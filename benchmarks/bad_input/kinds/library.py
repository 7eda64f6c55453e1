"""The library's own doors: what a notebook gives to networks, trainers and samplers."""

import functools
import math
import pathlib

from benchmarks.bad_input.trial import Trial


@functools.cache
def _energy():
    import ebm_tf
    from ebm_tf import box
    from ebm_tf.energy.build import build_energy

    config = ebm_tf.presets.network("mnist_small", filters=4)
    return build_energy(config, (28, 28, 1), 0, box.PIXELS)


def _call(shape, dtype="float32", **kwargs):
    """Calls a network of images with states of a shape."""

    def call(folder: pathlib.Path):
        import tensorflow as tf

        return _energy()(tf.zeros(shape, dtype), **kwargs)

    return call


def _points(num=64, value=None):
    import numpy as np

    states = np.random.default_rng(0).random([num, 2], np.float32)
    return states if value is None else np.full_like(states, value)


def _settings(num_updates=3, **changes):
    import ebm_tf

    sizes = {"batch_size": 16, "checkpoint_every": 1}
    return ebm_tf.presets.train(
        "arrays", num_updates=num_updates, **sizes | changes, compile="graph"
    )


def _network(*layers):
    import keras

    return keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(4), *layers, keras.layers.Dense(1)]
    )


def _notebook(network, data=_points, labels=None, **kwargs):
    """Trains on points in memory: the network and the data are made in the trial."""

    def call(folder: pathlib.Path):
        import ebm_tf

        trainer = ebm_tf.Trainer(network(), _settings(), **kwargs)
        return trainer.fit(data(), labels)

    return call


def _layer(name, *args):
    def network():
        import keras

        return _network(getattr(keras.layers, name)(*args))

    return network


def _spectral():
    import keras

    return _network(keras.layers.SpectralNormalization(keras.layers.Dense(3)))


def _returns(fn):
    """Returns what makes a functional model that returns `fn` of its hidden units."""

    def network():
        import keras

        x = keras.Input((2,))
        return keras.Model(x, fn(keras.layers.Dense(4)(x)))

    return network


def _ops(name, **kwargs):
    def fn(x):
        import keras

        return getattr(keras.ops, name)(x, **kwargs)

    return fn


def _dataset(value, bad_at):
    """Returns a dataset of points, one of them outside of the unit square."""

    def data():
        import tensorflow as tf

        states = _points(64)
        states[bad_at] = value
        return tf.data.Dataset.from_tensor_slices(states)

    return data


def _unit():
    from ebm_tf import box

    return box.UNIT


def _in_unit(data):
    def call(folder: pathlib.Path):
        import ebm_tf

        trainer = ebm_tf.Trainer(_network(), _settings(), space=_unit())
        return trainer.fit(data())

    return call


def _fit(batches, num_updates=3):
    """Calls `fit` of the trainer below the notebook's, with batches of one's own."""

    def call(folder: pathlib.Path):
        import tensorflow as tf

        from ebm_tf.energy.custom import as_energy
        from ebm_tf.training.trainer import Trainer

        strategy = tf.distribute.OneDeviceStrategy("/cpu:0")
        with strategy.scope():
            energy = as_energy(_network(), (2,))
        settings = _settings(num_updates)
        trainer = Trainer(energy, _unit(), settings, seed=0, strategy=strategy)
        return trainer.fit(lambda first, last: batches())

    return call


def _batch(num=16, dims=2, value=0.5, dtype="float32"):
    import numpy as np

    return np.full([num, dims], value, dtype), np.zeros(num, np.int32)


def _outside_of_scope(folder: pathlib.Path):
    import tensorflow as tf

    from ebm_tf.energy.custom import as_energy
    from ebm_tf.training.trainer import Trainer

    [cpu] = tf.config.list_physical_devices("CPU")
    try:
        two = [tf.config.LogicalDeviceConfiguration()] * 2
        tf.config.set_logical_device_configuration(cpu, two)
    except RuntimeError:  # TensorFlow has begun with one: two names of it
        pass
    devices = [each.name for each in tf.config.list_logical_devices("CPU")]
    if len(devices) < 2:
        devices = ["/cpu:0", "/cpu:1"]
    strategy = tf.distribute.MirroredStrategy(devices)
    energy = as_energy(_network(), (2,))
    return Trainer(energy, _unit(), _settings(), seed=0, strategy=strategy)


def _kernel(energy_fn, kind):
    def call(folder: pathlib.Path):
        import tensorflow as tf

        from ebm_tf import rng
        from ebm_tf.sampling import hmc, langevin

        x, seed = tf.ones((4, 2)), rng.make_seed(0)
        if kind == "langevin":
            return langevin.energy_gradient(energy_fn(tf), x)
        options = {"step_size": 0.1, "num_leapfrog": 1}
        return hmc.hmc_step(energy_fn(tf), x, seed, **options)

    return call


def _sums(**kwargs):
    return lambda tf: lambda x: tf.reduce_sum(x**2, **kwargs)


def _shapes():
    for shape in ((4, 28, 28), (28, 28, 1), (4, 28, 28, 3), (4, 27, 28, 1), (4, 784)):
        yield Trial(
            name=f"a network of images, called with {list(shape)}",
            call=_call(shape),
            says=("`x` must be states of shape [B, 28, 28, 1]", str(list(shape))),
        )
    yield Trial(
        name="a network of images, called with levels",
        call=_call((4, 28, 28, 1), "uint8"),
        says=("`x` must be floats", "uint8"),
    )


def _layers():
    for name, *args in (
        ("BatchNormalization",),
        ("Dropout", 0.1),
        ("GaussianDropout", 0.1),
        ("GaussianNoise", 0.1),
        ("AlphaDropout", 0.1),
    ):
        yield Trial(
            name=f"a Keras model with {name}",
            call=_notebook(_layer(name, *args)),
            says=("`model` must be without layers that compute another", name),
        )
    yield Trial(
        name="a Keras model with Keras's SpectralNormalization",
        call=_notebook(_spectral),
        says=("SpectralNormalization", "use SpectralConv2D"),
    )


def _energies():
    for name, fn in (
        ("a scalar", _ops("sum")),
        ("[B, 4]", lambda x: x),
        ("[B, 1, 4]", _ops("expand_dims", axis=1)),
    ):
        yield Trial(
            name=f"a Keras model that returns {name}",
            call=_notebook(_returns(fn)),
            says=("`model` must be an energy for each state",),
        )
    for kind in ("langevin", "hmc"):
        for name, kwargs in (
            ("[B, 1]", {"axis": 1, "keepdims": True}),
            ("a scalar", {}),
            ("[2]", {"axis": 0}),
        ):
            yield Trial(
                name=f"{kind}: an energy that returns {name}",
                call=_kernel(_sums(**kwargs), kind),
                says=("`energy_fn` must be a function that returns [B]",),
            )


def _data():
    for value in (1.5, -0.25, float("nan"), float("inf")):
        yield Trial(
            name=f"an array with {value} in the unit square",
            call=_in_unit(lambda value=value: _points(value=value)),
            says=("`x` must be",),
        )
        for place, bad_at in (("first", 0), ("third", 40)):
            yield Trial(
                name=f"a dataset with {value} in its {place} batch",
                call=_in_unit(_dataset(value, bad_at)),
                says=("must be", "within [0, 1]" if math.isfinite(value) else "finite"),
            )
    for name, batch, words in (
        ("7 states", {"num": 7}, "`batch` must be [16, 2], `batch_size` states"),
        ("17 states", {"num": 17}, "Received: batch=[17, 2]"),
        ("states of 3 numbers", {"dims": 3}, "Received: batch=[16, 3]"),
        ("float64", {"dtype": "float64"}, "must be float32"),
        ("a number outside", {"value": 2.0}, "within [0, 1]"),
        ("NaN", {"value": float("nan")}, "finite"),
    ):
        yield Trial(
            name=f"fit: a batch of {name}, of 16 states asked for",
            call=_fit(lambda batch=batch: [_batch(**batch)] * 3),
            says=(words,),
        )
    yield Trial(
        name="fit: 3 batches for 5 updates",
        call=_fit(lambda: [_batch()] * 3, num_updates=5),
        says=("`batches` must be enough for 5 updates", "an end after 3"),
    )
    yield Trial(
        name="fit: no batch",
        call=_fit(list),
        says=("`batches` must be enough for 3 updates",),
    )
    yield Trial(
        name="fit: 40 batches for 3 updates",
        call=_fit(lambda: [_batch()] * 40),
        exit_code=0,
    )


TRIALS = (
    *_shapes(),
    *_layers(),
    *_energies(),
    *_data(),
    Trial(
        name="a network made outside of strategy.scope()",
        call=_outside_of_scope,
        says=("`energy` must be made within `with strategy.scope():`",),
    ),
)
