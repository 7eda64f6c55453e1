"""Stage `export_update`: one update of training as a program, for other runtimes."""

import os

from ebm_tf import files

from ..console import tensorflow_import
from ..settings.config import RunConfig
from ..store import artifacts
from . import requirements, train
from .stage import Plan, stage

_ROWS = 1000


@stage("export_update", makes="update")
def run(examples: str, out: str, config: RunConfig, seed: int) -> Plan:
    """Makes the artifact `update`, unless it is there already.

    It holds the StableHLO program `update.mlir`; `arguments.json`, its arguments and
    results; `state.npz`, the state that the run begins from; and `order.npy`, uint32
    `[num_updates, batch_size]`: the examples of every update. The retries of
    `train.recovery` are no part of it.

    Args:
        examples: Folder of the artifact `examples`.
        out: Folder of the artifact.
        config: Of the whole run.
        seed: A whole number; decides first weights, noise and order.

    Raises:
        FileNotFoundError: If there are no examples.
        ValueError: If the examples do not fit the network, or `out` is something else.
    """
    data = artifacts.peek(examples, "examples")
    whole = train.with_ingested(config, data)
    return Plan(
        out=out,
        config={"energy": config.energy, "train": config.train},
        whole=whole,
        inputs={"examples": data},
        seed=seed,
        prepare=lambda: requirements.require_training(config, data.details, data.path),
        write=lambda scratch: _write(data, scratch, whole, seed),
    )


def _write(data, scratch, config, seed) -> None:
    tensorflow_import.import_tensorflow()
    from ebm_tf.data.shards import Examples
    from ebm_tf.export import stablehlo_update

    training_set = Examples(data.file("train"))
    num_examples = training_set.num_examples
    trainer = train.make_trainer(data, config, seed, "one")
    train.fit_base(trainer, training_set, seed)
    listed = stablehlo_update.export_update(trainer, scratch.folder)
    _write_order(scratch.folder, config.train, seed, num_examples)
    scratch.details.update(
        num_updates=config.train.num_updates,
        num_examples=num_examples,
        **listed,
    )


def _write_order(folder: str, config, seed: int, num_examples: int) -> None:
    import numpy as np
    import tensorflow as tf
    import tqdm

    from ebm_tf.data import batches

    num, size = config.num_updates, config.batch_size
    rows = tf.data.Dataset.range(num).map(
        lambda t: batches.update_indices(t, seed, size, num_examples),
        num_parallel_calls=tf.data.AUTOTUNE,
        deterministic=True,
    )
    order = np.empty((num, size), np.uint32)
    with tqdm.tqdm(desc="order", unit="update", total=num, dynamic_ncols=True) as bar:
        for some in rows.batch(_ROWS).as_numpy_iterator():
            order[bar.n : bar.n + len(some)] = some
            bar.update(len(some))
    files.write_array(os.path.join(folder, "order.npy"), order)
