"""The page: pictures, a mask, a landscape."""

from nicegui import ui

from tests.pipeline.demo_page.visiting import hall_of, moment, only, simulated, until


def test_it_opens_samples_and_changes_with_a_control(images, thread):
    async def scenario(user):
        await until(lambda: "step 4 of 4" in moment(user))
        first = moment(user)
        (place,) = user.find(marker="pictures").elements
        assert len(place.default_slot.children) == 16
        only(user, marker="num_steps").value = 3.0
        await until(lambda: "step 3 of 3" in moment(user))
        only(user, marker="num_steps").value = 4.0
        await until(lambda: moment(user) == first)
        user.find(marker="new-seed").click()
        await until(lambda: "step 4 of 4" in moment(user) and moment(user) != first)
        assert only(user, marker="seed").value == 1

    with hall_of(images, thread) as hall:
        simulated(hall, scenario)


def test_two_classes_and_a_mask(levels, thread):
    async def scenario(user):
        await until(lambda: "step 5 of 5" in moment(user))
        assert "noise level 0.02" in moment(user)
        first = moment(user)
        only(user, marker="rule").value = "and"
        assert only(user, marker="second").visible
        await until(lambda: "step 5 of 5" in moment(user) and moment(user) != first)
        (session,) = hall._sessions
        assert session.asked().label == 0 and session.asked().second == 1
        only(user, marker="rule").value = None
        user.find(marker="picture-2").click()
        assert session.canvas.is_taken
        session.paint("1" * 8 + "0" * 56)
        await until(lambda: "step 5 of 5" in moment(user))
        assert session.asked().hole.is_unknown.sum() == 8
        assert session.asked().sampler.corrections == 3

    with hall_of(levels, thread) as hall:
        simulated(hall, scenario)


def test_points_are_on_their_landscape(points, thread):
    async def scenario(user):
        await until(lambda: "step 6 of 6" in moment(user))
        assert "colors from" in moment(user)
        (circles,) = [e for e in only_plane(user) if isinstance(e, ui.html)]
        assert 1 <= circles.content.count("<circle") <= 64

    with hall_of(points, thread) as hall:
        simulated(hall, scenario)


def only_plane(user):
    (plane,) = user.find(marker="plane").elements
    return plane.default_slot.children
