"""Chains of a request as frames: states on their way, and their energies.

Samplers, masks and compositions are the library's. Steps are run one by one, so that
other visitors have their turn between them, and nobody waits for who has left.
TensorFlow is imported here.
"""

import dataclasses
import functools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from ebm_tf import checks, conditions, rng
from ebm_tf.energy import composition
from ebm_tf.energy.build import bind_condition
from ebm_tf.energy.joined import JoinedEnergy
from ebm_tf.sampling.chain_batches import start_states
from ebm_tf.sampling.driver import run_chain
from ebm_tf.sampling.tethered import level_at
from ebm_tf.studies.common.masked import MaskedEnergy

from .request import AND, NOT, Request
from .subject import POINT, Subject

MAX_FRAMES = 60
# Of the states of all frames of one visitor: of large pictures there are fewer.
_MAX_BYTES = 2**25
# "A and not B" is 1.5 A - 0.5 B: away from B as far as A allows.
_WEIGHTS = {AND: (0.5, 0.5), NOT: (1.5, -0.5)}
# Energies of the landscape, along each side.
_SIDE = 96
# How far a landscape of an open space reaches from the mean, in deviations.
_REACH = 3.5


class Landscape(NamedTuple):
    """Energies in the plane.

    Attributes:
        energies: Float32 `[side, side]`, nats; row 0 is the highest y.
        low: Smallest x and y, float32 `[2]`.
        high: Largest.
    """

    energies: np.ndarray
    low: np.ndarray
    high: np.ndarray


class Frame(NamedTuple):
    """Chains at one moment.

    Attributes:
        step: How many steps are done.
        num_steps: Of the whole chain.
        level: The noise level that the states are at; None for an energy without.
        states: As they are stored, `[N, ...]`; of points as they are.
        energies: Float32 `[N]`, nats, at the level.
        temperature: That chains are at in the end, nats; None where nothing says it.
        accept_prob: Mean acceptance probability so far; None where none is rejected.
        landscape: Of points in the plane, else None.
    """

    step: int
    num_steps: int
    level: float | None
    states: np.ndarray
    energies: np.ndarray
    temperature: float | None
    accept_prob: float | None
    landscape: Landscape | None


def frame_steps(num_steps: int, num_bytes: int = 1) -> set[int]:
    """Returns after how many steps a frame is shown, the start and the end included.

    Args:
        num_steps: Of the whole chain.
        num_bytes: Of the states of a frame.
    """
    num = max(1, min(num_steps, MAX_FRAMES, _MAX_BYTES // num_bytes))
    return {round(step) for step in np.linspace(0, num_steps, num + 1)}


def frames(subject: Subject, request: Request) -> Iterator[Frame | None]:
    """Runs the chains of a request step by step.

    Yields:
        After each step, and before the first, a frame where one is shown, else None.

    Raises:
        ValueError: If the chains leave what numbers can hold.
    """
    target = Target(subject, request)
    num_steps = request.sampler.num_steps
    num_bytes = request.num_chains * subject.state_bytes
    shown, total = frame_steps(num_steps, num_bytes), 0.0
    x, advance = target.start(), _step_of(subject, request.sampler, target)
    yield target.frame(x, 0, 0.0)
    for step in range(num_steps):
        moved = advance(x, tf.constant(step))
        x, total = moved.x, total + float(tf.reduce_mean(moved.accept_prob))
        done = step + 1
        yield target.frame(x, done, total / done) if done in shown else None


def _step_of(subject: Subject, sampler, target: "Target"):
    """Returns `(x, k) -> Chain`: step k of a chain."""
    kernel_at = sampler.kernel_at(subject.space)

    def advance(x, k):
        one = tf.constant(1)
        return run_chain(
            kernel_at, target.cooled, x, target.chain_seed, first=k, num_steps=one
        )

    # TensorFlow Probability's transitions take 20 times as long without a graph.
    if sampler.is_metropolis:
        return tf.function(advance, autograph=False)
    return advance


class Target:
    """The energy of a request, and where its chains start.

    Attributes:
        energy: Before its temperature.
        cooled: What chains run on.
        chain_seed: `int32[2]`.
    """

    def __init__(self, subject: Subject, request: Request):
        self._subject, self._request = subject, request
        seeds = rng.split(rng.make_seed(request.seed), 4)
        self._start_seed, self.chain_seed, self._mask_seed, known_seed = seeds
        self._known = None
        self._shape = (request.num_chains, *subject.shape)
        if request.hole is not None:
            known = subject.space.decode(tf.constant(request.hole.known), known_seed)
            self._known = tf.broadcast_to(known, self._shape)
        self.energy = self._masked(self._joined(request.num_chains))
        self.cooled = self._tempered(self.energy)

    def _tempered(self, energy):
        temperature = self._request.temperature
        if temperature == 1.0:
            return energy
        join = functools.partial(composition.all_of, weights=[1.0 / temperature])
        return JoinedEnergy(join, [energy])

    def _bound(self, label, num: int):
        """Returns the energy at a label, None for all in turn, of `num` rows."""
        space = self._subject.energy.condition_space
        parts = conditions.by_name(space, conditions.in_turn(space, 0, num))
        if "noise_level" in parts:
            levels = self._subject.levels
            level = self._request.level
            level = levels.low if self._walks else level
            parts["noise_level"] = np.full(num, level, np.float32)
        if label is not None:
            own = np.asarray(label, parts["labels"].dtype)
            parts["labels"] = np.broadcast_to(own, parts["labels"].shape)
        parts = {name: tf.constant(part) for name, part in parts.items()}
        condition = conditions.from_names(space, parts)
        return bind_condition(self._subject.energy, condition)

    def _joined(self, num: int):
        request = self._request
        first = self._bound(request.label, num)
        if request.rule is None:
            return first
        energies = [first, self._bound(request.second, num)]
        if request.rule in _WEIGHTS:
            weights = _WEIGHTS[request.rule]
            join = functools.partial(composition.all_of, weights=weights)
        else:
            temperature = self._temperature or self._request.temperature
            join = functools.partial(composition.any_of, temperature=temperature)
        return JoinedEnergy(join, energies)

    @property
    def _temperature(self) -> float | None:
        """The temperature that chains end at, nats, where settings say it."""
        own = getattr(self._request.sampler, "temperature", None)
        return None if own is None else own * self._request.temperature

    def _masked(self, energy):
        if self._known is None:
            return energy
        noise = rng.normal(self._mask_seed, self._shape)
        is_unknown = tf.constant(self._request.hole.is_unknown)
        sigma = None if self._walks else self._request.level
        return MaskedEnergy(energy, self._known, is_unknown, noise, sigma)

    @property
    def _walks(self) -> bool:
        return self._request.sampler.walks_levels

    def start(self) -> tf.Tensor:
        """Returns noise; of what is known but for a hole, noise in the hole."""
        x = start_states(self._subject.space, self._shape, None, self._start_seed)
        if self._known is None:
            return x
        return tf.where(self._request.hole.is_unknown, x, self._known)

    def frame(self, x: tf.Tensor, step: int, accept_prob: float) -> Frame:
        """Returns what is shown of states after a number of steps."""
        level = self._level(step)
        energy = self.energy
        if self._walks and level is not None:
            energy = energy.at_level(level)
        energies = energy(x).numpy()
        is_fine = bool(np.all(np.isfinite(energies)))
        rule = "such that chains stay where energies are numbers: take smaller steps"
        checks.require(is_fine, "step size", rule, f"lost after step {step}")
        shown = x
        if self._known is not None:
            shown = tf.where(self._request.hole.is_unknown, x, self._known)
        if self._subject.shown_as != POINT:
            shown = self._subject.space.encode(self._subject.space.clip(shown))
        return Frame(
            step=step,
            num_steps=self._request.sampler.num_steps,
            level=level,
            states=shown.numpy(),
            energies=energies,
            temperature=self._temperature,
            accept_prob=accept_prob if self._request.sampler.is_metropolis else None,
            landscape=self._landscape(level),
        )

    def _level(self, step: int) -> float | None:
        """Returns the noise level of states after a number of steps."""
        levels, sampler = self._subject.levels, self._request.sampler
        if levels is None:
            return None
        if not sampler.walks_levels:
            return self._request.level
        if hasattr(sampler, "ladder"):
            ladder = sampler.ladder(levels)
            return float(tf.maximum(ladder.at(step), ladder.low))
        return float(level_at(step, sampler.num_steps, levels.low, levels.high))

    def _landscape(self, level: float | None) -> Landscape | None:
        if self._subject.shown_as != POINT:
            return None
        if not self._walks and hasattr(self, "_drawn"):
            return self._drawn  # the same at every step
        low, high = _view(self._subject.space)
        x, y = (np.linspace(low[i], high[i], _SIDE) for i in range(2))
        points = np.stack(np.meshgrid(x, y[::-1]), axis=-1).reshape(-1, 2)
        energy = self._joined(len(points))
        if self._walks and level is not None:
            energy = energy.at_level(level)
        energies = energy(tf.constant(points, tf.float32)).numpy()
        self._drawn = Landscape(energies.reshape(_SIDE, _SIDE), low, high)
        return self._drawn


def _view(space) -> tuple[np.ndarray, np.ndarray]:
    """Returns the corners of what is shown of the plane, float32 `[2]` each."""
    if space.is_bounded:
        low, high = space.low, space.high
    else:
        mean, reach = np.asarray(space.mean), _REACH * np.max(space.std)
        low, high = mean - reach, mean + reach
    return tuple(np.broadcast_to(np.float32(end), (2,)) for end in (low, high))


def filling(sampler):
    """Returns a sampler as filling in asks for it.

    Of one that walks through levels, steps at each level with the known part held are
    what makes the rest go with it: those of the study `restoration`.
    """
    from ebm_tf.studies.restoration import RestorationConfig

    if getattr(sampler, "corrections", None) != 0:
        return sampler
    return dataclasses.replace(
        RestorationConfig().sampler_for("lower_half", sampler),
        num_steps=sampler.num_steps,
    )
