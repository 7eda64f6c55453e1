"""Log-likelihoods with their errors: annealed importance sampling and its reverse."""
