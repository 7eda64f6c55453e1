"""What registers itself is found by its name."""

import subprocess
import sys

import pytest

from ebm_tf import registry

COLOURS = """
from ebm_tf import registry
class Colour(registry.Registered, what="colour", package="{package}"):
    pass
"""
RED = """
from {package} import Colour
class Red(Colour):
    kind = "red"
"""


@pytest.fixture
def colours(tmp_path, monkeypatch, request):
    """A registry whose package holds one module, and which is asked for first here."""
    package = f"colours_{abs(hash(request.node.name))}"
    folder = tmp_path / package
    folder.mkdir()
    (folder / "__init__.py").write_text(COLOURS.format(package=package))
    (folder / "red.py").write_text(RED.format(package=package))
    monkeypatch.syspath_prepend(tmp_path)
    return __import__(package).Colour


def test_a_file_of_the_package_is_a_choice(colours):
    assert colours.kinds() == ["red"]
    assert colours.of_kind("red").kind == "red"
    assert colours.module_of("red") == f"{colours.__module__}.red"


def test_a_class_elsewhere_is_a_choice_too(colours):
    class Blue(colours):
        kind = "blue"

    assert colours.kinds() == ["blue", "red"]
    assert colours.of_kind("blue") is Blue


def test_an_unknown_name_lists_the_choices_and_the_nearest(colours):
    message = r"`wall.kind` must be a registered colour, one of red \(did you mean red"
    with pytest.raises(ValueError, match=message):
        colours.of_kind("rad", "wall.kind")
    with pytest.raises(ValueError, match="one of red. Received: kind=7"):
        colours.of_kind(7)


def test_a_name_is_taken_once(colours):
    assert colours.kinds() == ["red"]
    with pytest.raises(ValueError, match=r"\.red has registered it"):
        type("Other", (colours,), {"kind": "red", "__module__": "elsewhere"})


def test_registries_do_not_mix(colours):
    class Shape(registry.Registered, what="shape", package=colours.__module__):
        pass

    class Square(Shape):
        kind = "square"

    assert Shape.kinds() == ["square"] and "square" not in colours.kinds()


def test_a_users_module_is_imported_by_name_or_path(colours, tmp_path):
    package = colours.__module__
    text = RED.format(package=package).replace("red", "green").replace("Red", "Green")
    (tmp_path / "mine").mkdir()
    path = tmp_path / "mine" / f"green_{package}.py"
    path.write_text(text)
    digest = registry.import_module(str(path))
    assert "green" in colours.kinds() and len(digest) == 64
    assert registry.import_module(path.stem) == digest
    assert registry.imported_modules()[path.stem] == digest


@pytest.mark.parametrize(
    "name, reason",
    [
        ("no_such_module_anywhere", "ModuleNotFoundError"),
        ("nowhere/at/all.py", "there is no such file"),
    ],
)
def test_what_cannot_be_imported_is_one_line(name, reason):
    with pytest.raises(ValueError, match=reason) as caught:
        registry.import_module(name)
    assert "\n" not in str(caught.value) and name in str(caught.value)


def test_an_error_in_the_module_is_told(tmp_path):
    path = tmp_path / "breaks_at_once.py"
    path.write_text("1 / 0\n")
    with pytest.raises(ValueError, match="ZeroDivisionError: division by zero"):
        registry.import_module(str(path))


def test_nothing_heavy_is_imported():
    code = "import sys; from ebm_tf import registry; print('tensorflow' in sys.modules)"
    path = "import sys; sys.path[:0] = " + repr(sys.path) + "\n"
    ran = subprocess.run(
        [sys.executable, "-c", path + code], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "False\n"


@pytest.mark.parametrize(
    "text, reason",
    [
        ("import sys\nsys.exit(0)\n", "SystemExit: 0"),
        ("def (\n", "SyntaxError"),
    ],
)
def test_what_a_module_does_instead_is_told(tmp_path, text, reason):
    path = tmp_path / f"odd_{len(text)}.py"
    path.write_text(text)
    with pytest.raises(ValueError, match=reason) as caught:
        registry.import_module(str(path))
    assert "\n" not in str(caught.value)


def test_a_file_with_the_name_of_another_module_is_refused(tmp_path):
    (tmp_path / "json.py").write_text("X = 1\n")
    with pytest.raises(ValueError, match="json is the name of another module"):
        registry.import_module(str(tmp_path / "json.py"))
    with pytest.raises(ValueError, match="it has no file"):
        registry.import_module("sys")


def test_a_name_of_the_library_is_not_taken(colours):
    assert not colours._is_filled  # nobody has asked yet
    with pytest.raises(ValueError, match="a name that no other .* has: .*red"):

        class Other(colours):
            kind = "red"


@pytest.mark.parametrize("kind", [3, "", "two words"])
def test_a_kind_is_an_identifier(colours, kind):
    with pytest.raises(ValueError, match="`kind` must be an identifier"):
        type("Odd", (colours,), {"kind": kind})
