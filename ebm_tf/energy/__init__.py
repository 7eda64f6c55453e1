"""Energy networks: spectrally normalized layers, the paper's networks, oracles."""
