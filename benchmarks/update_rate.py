"""How fast exported updates run on a device of JAX, without TensorFlow.

    python -m benchmarks.update_rate UPDATE ... --num=20

Each UPDATE is a folder that `//pipeline:export_update` made. The data are random
images, and where `state.npz` is missing, as it is too large to carry, the state is
drawn too: only time is measured. Prints, of each, seconds an update (median and
quartiles over turns), in the device's own float32 (TF32 where it has that) and in
full float32, in turns.
"""

import argparse
import concurrent.futures
import json
import os
import time

import numpy as np

from benchmarks import drawn_arguments
from examples.stablehlo_program import Program


class Timed:
    """A program, its state, and the seconds that its updates took.

    Args:
        folder: Of the update.
        highest: Whether products are in full float32.
    """

    def __init__(self, folder: str, highest: bool):
        self.name = f"{os.path.basename(folder.rstrip('/'))}, " + (
            "full float32" if highest else "the device's float32"
        )
        self._program = Program(folder, "update.mlir", highest=highest)
        path = os.path.join(folder, "state.npz")
        state = drawn_arguments.read_or_draw(self._program, path)
        self._state = {n: self._program.put(n, x) for n, x in state.items()}
        self.seconds, self.loss = [], None

    def update(self, num: int) -> None:
        """Makes `num` updates and notes the mean seconds of one."""
        begin = time.perf_counter()
        for _ in range(num):
            # Arguments may be used up by the call: data are put there anew.
            kept = {n: self._state[n] for n in ("images", "labels") if n in self._state}
            results = self._program(self._state)
            fed = {s["feeds"]: s["name"] for s in self._program.results if "feeds" in s}
            self._state |= {name: results[source] for name, source in fed.items()}
            self._state |= kept
        self.loss = float(np.asarray(results["loss"]))
        self.seconds.append((time.perf_counter() - begin) / num)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("updates", nargs="+", help="folders of exported updates")
    parser.add_argument("--num", type=int, default=5, help="updates of one turn")
    parser.add_argument("--turns", type=int, default=5, help="turns of each program")
    args = parser.parse_args()
    import jax

    rows = []
    cases = [(folder, highest) for folder in args.updates for highest in (False, True)]
    with concurrent.futures.ThreadPoolExecutor() as pool:  # compilers run side by side
        every = list(pool.map(lambda case: Timed(*case), cases))
    for timed in zip(every[::2], every[1::2], strict=True):
        for one in timed:
            one.update(1)  # not timed: the first is slower
            one.seconds.clear()
        for _ in range(args.turns):
            for one in timed:
                one.update(args.num)
        for one in timed:
            low, middle, high = np.percentile(one.seconds, [25, 50, 75])
            rows.append([one.name, middle, low, high, one.loss])
            print(
                f"{one.name}: {middle:.4f} s an update ({low:.4f} to {high:.4f}), "
                f"loss {one.loss:.4f}",
                flush=True,
            )
    print(json.dumps({"device": str(jax.devices()[0].device_kind), "rows": rows}))


if __name__ == "__main__":
    main()
