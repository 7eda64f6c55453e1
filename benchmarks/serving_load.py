"""A server of an exported model under load: what is lost, wrong or hung, and memory.

    PYTHONPATH=. python benchmarks/serving_load.py --out=runs/digits

Starts `serve` on the `export` of a run folder and asks for images by the signature
`draw`, with a seed for each: first one client alone, whose answers are what is right;
then many at once, every third request being bad in one of several ways; then still
more, while the memory of the server is looked at. A good request counts as lost if it
gets no answer, as wrong if its image is not that of one client alone, bit for bit, and
a bad one as wrong if it is answered by another status than it should be. What has no
answer in two minutes is hung.
"""

import argparse
import collections
import concurrent.futures
import http.client
import json
import os
import re
import subprocess
import sys
import time

import numpy as np

from examples import serving_client

NUM_SEEDS, TIMEOUT = 40, 120
COLUMNS = (
    "requests so far",
    "right of the last",
    "lost",
    "wrong",
    "hung",
    "images a second",
    "MiB held",
)
PATH = "/v2/models/draw/infer"


class Asker:
    """Requests to one server, and how they are answered.

    Args:
        url: Of the server.
        num_steps: Of the good requests.
    """

    def __init__(self, url: str, num_steps: int):
        self._place, self._num_steps = url.removeprefix("http://"), num_steps
        self._condition = serving_client.condition_of(url, 1, 0)
        self._right: dict[int, list] = {}

    def content(self, number: int, **changes) -> dict:
        """Returns request `number`: one image of one of the seeds."""
        inputs = {"seeds": [[number % NUM_SEEDS, 0]], "num_steps": self._num_steps}
        inputs |= self._condition | changes
        tensors = [serving_client.tensor(name, value) for name, value in inputs.items()]
        return {"inputs": tensors}

    def learn(self) -> float:
        """Asks for the image of each seed alone; returns images a second."""
        begin = time.perf_counter()
        for number in range(NUM_SEEDS):
            status, reply = self._post(json.dumps(self.content(number)))
            assert status == 200, reply
            self._right[number] = reply["outputs"][0]["data"]
        return NUM_SEEDS / (time.perf_counter() - begin)

    def good(self, number: int) -> str:
        """Asks for an image; returns "right", "wrong", "lost" or "hung"."""
        try:
            status, reply = self._post(json.dumps(self.content(number)))
        except TimeoutError:
            return "hung"
        except (OSError, http.client.HTTPException):
            return "lost"
        is_right = status == 200 and (
            reply["outputs"][0]["data"] == self._right[number % NUM_SEEDS]
        )
        return "right" if is_right else "wrong"

    def bad(self, number: int) -> str:
        """Asks what must be refused, or hangs up; returns as `good`."""
        kinds = (
            (400, "{", {}),
            (400, json.dumps({"inputs": [1, 2]}), {}),
            (400, json.dumps(self.content(number, num_steps=2**31 - 1)), {}),
            (400, json.dumps(self.content(number, seeds=[[0.5, 1.0]])), {}),
            (400, json.dumps(self.content(number, seeds=[[1, 2, 3]])), {}),
            (413, "", {"Content-Length": "1000000000"}),
            (None, json.dumps(self.content(number)), {}),
            (None, "{", {"Content-Length": "1000"}),
        )
        expected, body, headers = kinds[number // 3 % len(kinds)]
        try:
            status, _ = self._post(body, headers, hangs_up=expected is None)
        except TimeoutError:
            return "hung"
        except (OSError, http.client.HTTPException):
            return "lost"
        return "right" if status == expected else "wrong"

    def _post(self, body: str, headers=None, hangs_up=False):
        connection = http.client.HTTPConnection(self._place, timeout=TIMEOUT)
        headers = {"Content-Type": "application/json"} | (headers or {})
        try:
            connection.request("POST", PATH, body, headers)
            if hangs_up:
                return None, None
            reply = connection.getresponse()
            return reply.status, json.loads(reply.read())
        finally:
            connection.close()


def ask_many(asker: Asker, first: int, num: int, clients: int):
    """Returns how requests were answered, counted, and good ones a second."""

    def ask(number):
        is_bad = number % 3 == 2
        return is_bad, (asker.bad if is_bad else asker.good)(number)

    begin = time.perf_counter()
    with concurrent.futures.ThreadPoolExecutor(clients) as pool:
        found = collections.Counter(pool.map(ask, range(first, first + num)))
    good = sum(count for (is_bad, _), count in found.items() if not is_bad)
    return found, good / (time.perf_counter() - begin)


def resident_mib(pid: int) -> float:
    """Returns the memory that a process holds."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", required=True, help="run folder with an export")
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--more", type=int, default=8000, help="while memory is seen")
    parser.add_argument("--num_steps", type=int, default=10)
    args = parser.parse_args()
    code = "from pipeline.commands import start; start.run('serve')"
    words = [sys.executable, "-c", code, f"--out={args.out}", "--port=0"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    try:
        url = re.search(r"http://[\d.:]+", process.stdout.readline())[0]
        asker = Asker(url, args.num_steps)
        asker.learn()
        print(f"one client: {asker.learn():.1f} images a second")
        print(f"| {' | '.join(COLUMNS)} |")
        print("|---|---|---|---|---|---|---|")
        parts = [args.requests, *[args.more // 4] * 4]
        for first, num in zip(np.cumsum([0, *parts]), parts):
            found, rate = ask_many(asker, int(first), num, args.clients)
            counts = [
                sum(count for (_, kind), count in found.items() if kind == name)
                for name in ("right", "lost", "wrong", "hung")
            ]
            cells = [first + num, *counts, f"{rate:.1f}"]
            cells.append(f"{resident_mib(process.pid):.0f}")
            print(f"| {' | '.join(map(str, cells))} |", flush=True)
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
