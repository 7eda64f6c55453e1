"""Studies of a trained model: one file each, or a folder with settings and code.

A file here derives from `StudyConfig`, says a `kind` and has `run`. It imports no
TensorFlow when it is imported: that happens inside `run`, or in a second file. To add
a study is to add this file; `ebm_tf.studies.contract` says what it gets and returns.
"""

from typing import TYPE_CHECKING, ClassVar

from ebm_tf.registry import Registered
from ebm_tf.resources import Need

if TYPE_CHECKING:
    from ebm_tf.sampling.samplers import SamplerConfig
    from ebm_tf.studies.contract import Findings, Subject


class StudyConfig(Registered, what="study", package="ebm_tf.studies"):
    """Settings of a study; each kind is a frozen dataclass that derives from it.

    Attributes:
        needs_examples: Whether it looks at the examples that the model was trained
            on; otherwise it gets none.
    """

    needs_examples: ClassVar[bool] = False

    def used_sampler(self, sampler: "SamplerConfig") -> "SamplerConfig":
        """Returns the settings of the run's sampler as the study uses them.

        Args:
            sampler: That of the run.
        """
        return sampler

    def needs(self, state_bytes: int, stored_bytes: int) -> tuple[Need, ...]:
        """Returns the memory that the study takes, as far as its settings decide it.

        Args:
            state_bytes: Of a state, float32.
            stored_bytes: Of a state as the state space stores it.

        Returns:
            Each with the names of settings of the study that make it smaller.
        """
        return ()

    def run(self, subject: "Subject") -> "Findings":
        """Returns what there is to say of a model.

        Args:
            subject: The model, and what comes with it.

        Raises:
            ValueError: If the model is none that the study is for.
        """
        raise NotImplementedError
