"""What `import ebm_tf` gives: training, sampling and files in a few lines."""
