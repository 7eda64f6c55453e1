"""TensorFlow, imported without what it has to say about itself."""

import os
import sys
import tempfile

# TF_CPP_MIN_LOG_LEVEL does not hold yet while TensorFlow is being imported.
_CHATTER = ("I0000 ", "WARNING: All log messages before absl::InitializeLog")


def import_tensorflow() -> None:
    """Imports TensorFlow; its notes at that moment stay off the terminal.

    Warnings and errors pass. A stage calls this before its other imports.
    """
    if "tensorflow" in sys.modules:
        return
    sys.stderr.flush()
    terminal = os.dup(2)
    with tempfile.TemporaryFile("w+", errors="replace") as caught:
        os.dup2(caught.fileno(), 2)
        try:
            import tensorflow  # noqa: F401
        finally:
            sys.stderr.flush()
            os.dup2(terminal, 2)
            os.close(terminal)
            caught.seek(0)
            for line in caught:
                if not line.startswith(_CHATTER):
                    sys.stderr.write(line)
