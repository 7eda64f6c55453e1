"""What several studies do alike, with TensorFlow: no study by itself."""
