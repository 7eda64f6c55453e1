"""Requests and digests."""

import dataclasses

from pipeline.store import manifests


@dataclasses.dataclass(frozen=True, kw_only=True)
class Small:
    size: int


REQUEST = manifests.request("model", {"net": Small(size=3)}, {"data": "abc"}, 7)


def complete(**changes):
    parts = {
        "paths": {"data": "/x"},
        "details": {"n": 1},
        "notes": {},
        "files": {"f": "12"},
        "spent": {"wall_s": 1.5},
    }
    return manifests.complete(REQUEST, **parts | {"started": "then"} | changes)


def test_request_is_plain_and_comes_back_from_the_manifest():
    assert REQUEST == {
        "kind": "model",
        "config": {"net": {"size": 3}},
        "seed": 7,
        "inputs": {"data": "abc"},
    }
    assert manifests.request("m", Small(size=3), {}, 0)["config"] == {"size": 3}
    assert manifests.request_of(complete()) == REQUEST


def test_difference_names_settings_by_their_own_path():
    def asked(**changes):
        return manifests.difference(REQUEST, REQUEST | changes)

    assert asked() is None
    assert asked(config={}) is None
    assert asked(config={"net": {"size": 4}}) == "net.size was 3, asked 4"
    assert asked(seed=8) == "seed was 7, asked 8"
    assert asked(inputs={"data": "x"}) == 'inputs.data was "abc", asked "x"'
    assert asked(inputs={"data": "0123456789abcdef" * 4}) == (
        'inputs.data was "abc", asked "0123456789ab"'
    )


def test_digest_covers_content_and_not_place_time_or_notes():
    digest = complete()["digest"]
    for changes in ({"paths": {"data": "/y"}}, {"started": "x"}, {"notes": {"n": 2}}):
        assert complete(**changes)["digest"] == digest
    for changes in ({"details": {"n": 2}}, {"files": {"f": "13"}}):
        assert complete(**changes)["digest"] != digest


def test_seal_covers_everything():
    made = complete()
    assert manifests.seal(made) == made["seal"]
    for name in made:
        if name != "seal":
            assert manifests.seal(made | {name: "other"}) != made["seal"]
            rest = {key: value for key, value in made.items() if key != name}
            assert manifests.seal(rest) != made["seal"]
