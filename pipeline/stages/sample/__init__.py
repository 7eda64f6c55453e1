"""Stage `sample`."""
