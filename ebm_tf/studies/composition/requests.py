"""What a study of compositions is asked for, and whether its models can do it."""

import itertools

from ebm_tf import checks
from ebm_tf.studies.composition import (
    AskedConfig,
    CompositionStudyConfig,
    JoinConfig,
    joins,
)
from ebm_tf.studies.contract import Subject


def of_study(
    config: CompositionStudyConfig, parts: joins.Parts, subject: Subject
) -> list[JoinConfig]:
    """Returns the compositions that a study looks at.

    Raises:
        ValueError: If no model knows an attribute, the reader does not read it, or
            energies cannot be joined or trained as they are asked to be.
    """
    wanted = list(config.joins) or default_joins(parts, config.weight)
    for join in wanted:
        _require_known(config, parts, join)
        joins.Composed(parts, join, subject)  # refuses what cannot be joined
        _require_tunable(config, subject, join)
    return wanted


def default_joins(parts: joins.Parts, weight: float = 1.0) -> list[JoinConfig]:
    """Returns "and" of each two attributes, and of all if there are more."""
    names = list(parts.by_name)
    groups = list(itertools.combinations(names, 2))
    groups += [tuple(names)] * (len(names) != 2)
    return [
        JoinConfig(
            terms=tuple(AskedConfig(attribute=name, weight=weight) for name in group)
        )
        for group in groups
    ]


def _require_known(config, parts: joins.Parts, join: JoinConfig) -> None:
    for term in join.terms:
        rule = f"one that a model knows, of {', '.join(parts.by_name)}"
        is_known = term.attribute in parts.by_name
        checks.require(is_known, "joins.terms.attribute", rule, term.attribute)
        names, read = parts.by_name[term.attribute].names, config.reader.names
        rule = f"one that reads {', '.join(names)}"
        can = read is None or set(names) <= set(read)
        checks.require(can, "reader.kind", rule, config.reader.kind)
        if term.label is not None:
            _require_label(parts.by_name[term.attribute], term)


def _require_label(part: joins.Part, term: AskedConfig) -> None:
    num = len(part.names) or 1
    rule = f"{num} numbers, as {term.attribute} has"
    checks.require(len(term.label) == num, "joins.terms.label", rule, term.label)
    if not part.names:
        num = part.energy.num_classes
        rule = f"a class, a whole number below {num}"
        is_class = term.label[0] in range(num)
        checks.require(is_class, "joins.terms.label", rule, term.label)


def _require_tunable(config, subject: Subject, join: JoinConfig) -> None:
    if config.tuning is None:
        return
    rule = "null for energies of noise levels: A.8 goes through chains without them"
    has_levels = joins.levels_of(subject.energy) is not None
    checks.require(not has_levels, "tuning", rule, config.tuning)
    rule = 'null but for "and" of attributes whose labels are null'
    is_plain = join.rule == "all" and all(
        term.label is None and term.weight > 0 for term in join.terms
    )
    checks.require(is_plain, "tuning", rule, join.name)
    rule = f"at most the steps of a chain, {subject.sampler.num_steps}"
    fits = config.tuning.num_grad_steps <= subject.sampler.num_steps
    checks.require(fits, "tuning.num_grad_steps", rule, config.tuning.num_grad_steps)
