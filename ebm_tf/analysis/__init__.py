"""Studies of a trained energy: each a function of the energy and of arrays."""
