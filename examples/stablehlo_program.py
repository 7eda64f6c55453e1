"""An exported StableHLO program as a function, by JAX alone."""

import json
import os

import numpy as np


class Program:
    """A program compiled for one of JAX's devices.

    Args:
        folder: Where `arguments.json` and the program's arrays are.
        name: File of the program.
        device: Number of the device among JAX's.
        highest: Whether products are in full float32, where a device would take
            TF32 by itself.

    Attributes:
        listed: What `arguments.json` holds.
        arguments: What it takes, in order: `{"name", "dtype", "shape"}` each.
        results: What it returns; what has `feeds` is that argument's next value.
        device: The device.
        text: The program as it was exported.
    """

    def __init__(
        self, folder: str, name: str, device: int = 0, *, highest: bool = False
    ):
        import jax
        from jax._src.lib import xla_client

        jax.config.update("jax_enable_x64", True)  # counts of updates are int64
        self._put = jax.device_put
        self.device = jax.devices()[device]
        with open(os.path.join(folder, "arguments.json"), encoding="utf-8") as file:
            self.listed = json.load(file)
        self.arguments = self.listed["arguments"]
        self.results = self.listed["results"]
        with open(os.path.join(folder, name), "rb") as file:
            self.text = file.read()
        program = self.text
        if highest:
            program = program.replace(b"precision DEFAULT", b"precision HIGHEST")
            program = program.replace(b"[DEFAULT, DEFAULT]", b"[HIGHEST, HIGHEST]")
        # JAX has no public way to run a program that it did not make.
        self._executable = self.device.client.compile_and_load(
            program,
            xla_client.DeviceList((self.device,)),
            xla_client.CompileOptions(),
        )

    def put(self, name: str, array: np.ndarray):
        """Returns an argument on the device.

        Raises:
            ValueError: If it is not of the argument's dtype and shape.
        """
        spec = next(spec for spec in self.arguments if spec["name"] == name)
        found = [array.dtype.name, list(array.shape)]
        if found != [spec["dtype"], spec["shape"]]:
            raise ValueError(f"{name} is of {found}, not of {spec}")
        return self._put(array, self.device)

    def __call__(self, arrays: dict) -> dict:
        """Returns the results by name, on the device; it may use up the arguments.

        Args:
            arrays: All arguments by name, as `put` returns them.
        """
        buffers = [arrays[spec["name"]] for spec in self.arguments]
        results = self._executable.execute_sharded(buffers)
        shards = results.disassemble_into_single_device_arrays()
        return {spec["name"]: r[0] for spec, r in zip(self.results, shards)}
