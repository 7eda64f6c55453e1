"""All stages, from a data set to an exported model."""
