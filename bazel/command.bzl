"""A command of the pipeline: a binary that runs its `main`."""

load("@rules_python//python:defs.bzl", "py_binary")

def command(name):
    """Declares the binary of a command.

    Args:
      name: Of the command, and of its module in //pipeline/commands.
    """
    script = name + "_command.py"
    native.genrule(
        name = name + "_script",
        outs = [script],
        cmd = "echo 'from pipeline.commands import start; start.run(\"%s\")' > $@" % name,
    )
    py_binary(
        name = name,
        srcs = [script],
        main = script,
        deps = ["//pipeline/commands"],
    )
