"""Which data sets there are, and what is known of each before a file is opened."""

import dataclasses
from collections.abc import Mapping

from ebm_tf import checks
from ebm_tf.data import cifar_binary, idx
from ebm_tf.data.config import ImagesConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class Published:
    """What is known of a data set.

    Attributes:
        reader: Who reads files: "idx", "cifar", "folder", "sprites", "trajectories",
            or None where TFDS alone has it.
        shape: `(H, W, C)`, pixels; `(T, D)` of sequences as usual; None where
            `ImagesConfig` decides.
        class_names: One for each class; None where the files or TFDS name them.
        num_classes: Labels are below this; None if they are no classes, or if only
            the files tell.
        num_examples: How many each split has where it was published; None if that
            is for the user to know.
        files: The names of the published files, in words.
        tfds: Its name there, or None.
        tfds_test: What TFDS calls the split that is "test" here.
        label_names: Names of numbers that may be chosen as labels.
    """

    reader: str | None
    shape: tuple[int, ...] | None
    class_names: tuple[str, ...] | None = None
    num_classes: int | None = None
    num_examples: Mapping[str, int] | None = None
    files: str = ""
    tfds: str | None = None
    tfds_test: str = "test"
    label_names: tuple[str, ...] = ()


_FASHION = "T-shirt/top|Trouser|Pullover|Dress|Coat|Sandal|Shirt|Sneaker|Bag|Ankle boot"
_CIFAR10 = "airplane automobile bird cat deer dog frog horse ship truck"
_CELEB_A = (
    "5_o_Clock_Shadow Arched_Eyebrows Attractive Bags_Under_Eyes Bald Bangs Big_Lips "
    "Big_Nose Black_Hair Blond_Hair Blurry Brown_Hair Bushy_Eyebrows Chubby "
    "Double_Chin Eyeglasses Goatee Gray_Hair Heavy_Makeup High_Cheekbones Male "
    "Mouth_Slightly_Open Mustache Narrow_Eyes No_Beard Oval_Face Pale_Skin "
    "Pointy_Nose Receding_Hairline Rosy_Cheeks Sideburns Smiling Straight_Hair "
    "Wavy_Hair Wearing_Earrings Wearing_Hat Wearing_Lipstick Wearing_Necklace "
    "Wearing_Necktie Young"
)
_IDX_FILES = f"{idx.FILES} (each gzipped or not)"
_IMAGENET = {"train": 1281167, "test": 50000}

DATASETS = {
    "mnist": Published(
        reader="idx",
        shape=(28, 28, 1),
        class_names=tuple("0123456789"),
        num_classes=10,
        num_examples={"train": 60000, "test": 10000},
        files=_IDX_FILES,
        tfds="mnist",
    ),
    "fashion_mnist": Published(
        reader="idx",
        shape=(28, 28, 1),
        class_names=tuple(_FASHION.split("|")),
        num_classes=10,
        num_examples={"train": 60000, "test": 10000},
        files=_IDX_FILES,
        tfds="fashion_mnist",
    ),
    "cifar10": Published(
        reader="cifar",
        shape=(32, 32, 3),
        class_names=tuple(_CIFAR10.split()),
        num_classes=10,
        num_examples={"train": 50000, "test": 10000},
        files=cifar_binary.FILES,
        tfds="cifar10",
    ),
    "cifar100": Published(
        reader=None,
        shape=(32, 32, 3),
        num_classes=100,
        num_examples={"train": 50000, "test": 10000},
        tfds="cifar100",
    ),
    "svhn_cropped": Published(
        reader=None,
        shape=(32, 32, 3),
        num_classes=10,
        num_examples={"train": 73257, "test": 26032},
        tfds="svhn_cropped",
    ),
    "dtd": Published(
        reader=None,
        shape=None,
        num_classes=47,
        num_examples={"train": 1880, "test": 1880},
        tfds="dtd",
    ),
    "imagenet32": Published(
        reader=None,
        shape=(32, 32, 3),
        num_classes=1000,
        num_examples=_IMAGENET,
        tfds="imagenet_resized/32x32",
        tfds_test="validation",
    ),
    "imagenet2012": Published(
        reader=None,
        shape=None,
        num_classes=1000,
        num_examples=_IMAGENET,
        tfds="imagenet2012",
        tfds_test="validation",
    ),
    "celeb_a": Published(
        reader=None,
        shape=None,
        num_examples={"train": 162770, "test": 19962},
        tfds="celeb_a",
        label_names=tuple(_CELEB_A.split()),
    ),
    "dsprites": Published(
        reader="sprites",
        shape=(64, 64, 1),
        class_names=("square", "ellipse", "heart"),
        num_classes=3,
        num_examples={"train": 727280, "test": 10000},
        files="dsprites_ndarray_co1sh3sc6or40x32y32_64x64.npz",
        label_names=("scale", "orientation", "x", "y"),
    ),
    "folder": Published(reader="folder", shape=None, files="a folder for each class"),
    "trajectory": Published(
        reader="trajectories",
        shape=(50, 12),
        files="train.npy, test.npy and recording.json",
    ),
}


def shape_of(dataset: str, images: ImagesConfig | None) -> tuple[int, ...]:
    """Returns the shape of one state; of sequences, the usual one.

    Raises:
        ValueError: If the name is unknown, or `images` is missing or of no use.
    """
    checks.require_choice("dataset", dataset, DATASETS)
    shape = DATASETS[dataset].shape
    if shape is not None:
        checks.require(images is None, "images", f"null for {dataset}", images)
        return shape
    rule = f"given: images of {dataset} come in any size"
    checks.require(images is not None, "images", rule, images)
    return (images.size, images.size, images.channels)
