"""Models as other programs use them."""
