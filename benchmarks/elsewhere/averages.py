"""Moving averages of weights in the state of an exported update."""

import numpy as np


def name_of(weight: str, counter: str) -> str:
    """Returns the name of a weight's average.

    Args:
        weight: Name of the weight, "energy/stem/kernel".
        counter: That of the number of updates, "adam/iteration".
    """
    return f"{counter.rpartition('/')[0]}/{weight.replace('/', '_')}_average"


def trained(state: dict, counter: str) -> list[str]:
    """Returns the names of the weights of which the optimizer keeps something."""
    prefix = counter.rpartition("/")[0]
    kept = tuple(name for name in state if name.startswith(f"{prefix}/"))
    begins = {name: f"{prefix}/{name.replace('/', '_')}_" for name in state}
    return [n for n in state if any(name.startswith(begins[n]) for name in kept)]


def decay_of(optimizer: dict) -> float | None:
    """Returns the decay of averages that begin at zero; None of others, or of none.

    Args:
        optimizer: The settings `train.optimizer`.
    """
    return optimizer["ema_decay"] if optimizer["ema_start"] == "zeros" else None


def share(decay: float | None, updates: int) -> float:
    """Returns what an average is of the mean that it stands for."""
    return 1.0 if decay is None else 1.0 - decay**updates


def adopt(state: dict, counter: str, decay: float | None) -> dict:
    """Returns the weights of a state, averages in their place where it has them.

    What was never trained stays as it is. Moments and replays are left out.
    """
    part, found = share(decay, int(state[counter])), {}
    for name, array in state.items():
        if not name.startswith((counter.rpartition("/")[0] + "/", "replay/")):
            average = state.get(name_of(name, counter))
            found[name] = array if average is None else np.float32(average / part)
    return found


def restore(weights: dict, begin: dict, counter: str, decay: float | None) -> dict:
    """Returns a state of which `adopt` gives `weights`, moments and replays anew.

    Args:
        weights: By name, and the number of updates.
        begin: The state that training began from.
        counter: Name of the number of updates.
        decay: See `decay_of`.
    """
    state, part = begin | weights, share(decay, int(weights[counter]))
    for name, array in weights.items():
        if name_of(name, counter) in state:
            state[name_of(name, counter)] = np.float32(array * part)
    return state
