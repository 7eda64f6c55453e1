"""Settings of trainings that a study makes itself."""

from ebm_tf.objectives import ObjectiveConfig
from ebm_tf.training.config import OptimizerConfig, TrainConfig


def train_config(
    num_updates: int,
    batch_size: int,
    objective: ObjectiveConfig,
    optimizer: OptimizerConfig,
) -> TrainConfig:
    """Returns settings of a training without curves, pictures or checkpoints of use.

    Args:
        num_updates: In all.
        batch_size: Examples of an update.
        objective: What an update minimizes.
        optimizer: How gradients become updates.
    """
    return TrainConfig(
        num_updates=num_updates,
        batch_size=batch_size,
        objective=objective,
        optimizer=optimizer,
        dtype="float32",
        compile="device",
        log_every=1,
        image_every=1,
        preview_steps=1,
        checkpoint_every=1,
        keep_checkpoints=1,
    )
