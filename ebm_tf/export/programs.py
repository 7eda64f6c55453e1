"""StableHLO programs on the disk: the text, its arguments and results by name.

`arguments.json` holds `arguments` and `results`, in order, each a list of
`{"name", "dtype", "shape"}`. A result may have `feeds`: the name of the argument that
it is at the next call.
"""

import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import tensorflow as tf

MANIFEST = "arguments.json"
_TYPES = {
    tf.float32: "f32",
    tf.int32: "i32",
    tf.int64: "i64",
    tf.uint8: "ui8",
}


def compile_text(function, args: Sequence) -> str:
    """Returns the program of a function that XLA compiles, for arguments like `args`.

    Its arguments are those of the function, and then the variables that it captures;
    its results are the function's, and then the captured variables that it writes.

    Args:
        function: A `tf.function` with `jit_compile`.
        args: All tensors, or all specs of tensors.
    """
    text = function.experimental_get_compiler_ir(*args)(stage="stablehlo")
    # Where an argument is a result TensorFlow puts a copy of XLA's older dialect, which
    # newer compilers refuse on some devices; this is the identity in StableHLO's own.
    return re.sub(r"= mhlo\.copy (?=%)", "= stablehlo.optimization_barrier ", text)


def entries(values: Mapping[str, object]) -> list[dict]:
    """Returns the list for `arguments.json` of what has a dtype and a shape."""
    return [
        {"name": name, "dtype": value.dtype.name, "shape": value.shape.as_list()}
        for name, value in values.items()
    ]


def require_signature(program: str, listed: Mapping[str, Iterable[dict]]) -> None:
    """Compares a program with the list of its arguments and results.

    Raises:
        RuntimeError: If XLA left one out, or has them in another order.
    """
    begin = program.index("@main(")
    head = program[begin : program.index("{\n", begin)]
    found = re.findall(r"tensor<([^>]*)>", head)
    wanted = [
        "x".join([*map(str, entry["shape"]), _TYPES[tf.as_dtype(entry["dtype"])]])
        for entry in (*listed["arguments"], *listed["results"])
    ]
    if found != wanted:
        raise RuntimeError(f"the program has other arguments or results: {head}")


def write(
    folder: str,
    program_name: str,
    program: str,
    listed: dict,
    arrays: Mapping[str, Mapping[str, np.ndarray]],
) -> None:
    """Writes a program, its list, and files of arrays that are its arguments.

    Args:
        folder: Where to write; made if missing.
        program_name: Name of the program's file.
        program: What `compile_text` gives.
        listed: What `arguments.json` is to hold.
        arrays: By the name of an .npz file, the arrays in it by theirs.

    Raises:
        RuntimeError: If the list is not the program's.
    """
    require_signature(program, listed)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, program_name), "w", encoding="utf-8") as file:
        file.write(program)
    for name, named in arrays.items():
        np.savez(os.path.join(folder, name), **named)
    with open(os.path.join(folder, MANIFEST), "w", encoding="utf-8") as file:
        json.dump(listed, file, indent=2)
