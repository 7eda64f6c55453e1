"""A trained energy as a TensorFlow SavedModel, which runs where ebm_tf is not.

The signatures, by name; a conditional model also takes `labels` in all but `classify`,
classes, `int32 [B]`, or numbers in [0, 1], `float32 [B, K]`, or `noise_level`,
`float32 [B]`, or both; one with classes alone has `classify`:

    energy(images)                     -> energy: float32 [B], nats
    sample(num, seed, num_steps)       -> images: new chains, from noise
    refine(images, seed, num_steps)    -> images: chains from the given images
    classify(images)                   -> label: int32 [B], the class of least
                                          energy; energies: float32 [B, classes]
    draw(seeds, num_steps)             -> images: new chains, each from a seed of its
                                          own, int32 [B, 2]

`draw` is for a server that puts requests together: at one B, an image depends on its
own seed and condition and on nothing else, bit for bit, wherever in the batch it is.

Images are float32 `[B, H, W, C]` within the box, seeds `int32 [2]`, `num` and
`num_steps` int32 scalars. One seed gives the same images every time. The size of
a step, the noise and the gradient clip are those the model was exported with.
Requests out of bounds fail with a message that names the argument, the rule and
the value; a wrong dtype does not get past the signature.
"""

import os
import types

import tensorflow as tf

from ebm_tf import checks, conditions, rng
from ebm_tf.box import StateSpace
from ebm_tf.conditions import Classes
from ebm_tf.energy.build import bind_condition
from ebm_tf.energy.model import EnergyModel
from ebm_tf.export import validation, warmup
from ebm_tf.sampling.driver import run_chain
from ebm_tf.sampling.samplers import SamplerConfig

# TensorFlow Serving looks for numbered folders and serves the largest number.
VERSION = "1"
# Another process writes them with other numbers, of the same model: see `graph_hash`.
FILES_OF_THE_PROCESS = (f"{VERSION}/fingerprint.pb", f"{VERSION}/saved_model.pb")
# Warm-up requests must name a model; Serving is told the name when it starts.
MODEL_NAME = "ebm"


class ServedEnergy(tf.Module):
    """The functions that a SavedModel's signatures call, each compiled as a graph.

    No XLA within: it would compile anew for every batch size, and be slower on a
    CPU.

    Args:
        model: An energy network.
        box: Its state space; `sample` starts from its noise.
        sampler: The chains; `num_steps` is an argument of the signatures instead,
            and annealed noise falls as in a chain of the sampler's own number.
        max_num: Largest number of images of one call.
        max_steps: Largest number of steps of one call.

    Attributes:
        functions: `tf.function` of each signature, by name.
    """

    def __init__(
        self,
        model: EnergyModel,
        box: StateSpace,
        sampler: SamplerConfig,
        *,
        max_num: int,
        max_steps: int,
    ):
        super().__init__(name="served_energy")
        checks.require_count("max_num", max_num)
        checks.require_count("max_steps", max_steps)
        # What a SavedModel saves are the variables its root object can reach.
        self.weights = [variable.value for variable in model.variables]
        self._box, self._kernel_at = box, sampler.kernel_at(box)
        self._takes_row_seeds = sampler.takes_row_seeds
        self._max_num, self._max_steps = max_num, max_steps
        self._shape, self._space = model.state_shape, model.condition_space
        # The functions of a dict would be saved once more, beside the signatures.
        self.functions = types.MappingProxyType(self._make_signatures(model))

    def _make_signatures(self, model: EnergyModel) -> dict:
        images = tf.TensorSpec((None, *self._shape), tf.float32, "images")
        specs = conditions.specs(self._space)
        condition = list(conditions.by_name(self._space, specs).values())
        num = tf.TensorSpec((), tf.int32, "num")
        seed = tf.TensorSpec((2,), tf.int32, "seed")
        num_steps = tf.TensorSpec((), tf.int32, "num_steps")
        seeds = tf.TensorSpec((None, 2), tf.int32, "seeds")

        def energy(images, *condition):
            images = self._checked(images)
            energy_fn = self._bind(model, tf.shape(images)[0], condition)
            return {"energy": energy_fn(images)}

        def refine(images, *rest):
            *condition, seed, num_steps = rest
            images = self._checked(images)
            energy_fn = self._bind(model, tf.shape(images)[0], condition)
            return {"images": self._run_chains(energy_fn, images, seed, num_steps)}

        def sample(num, *rest):
            *condition, seed, num_steps = rest
            num = validation.in_range("num", num, 1, self._max_num)
            energy_fn = self._bind(model, num, condition)
            return {"images": self._new_chains(energy_fn, seed, num_steps, num)}

        def draw(seeds, *rest):
            *condition, num_steps = rest
            num = tf.shape(validation.seeds(seeds, self._max_num))[0]
            condition = self._checked_condition(num, condition)
            if self._takes_row_seeds:
                energy_fn = self._bind_checked(model, condition)
                return {"images": self._new_chains(energy_fn, seeds, num_steps)}

            def alone(row):
                seed, *own = (part[tf.newaxis] for part in row)
                energy_fn = self._bind_checked(model, own)
                return self._new_chains(energy_fn, seed[0], num_steps)[0]

            rows = seeds, *condition
            return {"images": tf.map_fn(alone, rows, fn_output_signature=tf.float32)}

        def classify(images):
            energies = self._class_energies(model, self._checked(images))
            label = tf.argmin(energies, axis=1, output_type=tf.int32)
            return {"label": label, "energies": energies}

        signatures = {
            "energy": (energy, [images, *condition]),
            "sample": (sample, [num, *condition, seed, num_steps]),
            "draw": (draw, [seeds, *condition, num_steps]),
            "refine": (refine, [images, *condition, seed, num_steps]),
        }
        if isinstance(self._space, Classes):
            signatures["classify"] = (classify, [images])
        return {name: _compile(fn, specs) for name, (fn, specs) in signatures.items()}

    def smallest_requests(self) -> dict[str, dict[str, tf.Tensor]]:
        """Returns inputs of every signature: one image, one step."""
        low = self._box.low if self._box.is_bounded else 0.0
        values = {
            "images": tf.fill((1, *self._shape), float(low)),
            "num": tf.constant(1),
            "seeds": tf.zeros((1, 2), tf.int32),
            "seed": tf.zeros((2,), tf.int32),
            "num_steps": tf.constant(1),
        }
        smallest = conditions.smallest(self._space)
        values |= conditions.by_name(self._space, smallest)
        return {
            name: {spec.name: values[spec.name] for spec in fn.input_signature}
            for name, fn in self.functions.items()
        }

    def _checked(self, images):
        return validation.images(images, self._box, self._max_num)

    def _bind(self, model, num, condition):
        """Returns the energy at `condition`, a list of its tensors."""
        return self._bind_checked(model, self._checked_condition(num, condition))

    def _checked_condition(self, num, condition) -> list:
        parts = conditions.parts_of(self._space).values()
        pairs = zip(condition, parts, strict=True)
        return [validation.labels(value, num, part) for value, part in pairs]

    def _bind_checked(self, model, condition):
        named = dict(zip(conditions.parts_of(self._space), condition, strict=True))
        return bind_condition(model, conditions.from_names(self._space, named))

    def _new_chains(self, energy_fn, seed, num_steps, num=1):
        """Returns `num` chains from noise, or one for each row of seeds."""
        if rng.is_by_row(seed):
            num = tf.shape(seed)[0]
        noise_seed, chain_seed = rng.split(seed, 2)
        x = self._box.noise(noise_seed, tf.stack([num, *self._shape]))
        x = tf.ensure_shape(x, (None, *self._shape))
        return self._run_chains(energy_fn, x, chain_seed, num_steps)

    def _run_chains(self, energy_fn, x, seed, num_steps):
        num_steps = validation.in_range("num_steps", num_steps, 1, self._max_steps)
        moved = run_chain(
            self._kernel_at, energy_fn, x, seed, first=0, num_steps=num_steps
        )
        return moved.x

    def _class_energies(self, model, images):
        """Returns the energy of each image under each label: `[B, classes]`."""

        def of_class(label):
            return model(images, tf.fill(tf.shape(images)[:1], label))

        by_class = tf.map_fn(
            of_class,
            tf.range(self._space.num),
            fn_output_signature=tf.TensorSpec((None,), tf.float32),
            parallel_iterations=1,
        )
        return tf.transpose(by_class)


def _compile(fn, specs: list[tf.TensorSpec]):
    """Returns `fn` as a graph that first looks at the shapes of its arguments."""

    def checked(*args):
        named = zip(specs, args, strict=True)
        return fn(*(validation.shape(spec.name, arg) for spec, arg in named))

    return tf.function(checked, input_signature=specs, autograph=False)


def export_saved_model(served: ServedEnergy, folder: str) -> dict:
    """Writes a SavedModel to `folder/1`, the layout of TensorFlow Serving.

    With it go requests for Serving to warm up by, the smallest of each signature.

    Args:
        served: What to write.
        folder: An existing folder.

    Returns:
        What each signature takes and gives: `{signature: {"inputs": {name:
        "DTYPE SHAPE"}, "outputs": {...}}}`.
    """
    path = os.path.join(folder, VERSION)
    # Traced here: `save` traces for itself, and `_describe` would trace again.
    graphs = {name: fn.get_concrete_function() for name, fn in served.functions.items()}
    tf.saved_model.save(served, path, signatures=graphs)
    warmup.write_warmup(path, MODEL_NAME, served.smallest_requests())
    return {
        name: _describe(fn.input_signature, graphs[name])
        for name, fn in served.functions.items()
    }


def _describe(input_signature, concrete) -> dict:
    inputs = {spec.name: _text(spec) for spec in input_signature}
    outputs = {name: _text(spec) for name, spec in concrete.structured_outputs.items()}
    return {"inputs": inputs, "outputs": outputs}


def _text(spec) -> str:
    dims = ", ".join("B" if dim is None else str(dim) for dim in spec.shape)
    return f"{spec.dtype.name} [{dims}]"
