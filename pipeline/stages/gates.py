"""What a model must show in its evaluation before it is exported."""

from ..settings.config import GatesConfig
from ..store.artifacts import Artifact


class GateFailed(Exception):
    """A model is not good enough to be exported; the text is one line."""

    exit_code = 1


def check(metrics: dict, config: GatesConfig) -> list[dict] | None:
    """Returns what was asked of a model, and whether it does.

    Args:
        metrics: What the evaluation measured, as `metrics.json` holds it.
        config: The thresholds.

    Returns:
        None if the evaluation had no task that gates look at. Else for each gate
        "name", "rule" in words, "limit", "value", None if it was not measured, and
        "passed". What was not measured is not passed.
    """
    if not {"energies", "neighbours", "classifier", "image_metrics"} & set(metrics):
        return None
    gates = []
    bad = _found(metrics, "energies", "not_finite")
    if bad is not None:
        value = float(sum(bad.values()))
        rule = "images whose energy is not finite, at most"
        gates.append(_gate("finite_energies", rule, 0.0, value, value == 0))
    limit = config.max_energy_gap
    if limit is not None:
        value = _energy_gap(metrics)
        rule = "mean energies of samples and test apart, in spreads of test, at most"
        passed = value is not None and value <= limit
        gates.append(_gate("energy_gap", rule, limit, value, passed))
    limit = config.min_noise_auroc
    if limit is not None:
        value = _noise_auroc(metrics)
        rule = "AUROC of test images against noise, whose energies are to be higher, "
        passed = value is not None and value >= limit
        gates.append(_gate("noise_auroc", rule + "at least", limit, value, passed))
    classified = _found(metrics, "classifier", "sets", "samples") or {}
    shares = {
        "confident_share": (
            config.min_confident_share,
            "share of samples that the classifier is sure of, at least",
            classified.get("confident_share"),
        ),
        "class_share": (
            config.min_class_share,
            "share of samples in the rarest class, at least",
            min(classified["class_shares"]) if classified else None,
        ),
    }
    for name, (limit, rule, value) in shares.items():
        if limit is not None:
            passed = value is not None and value >= limit
            gates.append(_gate(name, rule, limit, value, passed))
    return gates + _of_image_metrics(metrics, config)


def _of_image_metrics(metrics: dict, config: GatesConfig) -> list[dict]:
    """Returns the gates of numbers that have names of their own."""
    rows = _found(metrics, "image_metrics", "rows") or ()
    values = {row["name"]: row["samples"]["value"] for row in rows}
    gates = []
    for limits, words, sign in (
        (config.max_image_metrics, "at most", 1.0),
        (config.min_image_metrics, "at least", -1.0),
    ):
        for name, limit in (limits or {}).items():
            value = values.get(name)
            passed = value is not None and sign * value <= sign * limit
            gates.append(
                _gate(name, f"{name} of samples, {words}", limit, value, passed)
            )
    return gates


def _gate(name, rule, limit, value, passed) -> dict:
    return {
        "name": name,
        "rule": rule,
        "limit": limit,
        "value": value,
        "passed": bool(passed),
    }


def _found(metrics: dict, *names: str):
    for name in names:
        metrics = metrics.get(name)
        if metrics is None:
            return None
    return metrics


def _energy_gap(metrics: dict) -> float | None:
    test = _found(metrics, "energies", "sets", "test")
    samples = _found(metrics, "energies", "sets", "samples")
    if test is None or samples is None or not test["std"]:
        return None
    return abs(samples["mean"] - test["mean"]) / test["std"]


def _noise_auroc(metrics: dict) -> float | None:
    for pair in _found(metrics, "energies", "auroc") or ():
        if (pair["lower"], pair["higher"]) == ("test", "noise"):
            return pair["area"]
    return None


def describe(gate: dict) -> str:
    """Returns a gate in words, with its limit and its value."""
    value = "not measured" if gate["value"] is None else f"{gate['value']:.3g}"
    return f"{gate['rule']} {gate['limit']:.3g}. Measured: {value}"


def require_passed(evaluation: Artifact) -> None:
    """Raises `GateFailed` if the evaluation found its model not good enough."""
    gates = evaluation.details.get("gates", [])
    if gates is None:
        raise GateFailed(
            f"{evaluation.path} measured nothing that a gate asks for (--force exports "
            "the model all the same)"
        )
    failed = [gate for gate in gates if not gate["passed"]]
    if failed:
        raise GateFailed(
            f"the model failed {len(failed)} of its gates: "
            f"{'; '.join(map(describe, failed))} (see {evaluation.path}; --force "
            "exports it all the same)"
        )
