"""The command `study`."""

from ebm_tf import checks
from ebm_tf.studies import StudyConfig

from ..console import cli
from ..experiments import tables
from ..settings import sections
from ..stages import study, train
from ..stages.evaluate import classifier
from . import command, flags

_STUDY = cli.Flag(
    name="study",
    group="what",
    value="NAME",
    help="A study of the run folder's model, such as saturation, or a table of the "
    f"paper's appendix, of models of its own: {', '.join(tables.STUDIES)}. A name "
    "that there is not lists all.",
)
# Sections of the settings that say how a model is made.
_RECIPE = ("ingest", "energy", "train")
# What only one of the two kinds of study takes -> its value when it is not given.
_OF_TABLES = {"data_dir": None, "strategy": "auto"}
_OF_MODELS = {"model": None, "examples": None, "samples": None}


def run_on_model(request: flags.Request, kind: str) -> None:
    """Runs a registered study on the model of a request.

    If it asks the classifier of the data, that is trained before, unless it is there.
    """
    config, others = request.config.studies[kind], {}
    sampler = request.config.sample.sampler
    if config.needs_model:
        study.require_model(request.input("model"), config, sampler)
    if config.needs_samples:
        others["samples"] = request.input("samples")
    if config.needs_classifier:
        made = classifier.run(
            request.input("examples"),
            request.output("classifier"),
            request.config.evaluate.classifier,
            request.seed,
        )
        others["classifier"] = made.path
    study.run(
        request.input("model"),
        request.input("examples"),
        request.output(kind),
        config,
        sampler,
        request.seed,
        others,
        {name: getattr(request.config, name, None) for name in _RECIPE},
    )


def sections_of(kind: str) -> tuple[str, ...]:
    """Returns the sections of the settings that a registered study needs."""
    recipe = _RECIPE if StudyConfig.of_kind(kind).needs_recipe else ()
    # Where settings decide, the class has a property here: it may need one.
    may_train = StudyConfig.of_kind(kind).needs_classifier
    return (
        f"{sections.STUDIES}.{kind}",
        "sample",
        *(["evaluate"] * bool(may_train)),
        *recipe,
    )


def _is_table(values: dict) -> bool:
    return values["study"] in tables.STUDIES


def _shorts(values: dict) -> list[str]:
    if not _is_table(values):
        return []
    flags.require_one_worker(values["strategy"])
    if values["dataset"] is None and values["preset"] is None:
        values["dataset"] = "mnist"
    # What the user sets comes after, and wins.
    return [*tables.SMALL, *values["set"]]


def _sections(values: dict) -> tuple[str, ...] | None:
    """Returns the sections that a study needs; raises if it cannot be run."""
    name, is_table = values["study"], _is_table(values)
    known = sorted([*tables.STUDIES, *StudyConfig.kinds()])
    checks.require_choice("study", name, known)
    for flag, default in (_OF_MODELS if is_table else _OF_TABLES).items():
        rule = f"left out: --study={name} has no use for it"
        checks.require(values[flag] == default, f"--{flag}", rule, values[flag])
    if is_table:
        return None
    cls = StudyConfig.of_kind(name)
    if not (cls.needs_model or cls.needs_recipe):
        rule = f"left out: --study={name} trains models of its own"
        checks.require(values["model"] is None, "--model", rule, values["model"])
    return sections_of(name)


def _study(request: flags.Request) -> None:
    values = request.values
    if not _is_table(values):
        run_on_model(request, values["study"])
        return
    train.prepare_devices(values["strategy"], request.config.train.gpu)
    table = tables.run(values["study"], _table_folder(values), _settings(request))
    print(table, end="")


def _check(request: flags.Request) -> None:
    if _is_table(request.values):
        folder = _table_folder(request.values)
        tables.ingested(request.values["study"], folder, _settings(request))
    else:
        _study(request)


def _table_folder(values: dict) -> str:
    return values["out"] or cli.user_path("runs/study")


def _settings(request: flags.Request) -> tables.Settings:
    return tables.Settings(
        config=request.config,
        data_dir=request.values["data_dir"],
        seed=request.seed,
        strategy=request.values["strategy"],
    )


main = command.StageCommand(
    name="study",
    summary="studies a trained model, or makes a table of the paper again.",
    flags=(
        _STUDY,
        *flags.of_stage("data_dir", "examples", "model", "samples", "strategy"),
    ),
    body=_study,
    examples=(
        "--study=saturation --out=runs/digits",
        "--study=table7 --data_dir=Downloads/mnist --out=runs/table7",
    ),
    check=_check,
    sections=_sections,
    shorts=_shorts,
)
