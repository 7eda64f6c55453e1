"""Frames of a visitor: their order, and the one that is shown."""

import threading

from pipeline.demo_page import player
from pipeline.demo_page.worker import Worker
from tests.pipeline.demo_page.conftest import drawn, until


def test_frames_come_one_after_another(visit, images):
    visitor = visit(images)
    view = drawn(visitor)
    assert (view.message, len(view.frames)) == ("", 5)
    heads = [view.head]
    for _ in range(6):
        visitor.player.advance()
        heads.append(visitor.player.view().head)
    assert heads == [0, 1, 2, 3, 4, 4, 4]
    version = visitor.player.advance()
    assert visitor.player.advance() == version  # nothing is new
    visitor.player.seek(1)
    visitor.player.advance()
    assert visitor.player.view().head == 1  # it stays where it was put
    visitor.player.replay()
    visitor.player.advance()
    assert visitor.player.view().frame.step == 1
    for asked, head in ((10**9, 4), (-7, 0)):
        visitor.player.seek(asked)
        assert visitor.player.view().head == head


def test_nothing_to_seek_before_the_first_frame(thread):
    empty = player.Player(thread)
    for call in (lambda: empty.seek(3), empty.replay, empty.stop, empty.close):
        call()
        empty.advance()
        assert empty.view().head == -1 and empty.view().frame is None


def test_what_was_stopped_or_left_does_not_go_on(images):
    running, going = threading.Event(), threading.Event()

    def slow():
        yield "first"
        running.set()
        going.wait()
        yield "second"

    with Worker() as worker:
        stopped = player.Player(worker)
        stopped.begin(slow)
        running.wait()
        stopped.stop()
        going.set()
        other = player.Player(worker)
        other.begin(lambda: iter(["only"]))
        until(lambda: not other.view().is_running)
    assert stopped.view().frames == ("first",) and not stopped.view().is_running
    stopped.close()
    assert stopped.view().frames == ()
