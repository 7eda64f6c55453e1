"""Careless and hostile input, kind by kind: is each answered as the project promises?

    PYTHONPATH=. python benchmarks/try_bad_input.py [--only=KIND] [--list]

`benchmarks/bad_input` says what an answer must show. The last line counts tried and
broken; the exit code is 1 if any is broken.
"""

import argparse
import importlib
import os
import pkgutil
import sys

from benchmarks.bad_input import kinds, start, verdict


def _names() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(kinds.__path__))


def _trials(kind: str):
    return importlib.import_module(f"{kinds.__name__}.{kind}").TRIALS


def main() -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", choices=_names(), metavar="KIND")
    parser.add_argument("--trial", help="only trials whose name holds this")
    parser.add_argument("--list", action="store_true", help="print the trials")
    options = parser.parse_args()
    tried = broken = 0
    for kind in options.only or _names():
        trials = [t for t in _trials(kind) if (options.trial or "") in t.name]
        if options.list:
            print("\n".join(f"{kind}: {trial.name}" for trial in trials))
            continue
        found = {trial.name: verdict.faults(trial) for trial in trials}
        bad = {name: faults for name, faults in found.items() if faults}
        for name, faults in bad.items():
            print(f"  {kind}: {name}: {'; '.join(faults)}")
        print(f"{kind}: {len(trials)} tried, {len(bad)} broken", flush=True)
        tried, broken = tried + len(trials), broken + len(bad)
    start.remove()
    if not options.list:
        print(f"{tried} tried, {broken} broken")
        sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
