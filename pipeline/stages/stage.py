"""What every stage does alike: is it there already, or made anew, and what is said.

A stage is a function that returns a `Plan`: where its artifact goes, what decides
it, and a function that writes it. `stage` makes of that the stage itself:

    @stage("likelihood", makes="likelihood")
    def run(model, out, config, seed):
        trained = artifacts.peek(model, "model")
        return Plan(
            out=out,
            config=config,
            inputs={"model": trained},
            seed=seed,
            write=lambda scratch: _write(trained, scratch, config, seed),
        )

and `run(...)` returns the artifact. Until `prepare` is called nothing has been written
and TensorFlow is not imported: whoever finds the artifact made waits for neither.
"""

import contextlib
import contextvars
import dataclasses
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping

from ebm_tf import files, gpus, interruption, resources

from ..console import tensorflow_import
from ..store import artifacts, reading, unfinished

_checks_only = contextvars.ContextVar("checks_only", default=False)


class WouldBeMade(BaseException):
    """A stage that only checks would make its artifact now: there is no more to check.

    No error: what comes after it cannot be checked before the artifact is there.
    """


@contextlib.contextmanager
def checks_only() -> Iterator[None]:
    """Within the block stages check what they are asked for, and make nothing.

    The block ends at the first stage whose artifact is not there.
    """
    token = _checks_only.set(True)
    try:
        yield
    except WouldBeMade:
        pass
    finally:
        _checks_only.reset(token)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Plan:
    """What a stage is asked for, and how it makes that.

    Attributes:
        out: Folder of the artifact.
        config: What of the configuration decides the artifact: a configuration, or
            a dict of them.
        inputs: The artifacts it is made from, by name, as `artifacts.peek` returns
            them. Their files are compared with their digests before `prepare`, no
            process of this program replaces them until the artifact has its name,
            and it gets none if they were changed all the same.
        seed: A whole number.
        write: Writes the files of the artifact into the folder of a scratch.
        whole: The configuration that the manifest holds; None means `config`.
        accept: Returns the artifact that was found, or None if it is to be made anew
            for a reason of the stage's own; raises if it is refused.
        needs: Returns the memory and the disk that it takes, as far as they are known:
            looked at when the inputs are verified, before anything is written.
        prepare: Called when the inputs are verified, before anything is written:
            refuses what cannot be made, makes what is needed first.
        around: Returns a context in which the artifact is written and gets its name.
        helps: Whether another process makes the artifact and this one helps: it
            writes into the folder of unfinished work, and gives nothing a name.
        told: Returns the lines that say what was made.
        gpu: How TensorFlow uses GPUs, from the inputs being verified on, or None.
    """

    out: str
    config: object
    inputs: Mapping[str, artifacts.Artifact]
    seed: int
    write: Callable[[artifacts.Scratch], object]
    whole: object = None
    accept: Callable[[artifacts.Artifact], artifacts.Artifact | None] | None = None
    needs: Callable[[], Iterable[resources.Need]] = lambda: ()
    prepare: Callable[[], object] = lambda: None
    around: Callable[[], contextlib.AbstractContextManager] = contextlib.nullcontext
    helps: bool = False
    told: Callable[[artifacts.Artifact], Iterable[str]] = lambda made: (
        f"wrote {made.path}",
    )
    gpu: gpus.GpuConfig | None = None


def stage(name: str, makes: str, has_progress: Callable[[str], bool] | None = None):
    """Returns a decorator: of a function that returns a `Plan` it makes a stage.

    Args:
        name: Of the stage, which begins its messages.
        makes: Kind of its artifact.
        has_progress: Whether in a folder of unfinished work there is something to go
            on with: then an interrupted stage does, when it is called again, and
            otherwise leaves nothing. None means that it always begins anew.

    Returns:
        A decorator. The stage takes the arguments of the function, returns the
        artifact, and raises what the function does, and

            FileNotFoundError: If a file of an input is missing.
            ValueError: If a file of an input was changed, by now or while the stage
                read it, or at `out` is something else, or unfinished work of another
                request, or there is not the memory or the disk for it.
            WouldBeMade: Within `checks_only`, if the artifact is not there.
    """

    def decorate(make_plan: Callable[..., Plan]) -> Callable[..., artifacts.Artifact]:
        @functools.wraps(make_plan)
        def run(*args, **kwargs) -> artifacts.Artifact:
            plan = make_plan(*args, **kwargs)
            found = _found(plan, makes)
            if found:
                print(f"{name}: {plan.out} is there already, made by this request")
                return found
            with (
                reading.held(plan.inputs) as inputs,
                tensorflow_import.followed_by(lambda: gpus.apply(plan.gpu)),
            ):
                _make(plan, name, makes, has_progress, inputs)
            made = artifacts.peek(plan.out, makes)
            for line in plan.told(made):
                print(f"{name}: {line}")
            return made

        return run

    return decorate


def _make(plan: Plan, name: str, kind: str, has_progress, inputs) -> None:
    needs = list(plan.needs())
    resources.require(needs, plan.out)
    lower = dict.fromkeys(name for need in needs for name in need.settings)
    plan.prepare()
    interruption.raise_noted()
    if _checks_only.get():
        _require_resumable(plan, kind, has_progress)
        raise WouldBeMade(name)
    with (
        files.naming(plan.out),
        resources.lowered_by(*lower),
        plan.around(),
        _scratch(plan, kind, has_progress) as scratch,
    ):
        plan.write(scratch)
        interruption.raise_noted()
        inputs.require_unchanged()


def _require_resumable(plan: Plan, kind: str, has_progress) -> None:
    """Raises ValueError if unfinished work of another request is there, and stays."""
    if has_progress and has_progress(unfinished.folder_of(plan.out)):
        request = plan.out, kind, plan.config, plan.inputs, plan.seed
        artifacts.require_resumable(*request)


def _found(plan: Plan, kind: str) -> artifacts.Artifact | None:
    request = plan.out, kind, plan.config, plan.inputs, plan.seed
    found = artifacts.find(*request)
    return plan.accept(found) if found and plan.accept else found


def _scratch(plan: Plan, kind: str, has_progress):
    """Returns the context in which the artifact is written."""
    if plan.helps:
        partial = unfinished.folder_of(plan.out)
        return contextlib.nullcontext(artifacts.Scratch(folder=partial))
    whole = plan.config if plan.whole is None else plan.whole
    request = plan.out, kind, whole, plan.inputs, plan.seed
    if has_progress:
        return artifacts.resuming(
            *request, decisive=plan.config, has_progress=has_progress
        )
    return artifacts.writing(*request)
