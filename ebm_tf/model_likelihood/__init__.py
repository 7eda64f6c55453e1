"""The log-likelihood of images under a trained model, over all its chains."""
