"""What one visitor has set, what runs for them, and what they see.

No library for pages here: `page` draws what this holds.
"""

import dataclasses

from ebm_tf import checks

from . import canvas, chains, fields, offered, player, request
from .subject import IMAGE, POINT, Subject
from .worker import Worker

_NUM_IMAGES, _NUM_POINTS = 16, 64


@dataclasses.dataclass
class Form:
    """What a visitor has set; nothing of it is checked before it is used.

    Attributes:
        kind: Of the sampler.
        values: Its settings that are not the first ones, by the kind of the sampler.
        num_chains: How many.
        seed: Of all noise.
        temperature: A factor.
        label: None, a class, or the numbers of a label as text, with commas.
        rule: How the second label is joined; None for none.
        second: The second label.
        level: The noise level of chains that stay at one.
    """

    kind: str
    values: dict[str, dict]
    num_chains: int
    seed: int = 0
    temperature: float = 1.0
    label: object = None
    rule: str | None = None
    second: object = None
    level: float | None = None


class Session:
    """The state of one visitor.

    Args:
        subject: The model.
        worker: Who runs the chains.
        max_work: Largest number of chains times gradients of one request.

    Attributes:
        form: What is set.
        samplers: Those that there are to choose from, by kind.
        player: The chains that run, and their frames.
        canvas: What is filled in.
    """

    def __init__(self, subject: Subject, worker: Worker, max_work: int):
        self.subject, self._max_work = subject, max_work
        self.player = player.Player(worker)
        self.canvas = canvas.Canvas(subject.shape, subject.space)
        is_point = subject.shown_as == POINT
        num = _NUM_POINTS if is_point else _NUM_IMAGES
        own = subject.sampler, subject.levels, subject.energy.num_classes
        self.samplers = {
            kind: self._affordable(sampler, num)
            for kind, sampler in offered.samplers(*own).items()
        }
        levels = subject.levels
        self.form = Form(
            kind=next(iter(self.samplers)),
            values={},
            num_chains=num,
            label=self._first_label(),
            level=None if levels is None else offered.first_level(levels),
        )

    def _affordable(self, sampler, num: int):
        """Returns a sampler with as few steps as one request may take."""
        work = num * fields.work(sampler, self.subject.energy.num_classes)
        if work <= self._max_work:
            return sampler
        steps = max(1, sampler.num_steps * self._max_work // work)
        return dataclasses.replace(sampler, num_steps=steps)

    def _first_label(self):
        labels = self.subject.labels
        if labels is None:
            return None
        if not hasattr(labels, "num"):
            return ", ".join(["0.5"] * labels.num_dims)
        return 0 if self.subject.shown_as == POINT else None

    @property
    def sampler(self):
        """The chosen sampler, with the settings that it begins with."""
        checks.require_choice("sampler", self.form.kind, self.samplers)
        return self.samplers[self.form.kind]

    @property
    def num_choices(self) -> tuple[int, ...]:
        """How many chains there may be."""
        is_point = self.subject.shown_as == POINT
        return request.NUM_POINTS if is_point else request.NUM_IMAGES

    @property
    def can_fill(self) -> bool:
        """Whether a state can be drawn into."""
        return self.subject.shown_as == IMAGE

    def controls(self) -> list[fields.Control]:
        """Returns the controls of the chosen sampler."""
        unit = "pixels" if self.subject.shown_as == IMAGE else "units"
        return fields.controls(self.sampler, unit)

    def value(self, name: str):
        """Returns what a control of the chosen sampler is at."""
        values = self.form.values.get(self.form.kind, {})
        return values.get(name, getattr(self.sampler, name))

    def set_value(self, name: str, value) -> None:
        """Sets a control of the chosen sampler."""
        self.form.values.setdefault(self.form.kind, {})[name] = value

    def asked(self) -> request.Request:
        """Returns what the form asks for.

        Raises:
            ValueError, TypeError: If something in it does not fit.
        """
        form, hole = self.form, self.canvas.hole()
        made = request.Request(
            sampler=self._set_sampler() if hole is None else self.filling_sampler(),
            num_chains=fields.whole(form.num_chains),
            seed=fields.whole(form.seed),
            temperature=form.temperature,
            label=self._label(form.label),
            second=self._label(form.second) if form.rule else None,
            rule=form.rule,
            level=form.level,
            hole=hole,
        )
        request.require(made, self.subject, self._max_work)
        return made

    def _set_sampler(self):
        values = self.form.values.get(self.form.kind, {})
        return fields.with_values(self.sampler, values)

    def filling_sampler(self):
        """Returns the sampler as set, with the steps that filling in adds to it.

        Raises:
            ValueError, TypeError: If a setting does not fit.
        """
        return chains.filling(self._set_sampler())

    def _label(self, value):
        labels = self.subject.labels
        if value is None or labels is None:
            return None
        if hasattr(labels, "num"):
            return fields.whole(value)
        words = str(value).replace(",", " ").split()
        try:
            return tuple(float(word) for word in words)
        except ValueError:
            rule = f"{labels.num_dims} numbers, with commas between them"
            return checks.require(False, "label", rule, value)

    def draw(self) -> bool:
        """Begins the chains that the form asks for, in place of what runs.

        Returns whether it did; if not, the player says why, and all else stays.
        """
        try:
            asked = self.asked()
        except checks.InputError as error:
            self.player.tell(str(error))
            return False
        self.player.begin(lambda: chains.frames(self.subject, asked))
        return True

    def pick(self, frame: chains.Frame, number: int) -> None:
        """Takes a state of a frame to be filled in."""
        if self.can_fill and 0 <= number < len(frame.states):
            self.canvas.take(frame.states[number])

    def take_example(self) -> None:
        """Takes a test example, that of the seed, or says why there is none."""
        try:
            self.canvas.take(self.subject.example(fields.whole(self.form.seed)))
            self.player.tell("")
        except checks.InputError as error:
            self.player.tell(str(error))

    def paint(self, bits: str) -> None:
        """Takes what is drawn on the picture, see `Canvas.paint`, and begins anew."""
        try:
            self.canvas.paint(bits)
        except checks.InputError as error:
            self.player.tell(str(error))
        else:
            self.draw()

    def close(self) -> None:
        """Ends what runs: the visitor has left."""
        self.player.close()
