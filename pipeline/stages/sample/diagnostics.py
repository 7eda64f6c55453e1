"""How well the chains of the first images have settled: looks at them on their way."""

import numpy as np

# Of chains, and over the later half of their steps: memory and time stay small.
_MAX_CHAINS = 64
_NUM_LOOKS = 20


class Observer:
    """Looks at some chains, of one condition if there are conditions.

    Args:
        num: Steps, or rounds, in all.
        condition: Of the chains, a structure of `[B, ...]`; None without.
        num_chains: B.

    Attributes:
        looks: After which of them to look, increasing.
    """

    def __init__(self, num: int, condition, num_chains: int):
        places = np.linspace(num // 2, num, _NUM_LOOKS).round()
        self.looks = [int(place) for place in np.unique(places)]
        rows = np.arange(num_chains)
        if condition is not None:
            from ebm_tf.conditions import like_first

            rows = like_first(condition)
        self._rows = rows[:_MAX_CHAINS]
        self._start, self._states, self._energies = None, [], []

    def start(self, x) -> None:
        """Notes where the chains start, float32 `[B, ...]`."""
        self._start = np.asarray(x)[self._rows]

    def look(self, x, energies: np.ndarray) -> None:
        """Notes states, float32 `[B, ...]`, and energies, `[B]`, nats."""
        self._states.append(np.asarray(x)[self._rows])
        self._energies.append(energies[self._rows])

    def summary(self) -> dict:
        """Returns what the manifest says of them.

        `num` chains and `looks`; mean changes of a pixel: `movement` from start to
        end, None where the start was not noted, and `late_movement` from the first
        look to the last; and what `ebm_tf.metrics.settling.settling` returns.
        """
        from ebm_tf.metrics.settling import settling

        first, last = self._states[0], self._states[-1]
        found = {
            "num": len(self._rows),
            "looks": len(self._states),
            "movement": None
            if self._start is None
            else float(np.abs(last - self._start).mean()),
            "late_movement": float(np.abs(last - first).mean()),
        }
        states, energies = np.stack(self._states), np.stack(self._energies)
        return found | settling(states, energies)


def line(found: dict) -> str:
    """Returns one line of what `Observer.summary` found."""
    moved = found["late_movement"]
    words = [f"{found['num']} chains moved by {moved:.3f} a pixel in their later half"]
    if found["energy_r_hat"] is not None:
        words.append(f"R-hat of the energy {found['energy_r_hat']:.2f}")
    if found["r_hat"] is not None:
        words.append(f"of the median pixel {found['r_hat']:.2f}")
        words.append(f"{found['ess']:.0f} effective draws of it")
    return ", ".join(words)
