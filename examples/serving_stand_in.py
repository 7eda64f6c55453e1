"""A stand-in for TensorFlow Serving: an exported model over HTTP, to try clients on.

    ./bazelw run //examples:serving_stand_in -- --folder=runs/mnist/export --name=mnist

Answers `POST /v1/models/NAME:predict` with `signature_name` and `inputs`, and
`GET /v1/models/NAME`, in the form of Serving's REST interface, for as long as it is
not interrupted. It is no server to rely on: no batching, no versions to change, no
gRPC. Needs TensorFlow, and nothing of this project.
"""

import argparse
import http.server
import json
import os

import tensorflow as tf


class Refused(Exception):
    """A request that is answered with an HTTP status and a sentence."""

    def __init__(self, status: int, text: str):
        super().__init__(text)
        self.status = status


def answer(signatures: dict, request: dict) -> dict:
    """Returns what a signature gives for a request's inputs, as JSON values.

    Raises:
        Refused: If the request does not fit the signature, or its graph refuses it.
    """
    name = request.get("signature_name", "serving_default")
    if name not in signatures:
        raise Refused(400, f"there is no signature {name!r}")
    specs = signatures[name].structured_input_signature[1]
    given = request.get("inputs")
    if not isinstance(given, dict) or set(given) != set(specs):
        raise Refused(400, f"`inputs` must hold {', '.join(sorted(specs))}")
    inputs = {}
    for key, spec in specs.items():
        try:
            inputs[key] = tf.constant(given[key], spec.dtype)
        except (TypeError, ValueError) as error:
            raise Refused(400, f"`{key}`: {error}") from error
    try:
        outputs = signatures[name](**inputs)
    except tf.errors.InvalidArgumentError as error:
        raise Refused(400, error.message) from error
    values = {key: value.numpy().tolist() for key, value in outputs.items()}
    # Serving leaves out the name where there is one output.
    return {"outputs": values if len(values) > 1 else next(iter(values.values()))}


def make_server(folder: str, name: str, port: int) -> http.server.ThreadingHTTPServer:
    """Returns a server of the newest version in `folder`, a thread for each request.

    Args:
        folder: What Serving calls a base path: it holds numbered folders.
        name: Name of the model in addresses.
        port: Where to listen on this machine; 0 for any free port.
    """
    version = max((entry for entry in os.listdir(folder) if entry.isdigit()), key=int)
    model = tf.saved_model.load(os.path.join(folder, version))

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path != f"/v1/models/{name}":
                return self._send(404, {"error": f"there is no {self.path}"})
            state = {"version": version, "state": "AVAILABLE"}
            return self._send(200, {"model_version_status": [state]})

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            try:
                if self.path != f"/v1/models/{name}:predict":
                    raise Refused(404, f"there is no {self.path}")
                request = json.loads(body)
                if not isinstance(request, dict):
                    raise Refused(400, "the request must be a JSON object")
                self._send(200, answer(model.signatures, request))
            except json.JSONDecodeError as error:
                self._send(400, {"error": f"the request is not JSON: {error}"})
            except Refused as error:
                self._send(error.status, {"error": str(error)})

        def _send(self, status: int, content: dict) -> None:
            text = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *args):
            pass  # a line for every request is none of our business

    return http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--folder", required=True, help="the artifact `export`")
    parser.add_argument("--name", default="mnist")
    parser.add_argument("--port", type=int, default=8501)
    args = parser.parse_args()
    # `bazel run` starts elsewhere and says where the user stands.
    here = os.environ.get("BUILD_WORKING_DIRECTORY", ".")
    server = make_server(os.path.join(here, args.folder), args.name, args.port)
    print(f"serving {args.name} at http://127.0.0.1:{server.server_port}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print("interrupted")


if __name__ == "__main__":
    main()
