"""A signal asks a computation to end."""


class Interrupted(BaseException):
    """SIGINT or SIGTERM came; the text is one line for the user.

    Like KeyboardInterrupt it is no Exception: what is between a command and its work
    and answers errors, as Keras and AutoGraph do, lets it pass.

    Attributes:
        signum: The signal's number.
        exit_code: What the process ends with, 128 and the number.
    """

    def __init__(self, message: str, signum: int):
        super().__init__(message)
        self.signum = int(signum)
        self.exit_code = 128 + int(signum)
