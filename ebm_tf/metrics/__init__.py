"""Numbers about samples, chains and energies."""
