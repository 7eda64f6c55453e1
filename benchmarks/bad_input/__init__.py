"""Trials of careless and hostile input, kind by kind; try_bad_input.py runs them.

A file in `kinds/` holds the trials of one kind in `TRIALS`. Each trial is a command
line or a call of the library in a folder of its own. What it must show:

- one line on stderr, "COMMAND: message", that holds the words in `says`; no traceback;
- the exit code, 2 unless the trial says otherwise;
- the folder as it was, byte for byte, unless the trial says that it may change.

A call must raise an error of one line that holds these words. A trial with exit code
0 is one that must work.
"""
