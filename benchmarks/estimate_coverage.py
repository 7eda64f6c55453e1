"""How often what is printed of log Z is right, on log-normal weights.

    PYTHONPATH=. python benchmarks/estimate_coverage.py

Each repetition has 5 runs of `--num_chains` weights whose logarithm is normal with a
given standard deviation and whose mean is exactly 1, so that log Z is 0. Of each form
that `replicates.log_z` printed the table has the share that was right, and the least it
may be: 0.95 less 3 binomial errors. Beside it stands what the delta method's error of
one run would have said, as plus or minus 2 errors. Exits 1 if a form is right too
rarely. A second table has 10 runs of weights that were used up 6 times, as resampling
does it.
"""

import argparse
import math
import sys

import numpy as np

from ebm_tf.likelihood import replicates

SPREADS = (1.0, 1.5, 1.7, 1.75, 2.0, 3.0, 6.0, 12.0, 30.0)
RESAMPLED = (0.5, 1.0, 1.2, 1.3, 2.0, 4.0)
STAGES = 6


def weights(generator, shape, spread: float) -> np.ndarray:
    return generator.normal(-(spread**2) / 2.0, spread, shape)


def plain(generator, num_chains: int, spread: float) -> list[replicates.Run]:
    drawn = weights(generator, (5, num_chains), spread)
    return [replicates.run_of(log_w) for log_w in drawn]


def resampled(generator, num_chains: int, spread: float) -> list[replicates.Run]:
    runs = []
    for _ in range(10):
        log_z, used = 0.0, 0.0
        *before, last = weights(generator, (STAGES, num_chains), spread)
        for log_w in before:
            w = np.exp(log_w)
            log_z += math.log(w.mean())
            used += w.var(ddof=1) / w.mean() ** 2
        ends = np.arange(num_chains), np.full(num_chains, used)
        runs.append(replicates.run_of(last + log_z, *ends))
    return runs


def is_right(found) -> bool:
    if found.form == "interval":
        return abs(found.value) <= found.half_width
    return found.value <= 0.0


def show(make, num_chains: int, spreads, repetitions: int) -> bool:
    """Prints a row for each spread and form; returns whether all are right enough."""
    print(
        "| spread | printed | times | right | least | median | delta, right |\n"
        "|---|---|---|---|---|---|---|"
    )
    enough = True
    for spread in spreads:
        generator = np.random.default_rng([0, num_chains, int(100 * spread)])
        found, delta = {}, []
        for _ in range(repetitions):
            runs = make(generator, num_chains, spread)
            one = replicates.log_z(runs)
            found.setdefault(one.form, []).append(one)
            delta.append(abs(runs[0].log_z) <= 2.0 * math.sqrt(runs[0].variance))
        for form, printed in sorted(found.items()):
            right = float(np.mean([is_right(one) for one in printed]))
            least = 0.95 - 3.0 * math.sqrt(0.95 * 0.05 / len(printed))
            enough &= right >= least
            middle = np.median([one.value for one in printed])
            print(
                f"| {spread:g} | {form.replace('_', ' ')} | {len(printed)} "
                f"| {right:.3f} | {least:.3f} | {middle:.2f} | {np.mean(delta):.3f} |",
                flush=True,
            )
    return enough


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--num_chains", type=int, default=1000)
    parser.add_argument("--repetitions", type=int, default=2000)
    flags = parser.parse_args()
    enough = show(plain, flags.num_chains, SPREADS, flags.repetitions)
    print()
    enough &= show(resampled, 100, RESAMPLED, flags.repetitions // 4)
    if not enough:
        sys.exit("estimate_coverage: what is printed is right too rarely")


if __name__ == "__main__":
    main()
