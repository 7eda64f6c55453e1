"""Settings of trainings that a study makes itself."""

from ebm_tf.studies.common import training
from ebm_tf.studies.sensitivity import SensitivityConfig


def test_what_decides_a_training_is_what_was_given():
    config = SensitivityConfig()
    made = training.train_config(7, 3, config.objective, config.optimizer)
    assert (made.num_updates, made.batch_size) == (7, 3)
    assert made.objective is config.objective and made.optimizer is config.optimizer
    assert made.augment is None and made.recovery is None and made.dtype == "float32"
