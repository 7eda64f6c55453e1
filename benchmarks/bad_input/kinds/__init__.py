"""A file for every kind of bad input, with its trials in `TRIALS`."""
