"""Chains that walk through noise levels, from noise alone down to a state."""

import dataclasses
from typing import ClassVar

from ebm_tf import checks
from ebm_tf.sampling.samplers import SamplerConfig

METHODS = ("ancestral", "heun")


@dataclasses.dataclass(frozen=True, kw_only=True)
class ReverseDiffusionSampler(SamplerConfig):
    """One step for each noise level; the last returns the state without noise.

    For an energy of noise levels. Wherever a chain was started, it begins at the
    highest level, unless `start_level` says that the start is to be kept.

    Attributes:
        num_steps: Noise levels that a chain walks through, > 0.
        method: "ancestral": noise is drawn anew at each level; "heun": without noise,
            two slopes a level.
        rho: How levels are spaced: evenly in `sigma**(1 / rho)`, 1 to 100.
        last_level: The lowest level, > 0, not below the energy's; null for that.
        start_level: The level of the noise that is put on the start, > 0, not above
            the energy's highest; null to begin with noise alone.
        corrections: Langevin steps at each level, after the step to it.
        correction_size: Their size in units of the level, > 0.
        guidance: How much surer of their class than the energy itself states are to
            be, at least 0; above it every class is asked at every step.
    """

    kind: ClassVar[str] = "reverse_diffusion"
    takes_row_seeds: ClassVar[bool] = True
    depends_on_num_steps: ClassVar[bool] = True
    walks_levels: ClassVar[bool] = True
    method: str = "ancestral"
    rho: float = 7.0
    last_level: float | None = None
    start_level: float | None = None
    corrections: int = 0
    correction_size: float = 0.1
    guidance: float = 0.0

    def __post_init__(self):
        super().__post_init__()
        checks.require_choice("method", self.method, METHODS)
        checks.require_number("rho", self.rho, low=1, high=100)
        for name in ("last_level", "start_level"):
            if getattr(self, name) is not None:
                checks.require_number(name, getattr(self, name), above=0)
        checks.require_count("corrections", self.corrections, low=0, high=1000)
        checks.require_number("correction_size", self.correction_size, above=0)
        checks.require_number("guidance", self.guidance, low=0)

    def require_energy(self, noise_levels, num_classes: int | None) -> None:
        """Raises ValueError if the energy cannot be walked as the settings say.

        Args:
            noise_levels: Those of the energy, with `low` and `high`, or None.
            num_classes: Those of the energy, or None.
        """
        super().require_energy(noise_levels, num_classes)
        self._ends(noise_levels)
        if self.guidance:
            rule = "0 for an energy without classes"
            checks.require(num_classes is not None, "guidance", rule, self.guidance)

    def ladder(self, levels):
        """Returns the levels that a chain walks through, a `Ladder`.

        Args:
            levels: Those of the energy, a `NoiseLevel`.

        Raises:
            ValueError: If one that the settings name is none of the energy's.
        """
        from ebm_tf.sampling.reverse_diffusion import Ladder

        high, low = self._ends(levels)
        return Ladder(high=high, low=low, num=self.num_steps, rho=self.rho)

    def _ends(self, levels) -> tuple[float, float]:
        high, low = self.start_level or levels.high, self.last_level or levels.low
        rule = f"at most {levels.high:g}, the highest level of the energy"
        checks.require(high <= levels.high, "start_level", rule, self.start_level)
        rule = f"from {levels.low:g}, the energy's lowest level, to {high:g}"
        checks.require(levels.low <= low <= high, "last_level", rule, self.last_level)
        return high, low

    def kernel_at(self, box):
        """Returns the step of each level; it asks for an energy of noise levels."""
        from ebm_tf import rng
        from ebm_tf.sampling import reverse_diffusion

        def kernel_of(k):
            def kernel(energy_fn, x, seed):
                reverse_diffusion.require_levels(energy_fn, "sampler.kind", self.kind)
                ladder = self.ladder(energy_fn.noise_levels)
                if self.guidance:
                    energy_fn = reverse_diffusion.guided(energy_fn, self.guidance)
                start_seed, seed = rng.split(seed, 2)
                return reverse_diffusion.walk_down(
                    x,
                    (k, self.num_steps),
                    box,
                    start=lambda: self._start(energy_fn, x, ladder, start_seed),
                    step=lambda y: self._step(energy_fn, y, ladder, k, seed),
                )

            return kernel

        return kernel_of

    def _start(self, energy_fn, x, ladder, seed):
        import tensorflow as tf

        from ebm_tf import rng

        if self.start_level is None:
            return energy_fn.widest(tf.shape(x)[0], seed)
        return x + ladder.high * rng.normal(seed, tf.shape(x))

    def _step(self, energy_fn, y, ladder, k, seed):
        import tensorflow as tf

        from ebm_tf import rng
        from ebm_tf.sampling import reverse_diffusion as steps

        step_seed, correct_seed = rng.split(seed, 2)
        sigma, lower = ladder.at(k), ladder.at(k + 1)
        if self.method == "heun":
            moved = steps.heun_step(energy_fn, y, sigma, lower)
        else:
            clean = steps.denoised(energy_fn, y, sigma)
            moved = steps.ancestral_step(clean, y, sigma, lower, step_seed)
        if not self.corrections:
            return moved
        return tf.cond(
            lower > 0.0,
            lambda: steps.correct(
                energy_fn,
                moved,
                lower,
                correct_seed,
                num=self.corrections,
                size=self.correction_size,
            ),
            lambda: moved,
        )
