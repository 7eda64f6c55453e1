"""Replacing holds within its block; what it does is in artifacts_test."""

import pytest

from pipeline import replacing


def test_it_holds_within_the_block_alone():
    assert not replacing.is_on()
    with pytest.raises(ZeroDivisionError), replacing.on():
        assert replacing.is_on()
        with replacing.on(False):
            assert not replacing.is_on()
        assert replacing.is_on()
        raise ZeroDivisionError
    assert not replacing.is_on()
