"""The page of the command `demo`: chains of a model that move as controls say.

`subject` is the model, `offered` its samplers, `fields` the controls of one,
`request` what a visitor asks, `chains` the frames of it, `worker` the thread that makes
them; a `session` is a visitor's, with a `player` of frames and a `canvas` to draw on.
None of these knows a library for pages. `drawing` makes pictures of frames; `page`,
`setting` and `server` are NiceGUI's.
"""
