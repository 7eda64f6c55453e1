"""Signatures as models of KServe: each is one model of the protocol."""

import asyncio
import dataclasses
import uuid

import numpy as np

from ebm_tf import checks

from .kserve_names import InferOutput, InferResponse, Model
from .signatures import BATCHED, DATATYPES, Signature, Tensor, described
from .worker import Worker


@dataclasses.dataclass(frozen=True, kw_only=True)
class Limits:
    """What one request may take.

    Attributes:
        max_work: Images times steps.
        deadline: Seconds until it is given up.
    """

    max_work: int
    deadline: int


class TooLate(Exception):
    """A request was not answered in time; its text is one sentence."""


class SignatureModel(Model):
    """A signature, whose requests a worker answers."""

    def __init__(self, signature: Signature, worker: Worker, limits: Limits):
        super().__init__(signature.name)
        self._signature, self._worker, self._limits = signature, worker, limits
        self.ready = True

    def get_input_types(self) -> list[dict]:
        """Returns the inputs as metadata list them."""
        return described(self._signature.inputs)

    def get_output_types(self) -> list[dict]:
        """Returns the outputs as metadata list them."""
        return described(self._signature.outputs)

    async def predict(self, payload, headers=None, response_headers=None):
        """Returns the answer to a request of the protocol.

        Raises:
            ValueError: If it does not fit the signature.
            Busy: If too many wait.
            TooLate: If it is not answered in time.
        """
        given = [Tensor(t.name, t.datatype, t.shape, t.data) for t in payload.inputs]
        arrays = self._signature.arrays(given)
        names = self._asked_outputs(payload.request_outputs)
        self._require_bounds(arrays)
        try:
            async with asyncio.timeout(self._limits.deadline):
                outputs = await self._worker.ask(self._signature, arrays)
        except TimeoutError as error:
            seconds = self._limits.deadline
            raise TooLate(f"there was no answer within {seconds} seconds") from error
        return InferResponse(
            response_id=payload.id or uuid.uuid4().hex,
            model_name=self.name,
            infer_outputs=[self._output(name, outputs[name]) for name in names],
        )

    def _output(self, name: str, array: np.ndarray) -> InferOutput:
        datatype = DATATYPES[self._signature.outputs[name].dtype]
        output = InferOutput(name=name, shape=list(array.shape), datatype=datatype)
        output.data = array.ravel().tolist()
        return output

    def _asked_outputs(self, asked) -> list[str]:
        names = [output.name for output in asked or ()] or list(self._signature.outputs)
        rule = f"of {', '.join(self._signature.outputs)}"
        known = set(names) <= set(self._signature.outputs)
        checks.require(known, "outputs", rule, names)
        return names

    def _require_bounds(self, arrays: dict[str, np.ndarray]) -> None:
        """Raises `ValueError` if a request is too large, or its rows do not agree."""
        sizes = {
            name: len(arrays[name])
            for name, spec in self._signature.inputs.items()
            if spec.shape.rank and spec.shape[0] is None
        }
        rule = "of one B in all inputs"
        checks.require(len(set(sizes.values())) <= 1, "inputs", rule, sizes)
        num = int(arrays.get("num", next(iter(sizes.values()), 1)))
        if self.name == BATCHED:
            checks.require(num > 0, "seeds", "at least 1", num)
        work, most = num * int(arrays.get("num_steps", 1)), self._limits.max_work
        rule = f"at most {most}"
        checks.require(work <= most, "images times steps", rule, work)
