"""What an update minimizes, as functions of energies."""
