"""Settings of a user's own model: where its function is looked up."""

import subprocess
import sys

import pytest

from ebm_tf import registry
from ebm_tf.energy import build
from ebm_tf.energy.networks import NetworkConfig
from ebm_tf.energy.networks.custom import CustomConfig

USER = "tests.ebm_tf.energy.networks.user_models"


def test_it_is_registered_and_takes_any_state():
    config = CustomConfig(factory="my_module:make_net")
    assert NetworkConfig.of_kind("custom") is CustomConfig
    assert config.num_axes is None and config.arguments == {}


@pytest.mark.parametrize("factory", ["make_net", ":make_net", "my_module:"])
def test_what_names_no_function_is_refused(factory):
    with pytest.raises(ValueError, match="`factory` must be a module and a function"):
        CustomConfig(factory=factory)


@pytest.mark.parametrize("module", ["my_module", "os"])
def test_a_module_that_was_not_imported_is_refused(module):
    config = CustomConfig(factory=f"{module}:system")
    text = f"`factory` must be in a module that was imported: say --import={module}"
    with pytest.raises(ValueError, match=text):
        build.build_energy(config, (2,), seed=0)
    assert "my_module" not in sys.modules


@pytest.mark.parametrize("name", ["nothing", "not_callable"])
def test_a_missing_function_is_refused(name):
    registry.import_module(USER)
    config = CustomConfig(factory=f"{USER}:{name}")
    with pytest.raises(ValueError, match="must be the name of a function of the"):
        config.function()


def test_settings_import_no_tensorflow():
    code = (
        "from ebm_tf.energy.networks.custom import CustomConfig; "
        "CustomConfig(factory='a:b'); print('tensorflow' in sys.modules)"
    )
    found = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}; {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout == "False\n"
