"""CelebA: faces with attributes, through TFDS."""

from typing import ClassVar

from ebm_tf.data.sources.base import DataSource

_ATTRIBUTES = (
    "5_o_Clock_Shadow Arched_Eyebrows Attractive Bags_Under_Eyes Bald Bangs Big_Lips "
    "Big_Nose Black_Hair Blond_Hair Blurry Brown_Hair Bushy_Eyebrows Chubby "
    "Double_Chin Eyeglasses Goatee Gray_Hair Heavy_Makeup High_Cheekbones Male "
    "Mouth_Slightly_Open Mustache Narrow_Eyes No_Beard Oval_Face Pale_Skin "
    "Pointy_Nose Receding_Hairline Rosy_Cheeks Sideburns Smiling Straight_Hair "
    "Wavy_Hair Wearing_Earrings Wearing_Hat Wearing_Lipstick Wearing_Necklace "
    "Wearing_Necktie Young"
)


class CelebA(DataSource):
    """162,770 and 19,962 faces of any size, with 40 attributes (Liu et al., 2015)."""

    kind = "celeb_a"
    any_size = True
    num_examples: ClassVar = {"train": 162770, "test": 19962}
    max_overlap = 0.1
    tfds = "celeb_a"
    tfds_url = "https://drive.google.com/"
    label_names = tuple(_ATTRIBUTES.split())
