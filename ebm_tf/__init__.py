"""Energy-based generative models in TensorFlow and Keras 3.

Packages are imported by name, `from ebm_tf.sampling import langevin`; importing
`ebm_tf` alone loads no TensorFlow.
"""

__version__ = "0.1.0"
