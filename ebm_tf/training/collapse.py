"""A training that has collapsed: its energies no longer tell data from negatives."""

import math

# Of the size of the energies: float32 has some 7 digits, and 0 is what rounds to it.
_LEAST_SHARE = 1e-6
_NUM_UPDATES = 100


class FlatGap:
    """Notices when the gap of energies has been 0 for long.

    A learning rate that is too high drives a network to where it returns one number
    for everything. Nothing is not finite then, and nothing would say so.
    """

    def __init__(self):
        self._num_flat = 0

    def check(self, logs: dict) -> str | None:
        """Returns once, in words, that the gap has been 0 for 100 updates; else None.

        Args:
            logs: Of the update that was just made; those of an objective without a
                gap are not looked at.
        """
        if not {"gap", "data_energy", "negative_energy"} <= logs.keys():
            return None
        size = max(abs(logs["data_energy"]), abs(logs["negative_energy"]))
        is_flat = math.isfinite(size) and abs(logs["gap"]) <= _LEAST_SHARE * size
        self._num_flat = self._num_flat + 1 if is_flat else 0
        if self._num_flat != _NUM_UPDATES:
            return None
        return (
            f"the gap of energies has been 0 for {_NUM_UPDATES} updates: the network "
            "gives data and negatives the same energy, and training has likely "
            "collapsed; a lower learning rate may help"
        )
