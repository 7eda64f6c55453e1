"""The left column of the page: what a visitor sets. NiceGUI's elements."""

import math
from collections.abc import Callable

from nicegui import ui

from . import fields, request
from .session import Session

_RULES = {None: "alone", "and": "and", "or": "or", "not": "and not"}
_NAMES = {
    "langevin": "Langevin",
    "annealed": "Langevin, noise falls",
    "mala": "Langevin, accept or reject",
    "hmc": "Hamiltonian",
    "reverse_diffusion": "down the noise levels",
    "recovery": "down the levels, held",
    "gradient_flow": "down the gradient",
    "walk_jump": "walk, then jump",
    "whitened_hmc": "Hamiltonian, whitened",
}
# Marks of a slider of logarithms, for each power of ten.
_PER_DECADE = 10


class Settings:
    """The controls; each calls `changed` once its value has settled.

    Args:
        session: Whose form they set.
        changed: Called after a change.
    """

    def __init__(self, session: Session, changed: Callable[[], None]):
        self._session, self._changed = session, changed
        self._form = session.form
        self._add_sampler()
        self._main = ui.element("div").style("display: contents")
        self._add_labels()
        if session.subject.levels is not None:
            self._level = ui.element("div").style("display: contents")
        self._add_chains()
        with ui.expansion("More settings").props("dense").classes("more"):
            self._more = ui.element("div").classes("col-of")
        self._fill()

    def _add_sampler(self) -> None:
        names = {kind: _NAMES.get(kind, kind) for kind in self._session.samplers}

        def choose(event):
            self._form.kind = event.value
            self._fill()
            self._changed()

        choice = ui.select(names, label="Sampler", value=self._form.kind)
        choice.on_value_change(choose).props("dense outlined").mark("sampler")

    def _fill(self) -> None:
        """Makes the controls of the chosen sampler."""
        session = self._session
        controls = session.controls()
        main = [c for c in controls if c.name in fields.MAIN]
        rest = [c for c in controls if c.name not in fields.MAIN]
        for place, some in ((self._main, main), (self._more, rest)):
            place.clear()
            with place:
                for control in some:
                    self._add_control(control)
        with self._more:
            self._add_number(
                *("Temperature", "times its own"),
                lambda: self._form.temperature,
                lambda value: setattr(self._form, "temperature", value),
                ends=(0.1, 10.0),
            ).mark("temperature")
        levels = session.subject.levels
        if levels is not None:
            self._level.clear()
            if not session.sampler.walks_levels:
                with self._level:
                    self._add_number(
                        *("Noise level", ""),
                        lambda: self._form.level,
                        lambda value: setattr(self._form, "level", value),
                        ends=(levels.low, levels.high),
                    ).mark("level")

    def _add_control(self, control: fields.Control) -> None:
        session, name = self._session, control.name

        def set_value(value):
            session.set_value(name, value)

        def settle(event):
            set_value(event.value)
            self._changed()

        value = session.value(name)
        if control.kind is fields.CHOICE:
            choice = ui.select(list(control.choices), label=control.label, value=value)
            choice.on_value_change(settle).props("dense outlined")
        elif control.kind is fields.SWITCH:
            ui.switch(control.label, value=value, on_change=settle).props("dense")
        else:
            ends, is_whole = None, control.kind is fields.WHOLE
            if value and name in fields.MAIN:
                ends = (1, 4 * value) if is_whole else (value / 100, value * 100)
            self._add_number(
                *(control.label, control.unit),
                lambda: session.value(name),
                set_value,
                ends=ends,
                is_whole=is_whole,
            ).mark(name)

    def _add_number(self, label, unit, get, set_value, *, ends=None, is_whole=False):
        """Adds a number that is typed, with a slider if its ends are given."""
        slider, value = None, get()

        def typed(event):
            if event.value == get():
                return
            set_value(event.value)
            if slider is not None and isinstance(event.value, (int, float)):
                slider.value = _place(event.value, ends, is_whole)
            self._changed()

        def slid(event):
            set_value(_at(event.args, ends, is_whole))
            number.value = get()
            self._changed()

        with ui.element("div").classes("setting"):
            with ui.element("div"):
                ui.label(label).classes("name")
                if unit:
                    ui.label(unit).classes("unit")
            number = ui.number(value=value, on_change=typed)
            number.props(f'dense outlined debounce=700 step=any aria-label="{label}"')
            if ends is not None:
                low, high = (_place(end, ends, is_whole) for end in ends)
                place = _place(value, ends, is_whole)
                slider = ui.slider(min=low, max=high, step=1, value=place)
                slider.props(f'dense aria-label="{label}"').on("change", slid)
        return number

    def _add_labels(self) -> None:
        labels = self._session.subject.labels
        if labels is None:
            return
        form = self._form
        first = self._add_label("Class", "label", {None: "each in turn"}).mark("label")

        def choose(event):
            form.rule = event.value
            second.set_visibility(form.rule is not None)
            if form.rule is not None:
                form.second = second.value
                if form.label is None:  # two classes are joined, not all of them
                    first.value = form.label = 0
            self._changed()

        rule = ui.select(_RULES, label="Joined to another", value=form.rule)
        rule.on_value_change(choose).props("dense outlined").mark("rule")
        second = self._add_label("Second class", "second", {}).mark("second")
        second.set_visibility(False)

    def _add_label(self, title: str, name: str, others: dict):
        """Adds a choice of a class, or a text of numbers."""
        subject, form = self._session.subject, self._form

        def settle(event):
            if getattr(form, name) != event.value:
                setattr(form, name, event.value)
                self._changed()

        if not hasattr(subject.labels, "num"):
            dims = subject.labels.num_dims
            title = f"{title.replace('class', 'label').replace('Class', 'Label')}"
            text = form.label if name == "label" else ", ".join(["0"] * dims)
            made = ui.input(f"{title}: {dims} numbers of [0, 1]", value=text)
            return made.on_value_change(settle).props("dense outlined debounce=700")
        names = subject.class_names or tuple(map(str, range(subject.labels.num)))
        options = others | dict(enumerate(names))
        value = form.label if name == "label" else min(1, len(names) - 1)
        made = ui.select(options, label=title, value=value)
        return made.on_value_change(settle).props("dense outlined")

    def _add_chains(self) -> None:
        form = self._form

        def set_num(event):
            form.num_chains = event.value
            self._changed()

        choices = list(self._session.num_choices)
        choice = ui.select(choices, label="Chains", value=form.num_chains)
        choice.on_value_change(set_num).props("dense outlined").mark("chains")

        def set_seed(value):
            form.seed = value

        self._seed = self._add_number("Seed", "", lambda: form.seed, set_seed)
        self._seed.mark("seed")

    def next_seed(self) -> None:
        """Takes another seed; the number's change calls `changed`."""
        seed = self._form.seed
        is_fine = isinstance(seed, (int, float)) and 0 <= seed < request.MAX_SEED
        self._seed.value = int(seed) + 1 if is_fine else 0


def _place(value: float, ends, is_whole: bool) -> int:
    """Returns the place of a value on a slider; logarithms are even but of counts."""
    if is_whole:
        return round(value)
    value = min(max(value, ends[0]), ends[1])
    return round(_PER_DECADE * math.log10(value))


def _at(place, ends, is_whole: bool):
    """Returns the value at a place of a slider, of three digits."""
    if is_whole:
        return int(place)
    return min(max(float(f"{10 ** (place / _PER_DECADE):.3g}"), ends[0]), ends[1])
