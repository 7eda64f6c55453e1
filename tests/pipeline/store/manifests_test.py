"""Requests and digests."""

import dataclasses

from ebm_tf import settings
from pipeline.store import manifests


@dataclasses.dataclass(frozen=True, kw_only=True)
class Small:
    size: int


NOTED = ("details", "notes", "shown_files")
REQUEST = manifests.request("model", {"net": Small(size=3)}, {"data": "abc"}, 7)


def complete(**changes):
    noted = {"details": {"n": 1}}
    noted |= {name: changes.pop(name) for name in NOTED if name in changes}
    parts = {
        "request": REQUEST,
        "inputs": {"data": {"path": "/x"}},
        "facts": manifests.Facts(**noted),
        "files": {"f": "12"},
        "code": {"choices": {"net": "a.b"}, "imports": {}, "code": "cd"},
        "spent": {"wall_s": 1.5},
    }
    return manifests.complete(**parts | {"started": "then"} | changes)


def test_request_is_plain_and_comes_back_from_the_manifest():
    assert REQUEST == {
        "kind": "model",
        "config": {"net": {"size": 3}},
        "seed": 7,
        "shown": [],
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
    for changes in (
        {"inputs": {"data": {"path": "/y"}}},
        {"started": "x"},
        {"notes": {"n": 2}},
        {"shown_files": ["*.png"]},
    ):
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


@dataclasses.dataclass(frozen=True, kw_only=True)
class Pictures:
    size: int
    num: int = settings.display()
    later: int = 4


@dataclasses.dataclass(frozen=True, kw_only=True)
class Run:
    pictures: Pictures


def request_of(size=3, num=5, later=4):
    config = Run(pictures=Pictures(size=size, num=num, later=later))
    return manifests.request("samples", config, {}, 0)


def test_settings_that_only_show_things_do_not_count():
    first, other = request_of(), request_of(num=6)
    assert first["shown"] == ["pictures.num"]
    assert first["config"]["pictures"]["num"] == 5  # but they are recorded
    by_section = manifests.request("s", {"p": Pictures(size=3, num=5)}, {}, 0)
    assert by_section["shown"] == ["p.num"]
    assert manifests.difference(first, other) is None
    assert manifests.difference(first | {"shown": []}, other) is None  # of format 1
    assert manifests.difference(first, request_of(size=4)) == (
        "pictures.size was 3, asked 4"
    )
    assert complete(request=first)["digest"] == complete(request=other)["digest"]
    assert (
        complete(request=first)["digest"]
        != (complete(request=request_of(size=4))["digest"])
    )


def test_files_that_only_show_things_are_known_and_do_not_count():
    shown = {"shown_files": ["png/*", "grid.png"]}
    first = complete(files={"f": "12", "png/0.png": "3", "grid.png": "4"}, **shown)
    assert first["files"] == {"f": "12", "png/0.png": "3", "grid.png": "4"}
    assert first["shown_files"] == ["png/*", "grid.png"]
    assert manifests.digest_of(first) == first["digest"]
    assert complete(files={"f": "12"}, **shown)["digest"] == first["digest"]
    assert (
        complete(files={"f": "13", "grid.png": "4"}, **shown)["digest"]
        != (first["digest"])
    )
    assert complete(files=first["files"])["digest"] != first["digest"]


def test_what_was_recorded_before_a_setting_is_of_its_default():
    old = request_of()
    del old["config"]["pictures"]["later"]
    new = Run(pictures=Pictures(size=3, num=5))
    other = Run(pictures=Pictures(size=3, num=5, later=7))
    assert manifests.difference(manifests.completed(old, new), request_of()) is None
    assert (
        manifests.difference(manifests.completed(old, other), request_of(later=7))
        == "pictures.later was 4, asked 7"
    )
    sections = {"pictures": new.pictures, "absent": new.pictures}
    assert manifests.completed(old, sections)["config"] == request_of()["config"]
    assert "later" not in old["config"]["pictures"]


def test_sha256_does_not_depend_on_the_order_of_keys():
    assert manifests.sha256({"a": 1, "b": 2}) == manifests.sha256({"b": 2, "a": 1})
    assert manifests.sha256({"a": 1}) == (
        "f9d86028c6e0d64e225186f96acb69338b2c59764df79162107f5c4bb34d1310"
    )
