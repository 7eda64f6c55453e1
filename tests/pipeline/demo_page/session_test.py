"""What a visitor sets and sees, without a page."""

import numpy as np

from ebm_tf.data import shards
from pipeline.demo_page import chains
from tests.pipeline.demo_page.conftest import drawn, until


def test_the_first_settings_are_the_models_own_within_the_bound(visit, images):
    visitor = visit(images)
    assert visitor.sampler == images.sampler
    assert visitor.asked().sampler.num_steps == 4
    few = visit(images, max_work=40)
    assert few.asked().sampler.num_steps == 2
    assert few.draw()


def test_settings_that_do_not_fit_are_told_and_nothing_else_changes(visit, images):
    visitor = visit(images)
    before = drawn(visitor)
    visitor.set_value("noise_std", -5.0)
    assert not visitor.draw()
    view = visitor.player.view()
    assert view.message.startswith("`noise_std` must be at least 0")
    assert view.frames == before.frames
    visitor.set_value("noise_std", 0.01)
    view = drawn(visitor)
    assert view.message == ""
    np.testing.assert_array_equal(view.frames[-1].states, before.frames[-1].states)
    visitor.form.kind = "no such sampler"
    assert not visitor.draw()
    assert visitor.player.view().message.startswith("`sampler` must be one of")


def test_each_sampler_keeps_its_own_settings(visit, images):
    visitor = visit(images)
    visitor.set_value("num_steps", 2.0)
    visitor.form.kind = "annealed"
    assert visitor.value("num_steps") == 4
    visitor.form.kind = "langevin"
    assert visitor.value("num_steps") == 2.0
    assert drawn(visitor).frame.num_steps == 2


def test_a_seed_is_the_same_chains_again_and_another_is_others(visit, images):
    visitor = visit(images)
    ends = []
    for seed in (0, 1.0, 0):
        visitor.form.seed = seed
        ends.append(drawn(visitor).frames[-1].states)
    np.testing.assert_array_equal(ends[0], ends[2])
    assert (ends[0] != ends[1]).mean() > 0.1


def test_visitors_do_not_see_each_other(visit, images):
    one, two = visit(images), visit(images)
    one.form.label, two.form.label = 0, 2
    two.form.num_chains = 4
    assert one.draw() and two.draw()
    until(lambda: not (one.player.view().is_running or two.player.view().is_running))
    views = one.player.view(), two.player.view()
    assert [len(view.frames[-1].states) for view in views] == [16, 4]
    alone = visit(images)
    alone.form.label = 0
    np.testing.assert_allclose(
        drawn(alone).frames[-1].energies, views[0].frames[-1].energies, rtol=1e-5
    )


def test_drawing_again_and_again_leaves_the_last_one_alone(visit, images, monkeypatch):
    begun, whole = [], chains.frames

    def noted(subject, asked):
        begun.append(asked.seed)
        yield from whole(subject, asked)

    monkeypatch.setattr(chains, "frames", noted)
    visitor = visit(images)
    for seed in range(30):
        visitor.form.seed = seed
        assert visitor.draw()
    until(lambda: not visitor.player.view().is_running)
    assert begun[-1] == 29 and visitor.player.view().frames[-1].step == 4
    one = visit(images)
    one.form.seed = 29
    np.testing.assert_array_equal(
        drawn(one).frames[-1].states, visitor.player.view().frames[-1].states
    )


def test_a_mask_is_drawn_on_a_picture_that_was_picked(visit, images):
    visitor = visit(images)
    frame = drawn(visitor).frames[-1]
    for number in (99, -1):
        visitor.pick(frame, number)
        assert not visitor.canvas.is_taken
    visitor.pick(frame, 3)
    picked = frame.states[3]
    np.testing.assert_array_equal(visitor.canvas.picture(), picked)
    assert visitor.asked().hole is None  # nothing is drawn
    for bits in ("01", "2" * 64, None, 7, "0" * 10**6):
        visitor.paint(bits)
        assert "`mask` must be 64 of 0 and 1" in visitor.player.view().message
    visitor.paint("0" * 32 + "1" * 32)
    until(lambda: not visitor.player.view().is_running)
    for frame in visitor.player.view().frames:
        rest = np.broadcast_to(picked, frame.states.shape)[:, :4]
        np.testing.assert_array_equal(frame.states[:, :4], rest)
    visitor.canvas.forget()
    assert visitor.asked().hole is None
    visitor.take_example()
    assert visitor.player.view().message == "this run has no examples"


def test_a_test_example_is_taken_by_its_number(visit, images, tmp_path):
    states = np.arange(3 * 64).reshape(3, 8, 8, 1).astype(np.uint8)
    labels = np.zeros(3, np.int32)
    shards.write_split(str(tmp_path / "test"), [(states, labels)], shard_size=3)
    visitor = visit(images._replace(examples=str(tmp_path)))
    for seed, number in ((1.0, 1), (5, 2)):
        visitor.form.seed = seed
        visitor.take_example()
        np.testing.assert_array_equal(visitor.canvas.picture(), states[number])
    visitor.form.seed = -7.5
    visitor.take_example()
    assert "`seed` must be a whole number" in visitor.player.view().message


def test_labels_of_numbers_are_typed(visit, images):
    class Numbers:
        num_dims = 2

    class Many:
        labels, levels, shape = Numbers, None, (8, 8, 1)
        sampler, space, shown_as = images.sampler, images.space, "image"
        energy = images.energy

    visitor = visit(Many)
    assert visitor.asked().label == (0.5, 0.5)
    for text, line in (
        ("0.5", "`label` must be 2 numbers"),
        ("a, b", "`label` must be 2 numbers, with commas"),
        ("0.5, 7", "`label` must be at most 1"),
    ):
        visitor.form.label = text
        assert not visitor.draw()
        assert line in visitor.player.view().message
    visitor.form.label = " 1,0 "
    assert visitor.asked().label == (1.0, 0.0)
