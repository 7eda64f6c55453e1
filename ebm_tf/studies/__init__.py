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
        needs_model: Whether it looks at a trained model; one that trains models of its
            own on the examples does not.
        needs_examples: Whether it looks at the examples that the model was trained
            on; otherwise it gets none.
        needs_classifier: Whether it asks the classifier of these examples, which is
            trained if there is none; a property where settings decide.
        needs_samples: Whether it looks at samples of the model that are there.
        needs_recipe: Whether it looks at the settings of a training, that of the run's
            model or of a preset: for one that needs no model.
    """

    needs_model: ClassVar[bool] = True
    needs_examples: ClassVar[bool] = False
    needs_classifier: ClassVar[bool] = False
    needs_samples: ClassVar[bool] = False
    needs_recipe: ClassVar[bool] = False

    def other_examples(self) -> dict[str, str]:
        """Returns folders of examples that others than the model's own data are in.

        Returns:
            By a name that is an identifier.
        """
        return {}

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

    def require_model(
        self, shape: tuple[int, ...], num_classes: int | None, sampler: "SamplerConfig"
    ) -> None:
        """Raises ValueError unless the study is for such a model: asked first of all.

        Args:
            shape: Of its states.
            num_classes: That its energy depends on, or None.
            sampler: As `used_sampler` returned it.
        """

    def run(self, subject: "Subject") -> "Findings":
        """Returns what there is to say of a model.

        Args:
            subject: The model, and what comes with it.

        Raises:
            ValueError: If the model is none that the study is for.
        """
        raise NotImplementedError
