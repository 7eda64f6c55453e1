"""Every number of every configuration has an upper bound, told in one line."""

import copy
import dataclasses
import typing

import pytest

from ebm_tf import checks, settings
from pipeline.settings import presets
from pipeline.settings.config import RunConfig

_AUGMENT = {"prob": 0.5, "flip": True, "max_shift": 1, "border": "edge"}
_LAYERS = {
    "activation": "swish",
    "kernel_initializer": "unit_normal",
    "normalize_head": False,
}
_RESNET = {
    "kind": "resnet",
    "stem_filters": 4,
    "stage_filters": [4, 4],
    "stage_blocks": [1, 1],
    "head_activation": "relu",
    "attention_stage": 1,
} | _LAYERS
_CHAIN = {"num_steps": 500, "step_size": 10.0, "noise_std": 0.01}
# What no preset has, section by section; each is tried by itself.
_OTHERS = (
    {
        "ingest": {
            "images": {
                "size": 8,
                "channels": 1,
                "corrupt": "fail",
                "test_share": 0.5,
            }
        }
    },
    {"energy": _RESNET | {"num_classes": 3}},
    {"energy": _RESNET | {"label_dims": 3}},
    {"energy": {"kind": "multi_scale", "num_scales": 2, "network": _RESNET}},
    {"energy": {"kind": "ensemble", "num_members": 2, "network": _RESNET}},
    {"energy": {"kind": "mlp", "widths": [8, 8], "scale": 2.0} | _LAYERS},
    {"train": {"augment": _AUGMENT, "objective": {"replay": {"augment": _AUGMENT}}}},
    {
        "train": {
            "objective": {
                "chain_schedule": {
                    "shape": "linear",
                    "step_factor": 0.5,
                    "noise_factor": 0.5,
                },
                "step_energy_scale": 1.0,
                "langevin": {"grad_clip": 0.1},
            }
        }
    },
    {
        "train": {
            "objective": {
                "hmc": {
                    "num_leapfrog": 2,
                    "step_size": 0.1,
                    "target_accept": 0.7,
                    "adapt_rate": 0.1,
                }
            }
        }
    },
    {
        "train": {
            "objective": {
                "kl": {
                    "weight": 1.0,
                    "entropy_weight": 1.0,
                    "neighbour": 1,
                    "num_grad_steps": 1,
                },
                "gradient_penalty_weight": 1.0,
                "classifier_weight": 1.0,
            }
        }
    },
    {
        "train": {
            "objective": {
                "kind": "denoising",
                "noise_std": 0.1,
                "l2_weight": 1.0,
                "temperature": 0.1,
            },
            "optimizer": {"num_sigmas": 3.0, "ema_decay": 0.5},
        }
    },
    {
        "train": {
            "recovery": {
                "max_retries": 1,
                "window": 2,
                "max_gap": 1.0,
                "max_gradient_norm": 1.0,
                "max_saturated_share": 0.5,
                "min_movement": 0.1,
                "steps_factor": 1.5,
                "learning_rate_factor": 0.5,
                "step_size_factor": 0.5,
            }
        }
    },
    {"sample": {"sampler": {"kind": "langevin", "grad_clip": 0.1} | _CHAIN}},
    {
        "sample": {
            "sampler": {"kind": "annealed", "first_noise_std": 0.1, "grad_clip": 0.1}
            | _CHAIN
        }
    },
    {"sample": {"sampler": {"kind": "mala"} | _CHAIN}},
    {
        "sample": {
            "sampler": {
                "kind": "hmc",
                "num_steps": 500,
                "num_leapfrog": 2,
                "step_size": 0.1,
                "temperature": 0.1,
                "adapt": {"num_steps": 3, "target_accept": 0.7},
            },
            "process": None,
        }
    },
    {
        "evaluate": {
            "gates": {
                "max_energy_gap": 1.0,
                "min_confident_share": 0.5,
                "min_class_share": 0.5,
                "max_image_metrics": {"frechet_classifier": 40.0},
                "min_image_metrics": {"coverage_classifier": 0.5},
            },
            "image_metrics": {"num_train": 2000},
            "likelihood": {"beta": 1.0, "scan": {"span": 2.0}},
        }
    },
    {"export": {"stablehlo": {"num": 1, "num_steps": 1}}},
)


def _merged(data: dict, changes: dict) -> dict:
    """Returns `data` with changes; of another kind, a block is replaced."""
    found = dict(data)
    for key, value in changes.items():
        old = found.get(key)
        same = isinstance(old, dict) and isinstance(value, dict)
        if same and value.get("kind", old.get("kind")) == old.get("kind"):
            found[key] = _merged(old, value)
        else:
            found[key] = copy.deepcopy(value)
    return found


def _configurations() -> list[dict]:
    """Returns resolved settings that have every block there is."""
    found = [presets.read_preset(name)[1] for name in presets.preset_names()]
    mnist = presets.read_preset("mnist")[1]
    for changes in _OTHERS:
        config = settings.from_dict(RunConfig, _merged(mnist, changes))
        found.append(settings.to_dict(config))
    return found


def _numbers(config, path=()):
    """Yields class, name, path and type of each number that a configuration has."""
    hints = typing.get_type_hints(type(config))
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        here = (*path, field.name)
        blocks = value.items() if isinstance(value, dict) else ()
        for name, block in [*blocks, (None, value)]:
            if dataclasses.is_dataclass(block):
                yield from _numbers(block, here if name is None else (*here, name))
        kinds = _kinds(hints[field.name])
        number = kinds & {int, float}
        if number and value is not None:
            here = (*here, next(iter(value))) if isinstance(value, dict) else here
            yield type(config), field.name, here, number.pop()


def _kinds(annotation) -> set:
    """Returns the types that an annotation is made of."""
    parts = typing.get_args(annotation)
    return set().union(*map(_kinds, parts)) if parts else {annotation}


def _classes(cls, seen: set) -> set:
    """Returns the classes of configurations that one is made of, itself included.

    What registers itself is tried below too, as far as there are settings of it here.
    """
    is_registry = "_choices" in vars(cls)
    if cls not in seen and not is_registry:
        seen.add(cls)
        for hint in typing.get_type_hints(cls).values():
            for kind in _kinds(hint):
                if dataclasses.is_dataclass(kind):
                    _classes(kind, seen)
    return seen


CONFIGURATIONS = _configurations()


def _cases() -> dict:
    """Returns class and name of every number -> settings, path and type."""
    found = {}
    for data in CONFIGURATIONS:
        config = settings.from_dict(RunConfig, data)
        for cls, name, path, kind in _numbers(config):
            found.setdefault((cls, name), (data, path, kind))
    return found


CASES = _cases()


def test_every_number_there_can_be_is_tried():
    wanted = set()
    for cls in _classes(RunConfig, set()):
        hints = typing.get_type_hints(cls)
        wanted |= {
            (cls, field.name)
            for field in dataclasses.fields(cls)
            if _kinds(hints[field.name]) & {int, float}
        }
    assert wanted <= set(CASES), wanted - set(CASES)
    assert len(CASES) > 100


def _replaced(data: dict, path: tuple, value) -> dict:
    data = copy.deepcopy(data)
    node = data
    for name in path[:-1]:
        node = node[name]
    last = node[path[-1]]
    node[path[-1]] = [*last[:-1], value] if isinstance(last, list) else value
    return data


_WRONG = {int: (2**31, 10**400, -(2**31)), float: (1e39, 1e-46, 10**400, -1e39)}


@pytest.mark.parametrize("key", CASES, ids=lambda key: f"{key[0].__name__}.{key[1]}")
def test_number_that_the_computation_cannot_hold_is_refused(key):
    data, path, kind = CASES[key]
    for value in _WRONG[kind]:
        with pytest.raises(checks.InputError) as caught:
            settings.from_dict(RunConfig, _replaced(data, path, value))
        text = str(caught.value)
        assert text.startswith(f"`{'.'.join(path)}` must be"), text
        assert "\n" not in text
