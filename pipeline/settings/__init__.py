"""Settings of the stages: their classes, presets, overrides."""
