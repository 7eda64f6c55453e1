"""What is used of KServe, which reads the words of the command line when imported.

It knows none of ours, and would take some of them for its own.
"""

import sys

_words, sys.argv = sys.argv, sys.argv[:1]
try:
    from kserve import InferResponse, Model, ModelRepository
    from kserve.errors import InvalidInput, ModelNotFound
    from kserve.protocol.dataplane import DataPlane
    from kserve.protocol.infer_type import InferOutput
    from kserve.protocol.rest.v2_endpoints import V2Endpoints
finally:
    sys.argv = _words

__all__ = [
    "DataPlane",
    "InferOutput",
    "InferResponse",
    "InvalidInput",
    "Model",
    "ModelNotFound",
    "ModelRepository",
    "V2Endpoints",
]
