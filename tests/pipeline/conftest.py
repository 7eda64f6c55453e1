"""Commands as a user meets them, within the test's process."""

import pytest


@pytest.fixture
def ended(capfd):
    """Returns `(main, *args) -> (exit code, stdout, stderr)`."""

    def run(main, *args):
        code = 0
        capfd.readouterr()
        try:
            main([str(arg) for arg in args])
        except SystemExit as error:
            code = error.code
        out, err = capfd.readouterr()
        return code, out, err

    return run
