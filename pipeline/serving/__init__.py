"""An exported model behind a server that speaks the Open Inference Protocol."""
