"""The flags that mean the same in every command, and what they add up to."""

import contextlib
import dataclasses
import os
import pathlib
import types
from collections.abc import Callable, Iterator, Sequence

from ebm_tf import checks, json_files, pretrained, registry
from ebm_tf.training import cluster

from ..console import cli, plugins
from ..settings import overrides, preset_table, presets, sections
from ..settings.config import RunConfig
from ..store import artifacts, choices, unfinished

_ALL = (
    cli.Flag(
        name="dataset",
        group="what",
        value="NAME",
        help="Data set; picks the preset of that name. "
        "With --preset, takes the place of the preset's data set.",
    ),
    cli.Flag(
        name="preset",
        group="what",
        value="NAME|FILE",
        help="Settings: a name that --preset=help lists, or a JSON file. Without "
        "--dataset and --preset, those of the run folder's model.",
    ),
    cli.Flag(
        name="set",
        group="what",
        kind="many",
        value="FIELD=VALUE",
        help="Another value for one setting, such as train.num_updates=100; may be "
        "repeated.",
    ),
    cli.Flag(
        name="import",
        group="what",
        kind="many",
        value="MODULE",
        help="A module of your own, a dotted name or a .py file, whose networks, "
        "objectives, samplers and data sets the settings may name; may be repeated.",
    ),
    cli.Flag(
        name="data_dir",
        group="inputs",
        kind="path",
        value="DIR",
        help="Folder with the published files of the data set; without it they are "
        "downloaded.",
    ),
    cli.Flag(
        name="examples",
        group="inputs",
        kind="path",
        value="DIR",
        help="Examples of another run, in place of examples/ of this one.",
    ),
    cli.Flag(
        name="model",
        group="inputs",
        kind="path",
        value="DIR",
        help="Model of another run, in place of model/ of this one; or `digits`, which "
        "comes with ebm_tf.",
    ),
    cli.Flag(
        name="samples",
        group="inputs",
        kind="path",
        value="DIR",
        help="Samples of another run, in place of samples/ of this one.",
    ),
    cli.Flag(
        name="evaluation",
        group="inputs",
        kind="path",
        value="DIR",
        help="Evaluation whose gates decide, in place of evaluation/ of this run.",
    ),
    cli.Flag(
        name="out",
        group="outputs",
        kind="path",
        value="DIR",
        help="Run folder, made if missing. Default: runs/ and the preset's name.",
    ),
    cli.Flag(
        name="seed",
        group="how",
        kind="whole",
        value="N",
        default=0,
        high=2**62 - 1,  # two words of 31 bits, see `ebm_tf.rng`
        help="Decides everything random.",
    ),
    cli.Flag(
        name="strategy",
        group="how",
        value="NAME",
        default="auto",
        help="Devices: auto, one, mirrored (all GPUs), cpu:N (N parts of the CPU) or "
        "multi_worker (train only: the workers of TF_CONFIG).",
    ),
)
_BY_NAME = {flag.name: flag for flag in _ALL}
# Sections of the settings, as `sections.read` takes them, or what says them.
Wanted = Sequence[str] | Callable[[dict], Sequence[str] | None] | None
_COMMON = ("dataset", "preset", "set", "import", "out", "seed")


def of_stage(*names: str) -> tuple[cli.Flag, ...]:
    """Returns the flags that every stage has and those named, in fixed order."""
    return named(*_COMMON, *names)


def named(*names: str) -> tuple[cli.Flag, ...]:
    """Returns the flags of these names, in fixed order."""
    for name in names:
        checks.require_choice("flag", name, _BY_NAME)
    return tuple(flag for flag in _ALL if flag.name in names)


def require_one_worker(strategy: str) -> None:
    """Raises `ValueError` if the flag `--strategy` asks for several workers."""
    rule = "of one worker, but for the command `train` when its examples are there"
    checks.require(strategy != "multi_worker", "--strategy", rule, strategy)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Request:
    """What the flags of a stage add up to.

    Attributes:
        config: The settings of the run: the sections that the command needs.
        settings: All of them, as a dict.
        seed: From `--seed`.
        out: The run folder.
        values: The flags by name, as given.
    """

    config: RunConfig | types.SimpleNamespace
    settings: dict
    seed: int
    out: str
    values: dict

    def output(self, kind: str) -> str:
        """Returns the path of the run's own artifact of that kind."""
        return os.path.join(self.out, kind)

    def input(self, kind: str) -> str:
        """Returns the path of the artifact to read: the flag's, or the run's own."""
        return self.values.get(kind) or self.output(kind)

    def described(self) -> str:
        """Returns all of it as JSON text."""
        shown = {"out": self.out, "seed": self.seed}
        shown |= {"flags": self.values, "config": self.settings}
        return json_files.dump_json(shown)


def resolve(values: dict, wanted: Wanted = None) -> Request:
    """Returns what the flags of a stage ask for.

    Settings come from `--preset`, else from the preset of `--dataset`, else from the
    model that the command reads or resumes; then `--set` changes them.

    Args:
        values: What `cli.parse` returns for `of_stage(...)`.
        wanted: The sections of the settings that the command needs; None means all.
            Or a function that returns them, given the flags by name.

    Raises:
        SystemExit: After `--preset=help` has been answered.
        ValueError: If a name is unknown, a setting wrong, or the model that the
            command reads is of another network than the settings say.
    """
    if "strategy" in values:
        cluster.require_strategy(values["strategy"])
    plugins.load(values["import"])
    if values["preset"] == "help":
        names = presets.preset_names()
        print(preset_table.text((name, *presets.read_preset(name)) for name in names))
        raise SystemExit(0)
    if values.get("model"):
        values = values | {"model": pretrained.found(values["model"])}
    if callable(wanted):
        wanted = wanted(values)
    name, data = _recipe(values)
    out = values["out"] or _default_out(values, name)
    if data is None:
        data = _config_of_run(values, out)
    with _hint_of_imports(values, out):
        data = sections.resolved(data, wanted)  # so that every field can be named
    data = overrides.apply_overrides(data, values["set"])
    request = Request(
        config=sections.read(data, wanted),
        settings=sections.resolved(data, wanted),
        seed=values["seed"],
        out=out,
        values=values,
    )
    with _hint_of_imports(values, out):
        choices.require_names(vars(request.config))
    if "model" in values:
        _require_same_network(request)
    return request


@contextlib.contextmanager
def _hint_of_imports(values: dict, out: str) -> Iterator[None]:
    """Within the block an error names the modules that the model was made with."""
    try:
        yield
    except checks.InvalidValueError as error:
        path = values.get("model") or os.path.join(out, "model")
        if not os.path.exists(os.path.join(path, artifacts.MANIFEST)):
            raise
        made_with = artifacts.peek(path, "model").manifest["imports"]
        missing = sorted(set(made_with) - set(registry.imported_modules()))
        if not missing:
            raise
        hint = " ".join(f"--import={name}" for name in missing)
        raise checks.InvalidValueError(
            f"{error}; {path} was made with {hint}"
        ) from error


def _recipe(values: dict) -> tuple[str | None, dict | None]:
    """Returns the name and the settings that `--preset` and `--dataset` pick."""
    dataset, preset = values["dataset"], values["preset"]
    if preset is None and dataset is None:
        return None, None
    if preset is None:
        _require_preset_of(dataset)
        preset = presets.OF_DATASET.get(dataset, dataset)
        return preset, presets.read_preset(preset)[1]
    _, data = presets.read_preset(preset)
    if dataset is not None:
        data["ingest"]["dataset"] = dataset
    return pathlib.Path(preset).stem, data


def _require_preset_of(dataset: str) -> None:
    read = (presets.read_preset(name)[1] for name in presets.preset_names())
    known = sorted({data["ingest"]["dataset"] for data in read})
    if dataset in known:
        return
    from ebm_tf.data.sources.base import DataSource  # and with it NumPy

    if dataset in DataSource.kinds():
        raise checks.InvalidValueError(
            f"give --preset with --dataset={dataset}: it has no preset of its own"
        )
    checks.require_choice("dataset", dataset, known)


def _default_out(values: dict, name: str | None) -> str:
    name = name or pretrained.name_of(values.get("model"))
    if name is not None:
        return cli.user_path(os.path.join("runs", name))
    for kind in ("model", "samples", "examples"):
        if values.get(kind):
            return os.path.dirname(os.path.abspath(values[kind]))
    raise checks.InvalidValueError("give --dataset, --preset or --out")


def _config_of_run(values: dict, out: str) -> dict:
    path = values.get("model") or os.path.join(out, "model")
    if not os.path.exists(os.path.join(path, artifacts.MANIFEST)):
        config = unfinished.config_of(path)
        if config is None and values.get("init"):
            return artifacts.peek(values["init"], "model").config
        if config is None and values.get("state"):
            return artifacts.peek(os.path.join(out, "update"), "update").config
        if config is None or values.get("model"):
            raise checks.MissingFileError(
                f"there is no model at {path} to take the settings from: "
                "give --dataset or --preset"
            )
        return config
    return artifacts.peek(path, "model").config


def _require_same_network(request: Request) -> None:
    path = request.input("model")
    if not os.path.exists(os.path.join(path, artifacts.MANIFEST)):
        return  # the stage says so when it loads the model
    model = artifacts.peek(path, "model")
    _tell_of_edited_modules(model)
    asked, stored = request.settings, model.config
    if asked["energy"] == stored["energy"]:
        return
    old, new = (
        {"energy": sections.resolved(s, ["energy"])["energy"]} for s in (stored, asked)
    )
    other = overrides.first_difference(old, new)
    if other:
        raise checks.InvalidValueError(f"{path} is of another network: {other}")


def _tell_of_edited_modules(model: artifacts.Artifact) -> None:
    """Says which modules of a user's are others than those a model was made with."""
    imported = registry.imported_modules()
    for name, digest in model.manifest["imports"].items():
        if imported.get(name, digest) != digest:
            print(f"{model.path} was made with another {name}: its file has changed")
