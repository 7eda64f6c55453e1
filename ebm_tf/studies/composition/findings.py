"""The study of compositions as a whole: what is asked, samples, what they have."""

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ebm_tf import checks, rng
from ebm_tf.plots import charts, grid, pictures
from ebm_tf.studies.common import energies
from ebm_tf.studies.composition import (
    AskedConfig,
    CompositionStudyConfig,
    JoinConfig,
    joins,
    requests,
    tuning,
)
from ebm_tf.studies.composition.readers import CLASS, VALID, Found, Reader
from ebm_tf.studies.contract import Findings, Subject


class Known(NamedTuple):
    """Test images of which the attributes are known.

    Attributes:
        stored: As they are stored.
        has: What they have, to ask for.
        read: What the reader says of them.
    """

    stored: np.ndarray
    has: Found
    read: Found


def find(config: CompositionStudyConfig, subject: Subject) -> Findings:
    """Draws and reads it all; returns what `CompositionStudyConfig.run` promises."""
    parts = joins.parts_of(subject)
    wanted = requests.of_study(config, parts, subject)
    reader = config.reader.make(subject)
    chosen = energies.choose(subject.examples["test"], config.num_known, subject.seed)
    known = _known(reader, chosen)
    study = _Study(config, subject, parts, reader, known)
    table, samples = {}, {}
    singles = {(t.attribute, t.label, t.weight) for join in wanted for t in join.terms}
    total = len(wanted) + len(singles)
    for join in wanted:
        table[join.name], samples[join.name] = study.look_at(join)
        subject.report(len(table) + len(study.alone), total)
    shown = samples if grid.can_show(subject.energy.state_shape) else {}
    return Findings(
        tables={"attributes": table, "reader": study.reader_table(chosen.labels)},
        figures={
            "shares": _shares(table),
            **{f"samples_{n}": study.figure(*each) for n, each in shown.items()},
        },
        arrays={f"samples_{n}": stored for n, (_, stored) in samples.items()},
        details={name: _headline(row) for name, row in table.items()},
        notes={"num_samples": config.num_samples, "num_known": len(chosen.labels)},
    )


def _known(reader: Reader, chosen) -> Known:
    read = reader.read(chosen.stored)
    rule = "of which the reader can read one"
    checks.require(bool(read[VALID].any()), "--examples", rule, "none")
    has = reader.known(chosen.stored, chosen.labels)
    rows = np.flatnonzero(has[VALID])
    return Known(chosen.stored, {n: np.asarray(v)[rows] for n, v in has.items()}, read)


class _Study:
    """What is asked of all compositions alike, and what came of each model alone.

    Args:
        config: The settings.
        subject: The models.
        parts: Those that know an attribute.
        reader: Of attributes.
        known: Test images.

    Attributes:
        alone: Of samples of each model alone, what the reader says, by its attribute,
            the label asked for and the weight.
    """

    def __init__(self, config, subject, parts, reader, known):
        self._config, self._subject, self._parts = config, subject, parts
        self._reader, self._known, self.alone = reader, known, {}
        self._num_drawn, draw = 0, np.random.default_rng(subject.seed)
        num, pool = config.num_samples, len(known.has[VALID])
        # Attributes are asked for independently: each of another image.
        self._asked = {name: draw.integers(0, pool, num) for name in parts.by_name}
        random = draw.integers(0, len(known.stored), num)
        self._random = {n: np.asarray(v)[random] for n, v in known.read.items()}

    def look_at(self, join: JoinConfig) -> tuple[dict, tuple]:
        """Returns the row of a composition; what it asked for, and its samples."""
        asked = [self._asked_of(term) for term in join.terms]
        offsets = self._offsets(join)
        labels = [self._labels(t, a) for t, a in zip(join.terms, asked)]
        stored = self._drawn(join, labels, offsets)
        row = self._share(join, asked, self._reader.read(stored))
        row["alone"] = {
            term.attribute: self._share(join, asked, self._read_alone(term))
            for term in join.terms
        }
        row["chance"] = self._share(join, asked, self._random)
        if offsets is not None:
            row["offsets"] = offsets
        if self._config.tuning is not None:
            row["tuned"] = self._share(join, asked, self._read_tuned(join, labels))
        return row, ((join, asked), stored)

    def _asked_of(self, term: AskedConfig) -> Found:
        """Returns what a term asks of each sample: its own numbers alone."""
        names = self._parts.by_name[term.attribute].names or (CLASS,)
        if term.label is not None:
            num = self._config.num_samples
            return {n: np.full(num, value) for n, value in zip(names, term.label)}
        rows = self._asked[term.attribute]
        return {name: self._known.has[name][rows] for name in names}

    def _labels(self, term: AskedConfig, asked: Found) -> np.ndarray:
        names = self._parts.by_name[term.attribute].names
        if not names:
            return np.asarray(asked[CLASS], np.int32)
        columns = np.stack([asked[name] for name in names], axis=1)
        return np.asarray(columns, np.float32)

    def _read_alone(self, term: AskedConfig) -> Found:
        key = term.attribute, term.label, term.weight
        if key not in self.alone:
            plain = JoinConfig(
                terms=(dataclasses.replace(term, weight=abs(term.weight)),)
            )
            stored = self._drawn(plain, [self._labels(term, self._asked_of(term))])
            self.alone[key] = self._reader.read(stored)
        return self.alone[key]

    def _read_tuned(self, join: JoinConfig, labels) -> Found:
        """Returns what samples have after networks were trained on images that have
        all that is asked for."""
        config, subject = self._config.tuning, self._subject
        train = subject.examples["train"]
        chosen = energies.choose(train, config.num_images, subject.seed)
        has = self._reader.known(*chosen)
        rows = np.flatnonzero(has[VALID])
        own = [self._labels(term, has)[rows] for term in join.terms]
        composed = joins.Composed(self._parts, join, subject)
        with tuning.tuned(composed, config, subject, chosen.stored[rows], own):
            return self._reader.read(self._drawn(join, labels))

    def _drawn(self, join: JoinConfig, labels, offsets=None) -> np.ndarray:
        """Returns samples of a composition, by a seed of its own."""
        self._num_drawn += 1
        seed = rng.fold_in(rng.make_seed(self._subject.seed), self._num_drawn)
        composed = joins.Composed(self._parts, join, self._subject, offsets)
        return composed.draw(labels, seed)

    def _offsets(self, join: JoinConfig) -> list[float] | None:
        has_levels = joins.levels_of(self._subject.energy) is not None
        rule = join.offsets or ("zero" if has_levels else "data")
        if join.rule != "any" or rule == "zero":
            return None
        is_said = all(term.label is not None for term in join.terms)
        told = 'given in each term, for offsets of "data"'
        checks.require(is_said, "joins.terms.label", told, None)
        states = []
        for number, term in enumerate(join.terms):
            part, found = self._parts.by_name[term.attribute], self._known.read
            names = part.names or (CLASS,)
            asked = {n: np.asarray(v) for n, v in zip(names, term.label)}
            rows = self._reader.agree(part.names, asked, found)
            told = f"with test images of {term.attribute} {list(term.label)}"
            checks.require(bool(rows.any()), "--examples", told, "none")
            seed = rng.fold_in(rng.make_seed(self._subject.seed), number)
            stored = self._known.stored[rows]
            states.append(energies.decoded(self._subject, stored, seed))
        return joins.data_offsets(self._parts, join, states)

    def _share(self, join: JoinConfig, asked: Sequence[Found], found: Found) -> dict:
        """Returns which share has each attribute, and all or any as asked for."""
        has, want = {}, []
        for number, (term, values) in enumerate(zip(join.terms, asked)):
            names = self._parts.by_name[term.attribute].names
            own = self._reader.agree(names, values, found)
            key = term.attribute
            has[f"{key}_{number}" if key in has else key] = float(own.mean())
            want.append(own if term.weight > 0 else found[VALID] & ~own)
        right = np.all(want, axis=0) if join.rule == "all" else np.any(want, axis=0)
        share, num = float(right.mean()), len(right)
        return {
            "share": share,
            "standard_error": float(np.sqrt(share * (1.0 - share) / num)),
            "has": has,
            "valid": float(np.mean(found[VALID])),
        }

    def reader_table(self, labels: np.ndarray) -> dict:
        """Returns what the reader says of test images, of their own labels.

        Args:
            labels: Theirs.
        """
        names = tuple(self._subject.label_names["examples"])
        values = dict(zip(names or (CLASS,), np.reshape(labels, [len(labels), -1]).T))
        found = self._known.read
        row = {"valid": float(np.mean(found[VALID]))}
        reads = self._config.reader.names
        can = (CLASS in found) if not names else reads is None or {*names} <= {*reads}
        if can:
            right = self._reader.agree(names, values, found)
            row["agrees"] = {joins.attribute_of(names): float(right.mean())}
        return row

    def figure(self, told, stored: np.ndarray):
        """Returns images with what was asked for above them."""
        num, (join, asked) = self._config.num_shown, told
        shape = self._subject.energy.state_shape
        titles = [self._title(join, asked, index) for index in range(num)]
        images = grid.as_images(stored[:num], len(shape), self._subject.space)
        return pictures.image_grid(images, 10, titles)

    def _title(self, join, asked, index) -> str:
        words = []
        for term, values in zip(join.terms, asked):
            one = [np.asarray(values[name])[index] for name in values]
            if self._parts.by_name[term.attribute].names:
                word = " ".join(f"{value:.1f}" for value in one)
            else:
                word = str((self._subject.class_names or range(10**6))[int(one[0])])
            words.append("not " * (term.weight < 0) + word)
        return "\n".join(words)


def _shares(table: dict):
    series = {"joined": [], "best model alone": [], "chance": []}
    for row in table.values():
        series["joined"].append(row["share"])
        series["best model alone"].append(
            max(r["share"] for r in row["alone"].values())
        )
        series["chance"].append(row["chance"]["share"])
    names = [name.replace("_and_", " and\n").replace("_or_", " or\n") for name in table]
    return charts.bars(series, names, "share of samples", 0.8)


def _headline(row: dict) -> dict:
    best = max(each["share"] for each in row["alone"].values())
    return {
        "share": row["share"],
        "standard_error": row["standard_error"],
        "best_alone": best,
        "chance": row["chance"]["share"],
    }
