"""Careless and hostile input, kind by kind: is each answered as the project promises?

    PYTHONPATH=. python -m benchmarks.bad_input [--only=KIND] [--list]

A file in `kinds/` holds the trials of one kind in `TRIALS`. Each trial is a command
line or a call of the library in a folder of its own. What it must show:

- one line on stderr, "COMMAND: message", that holds the words in `says`; no traceback;
- the exit code, 2 unless the trial says otherwise;
- the folder as it was, byte for byte, unless the trial says that it may change.

A call must raise an error of one line that holds these words. A trial with exit code
0 is one that must work. The last line counts tried and broken; the exit code is 1 if
any is broken.
"""
