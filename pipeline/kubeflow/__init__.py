"""The pipeline as Kubeflow Pipelines runs it."""
