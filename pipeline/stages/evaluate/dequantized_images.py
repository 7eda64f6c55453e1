"""Images that likelihoods are measured on."""

from ...store import artifacts


def read(examples: artifacts.Artifact, split: str, num: int, seed: int, place: int):
    """Returns images of a split, drawn and dequantized by seeds.

    Args:
        examples: The artifact.
        split: Name of the split.
        num: How many; all if they are fewer.
        seed: Decides which, and their dequantization.
        place: A number of its own for each set, of whose noise it decides.

    Returns:
        States, float32 `[N, ...]`, and their labels.
    """
    from ebm_tf import rng
    from ebm_tf.data.shards import Examples

    from .measurements import choose

    source = Examples(examples.file(split))
    chosen = choose(source, num, seed)
    noise_seed = rng.fold_in(rng.make_seed(seed), place)
    return source.space.decode(chosen.levels, noise_seed).numpy(), chosen.labels
