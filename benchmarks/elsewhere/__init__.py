"""A whole training on a machine that has JAX and nothing of this project's.

`pack` gathers the program of an update, what it begins from, the images and a program
that samples into one small folder; `train` runs it there until a deadline and leaves
averaged weights, samples and what updates reported; `take_back` makes of the weights a
state that the command `train --state` takes. docs/guide/training_without_tensorflow.md
has the commands.
"""
