"""The controls of the page."""

import pytest

from pipeline.demo_page import setting
from tests.pipeline.demo_page.visiting import hall_of, moment, only, simulated, until


def test_a_sampler_brings_its_controls_and_what_does_not_fit_is_told(images, thread):
    async def scenario(user):
        await until(lambda: "step 4 of 4" in moment(user))
        only(user, marker="sampler").value = "hmc"
        await until(lambda: "% accepted" in moment(user))
        only(user, marker="num_steps").value = -3.0
        await until(lambda: only(user, marker="message").text)
        assert "`num_steps` must be at least 1" in only(user, marker="message").text

    with hall_of(images, thread) as hall:
        simulated(hall, scenario)


@pytest.mark.parametrize("value", [0.01, 0.3, 10.0])
def test_sliders_of_logarithms_come_back_to_their_value(value):
    ends = (value / 100, value * 100)
    at = setting._at(setting._place(value, ends, False), ends, False)
    assert at == pytest.approx(value, rel=0.13)  # ten places in a power of ten
    for beyond, end in ((-3.0, ends[0]), (1e9, ends[1])):
        at = setting._at(setting._place(beyond, ends, False), ends, False)
        assert at == pytest.approx(end, rel=0.13)
    assert setting._at(setting._place(7, (1, 28), True), (1, 28), True) == 7
