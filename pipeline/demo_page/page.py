"""The page: pictures that move, energies, a picture to draw on. NiceGUI's elements.

All that is seen is in a `Session`; a timer draws what has changed.
"""

import math
import pathlib

import numpy as np
from nicegui import ui

from ebm_tf import checks

from . import drawing
from .session import Session
from .setting import Settings
from .subject import IMAGE, POINT

_SECONDS = 0.1
_HERE = pathlib.Path(__file__).parent
_HINT = "Press one of the pictures to take it. Then draw on what is to be made anew."
_DRAWN = "The colored part is made anew, given the rest, in every chain."


class Painter(ui.element, component=_HERE / "look/painter.js"):
    """A picture to draw a mask on; its event "paint" brings the mask.

    Args:
        image: Uint8 `[H, W, C]`.
        brush: Width of the brush, pixels of the picture.
    """

    def __init__(self, image: np.ndarray, brush: float):
        super().__init__()
        height, width = image.shape[:2]
        self._props["source"] = drawing.png_url(image)
        self._props["width"], self._props["height"] = width, height
        self._props["brush"] = brush


class Page:
    """The page of one visitor.

    Args:
        session: What they have set and what they see.
    """

    def __init__(self, session: Session):
        self._session, self._subject = session, session.subject
        self._seen, self._has_begun, self._is_moved = -1, False, False
        self._head()
        with ui.element("div").classes("board"):
            with ui.element("div").classes("card set"):
                self._buttons()
                self._settings = Settings(session, self._draw)
            with ui.element("div").classes("card shown"):
                self._shown()
            with ui.element("div").classes("card curve"):
                ui.label("Energy of the chains").classes("sub")
                self._chart = ui.echart(drawing.chart()).classes("chart")
                ui.label(
                    "One gray line a chain, the mean in color; at the noise level of "
                    "each step."
                    if self._subject.levels is not None
                    else "One gray line a chain, the mean in color."
                ).classes("quiet")
            if session.can_fill:
                self._fill = ui.element("div").classes("card fill")
                self._fill_in()
        ui.timer(_SECONDS, self._refresh)

    def _head(self) -> None:
        add_style(self._subject.name)
        with ui.element("div").classes("head"):
            _heading(self._subject.name)
            ui.label(_about(self._subject)).classes("quiet")
        self._message = ui.label().classes("wrong").mark("message")
        self._message.props("role=alert")

    def _buttons(self) -> None:
        session = self._session
        with ui.element("div").classes("row-of"):
            draw = ui.button("Draw", on_click=self._draw).mark("draw")
            draw.props("unelevated no-caps")
            seed = ui.button("New seed", on_click=lambda: self._settings.next_seed())
            seed.props("outline no-caps").mark("new-seed")
            self._stop = ui.button("Stop", on_click=session.player.stop).mark("stop")
            self._stop.props("flat no-caps")

    def _shown(self) -> None:
        self._place = ui.element("div").style("width: 100%")
        self._images, self._plane = [], None
        with ui.element("div").classes("play"):
            again = ui.button(icon="replay", on_click=self._session.player.replay)
            again.props('flat round dense aria-label="Show again"')
            self._slider = ui.slider(min=0, max=1, step=1, value=0)
            self._slider.props('aria-label="Moment of the chains"')
            self._slider.on("update:model-value", self._seek, throttle=0.05)
        self._moment = ui.label().classes("quiet").mark("moment")

    def _seek(self, event) -> None:
        if isinstance(event.args, (int, float)):
            self._session.player.seek(event.args)

    def _draw(self) -> None:
        self._session.draw()

    def _refresh(self) -> None:
        if not self._has_begun:  # the visitor has a browser that is there
            self._has_begun = True
            self._draw()
        version = self._session.player.advance()
        if version == self._seen:
            return
        self._seen = version
        view = self._session.player.view()
        self._message.text = view.message
        self._message.set_visibility(bool(view.message))
        self._stop.set_visibility(view.is_running)
        if view.frame is None:
            self._moment.text = "waiting for the first step" if view.is_running else ""
            return
        self._slider.props(f"max={max(1, len(view.frames) - 1)}")
        self._slider.value = view.head
        self._moment.text = moment(view.frame)
        self._show(view.frame)
        steps = [frame.step for frame in view.frames]
        energies = np.stack([frame.energies for frame in view.frames])
        made = drawing.energy_chart(
            steps, energies, at=view.frame.step, num_steps=view.frame.num_steps
        )
        self._chart.options.update(made)
        self._chart.update()

    def _show(self, frame) -> None:
        self._frame = frame
        if self._subject.shown_as == IMAGE:
            self._show_pictures(frame)
        elif self._subject.shown_as == POINT:
            self._show_plane(frame)

    def _show_pictures(self, frame) -> None:
        if len(self._images) != len(frame.states):
            self._place.clear()
            columns = math.isqrt(len(frame.states))
            with self._place:
                place = ui.element("div").classes("pictures").mark("pictures")
                place.style(f"grid-template-columns: repeat({columns}, minmax(0, 1fr))")
                with place:
                    self._images = [self._picture(n) for n in range(len(frame.states))]
        space, shape = self._subject.space, self._subject.shape
        urls = drawing.pictures(frame.states, shape, space)
        for image, url in zip(self._images, urls):
            image.props["src"] = url

    def _picture(self, number: int):
        made = ui.element("img").props(f'alt="state of chain {number + 1}"')
        made.mark(f"picture-{number}").on("click", lambda: self._pick(number))
        return made

    def _show_plane(self, frame) -> None:
        land = frame.landscape
        if self._plane is None:
            self._place.clear()
            with self._place, ui.element("div").classes("plane").mark("plane"):
                image = ui.element("img").props('alt="energy in the plane"')
                self._plane = image, ui.html("", sanitize=False)
                self._land = None
        image, circles = self._plane
        if land is not self._land:
            image.props["src"], self._land = drawing.landscape(land.energies), land
        circles.content = drawing.particles(frame.states, land.low, land.high)

    def _pick(self, number: int) -> None:
        self._session.pick(self._frame, number)
        self._fill_in()

    def _example(self) -> None:
        self._session.take_example()
        self._fill_in()

    def _clear(self) -> None:
        self._session.canvas.clear()
        self._fill_in()

    def _forget(self) -> None:
        self._session.canvas.forget()
        self._fill_in()
        self._draw()

    def _fill_in(self) -> None:
        """Makes the panel of the picture that is drawn on."""
        self._fill.clear()
        is_taken = self._session.canvas.is_taken
        with self._fill:
            ui.label("Fill in").classes("sub")
            hint = _DRAWN + self._corrections() if is_taken else _HINT
            ui.label(hint).classes("quiet")
            if is_taken:
                image = self._session.canvas.picture()
                painter = Painter(image, max(1.0, image.shape[1] / 10))
                painter.on("paint", lambda event: self._session.paint(event.args)).mark(
                    "painter"
                )
            with ui.element("div").classes("row-of"):
                if is_taken:
                    clear = ui.button("Draw another mask", on_click=self._clear)
                    clear.props("outline no-caps dense padding='4px 12px'")
                    leave = ui.button("Let go", on_click=self._forget)
                    leave.props("flat no-caps dense padding='4px 12px'").mark("let-go")
                if self._subject.examples is not None:
                    take = ui.button("Take a test picture", on_click=self._example)
                    take.props("outline no-caps dense padding='4px 12px'")

    def _corrections(self) -> str:
        """Returns what is said of steps that filling in adds to the settings."""
        try:
            num = getattr(self._session.filling_sampler(), "corrections", 0)
        except checks.InputError:  # drawing says so
            num = 0
        return f" {num} corrections at each noise level." if num else ""


def add_style(name: str) -> None:
    """Gives a page the look of all, and its title."""
    ui.page_title(f"{name}: chains")
    ui.add_css(_HERE / "look/page.css")
    ui.colors(primary="#1f5f8b")


def waiting(message: str) -> None:
    """Makes the page of who comes before there is a model, or when it is full."""
    add_style("demo")
    with ui.element("div").classes("head"):
        _heading("Chains of an energy")
    ui.label(message).classes("wrong").mark("message")
    ui.label("This page looks again by itself.").classes("quiet")


def moment(frame) -> str:
    """Returns what is written under the pictures."""
    words = [f"step {frame.step:,} of {frame.num_steps:,}"]
    if frame.level is not None:
        words.append(f"noise level {frame.level:.3g}")
    words.append(f"mean energy {frame.energies.mean():.4g} nats")
    if frame.temperature is not None:
        words.append(f"temperature {frame.temperature:.3g} nats")
    if frame.accept_prob is not None:
        words.append(f"{100 * frame.accept_prob:.0f} % accepted")
    if frame.landscape is not None:
        low, high = drawing.shown_range(frame.landscape.energies)
        words.append(f"colors from {low:.3g} (bright) to {high:.3g} nats")
    return " · ".join(words)


def _heading(text: str) -> None:
    with ui.element("h1"):
        ui.label(text)


def _about(subject) -> str:
    kinds = {IMAGE: "pictures", POINT: "points in the plane"}
    what = kinds.get(subject.shown_as, "states")
    words = [f"chains of an energy of {what}"]
    if subject.shown_as != POINT:
        words.append(" by ".join(map(str, subject.shape)))
    if subject.energy.condition_space is not None:
        words.append(str(subject.energy.condition_space))
    return ", ".join(words)
