"""Annealing runs that were done in parts, put together. All results are arrays."""

from collections.abc import Sequence

import numpy as np

from ebm_tf.likelihood.annealing import AisResult


def join_segments(segments: Sequence[AisResult], last: AisResult) -> AisResult:
    """Returns the whole run of some chains from its parts along the path.

    Args:
        segments: In increasing order of temperature, forward and reverse alike.
        last: The one of them that was run last: its weights and states count.
    """
    path = (
        np.concatenate([getattr(segment, name) for segment in segments])
        for name in ("log_mean", "ess", "accept_prob")
    )
    ends = (np.asarray(end) for end in (last.ancestors, last.squared_cv))
    return AisResult(np.asarray(last.log_weights), np.asarray(last.x), *path, *ends)


def merge_chains(runs: Sequence[AisResult]) -> AisResult:
    """Returns the run of all chains from runs of some each, along one path.

    Sums of weights and of their squares add up, so means and effective sample
    sizes along the path are those of one run of all chains.
    """
    counts = np.array([len(run.log_weights) for run in runs], np.float64)
    firsts = np.cumsum(counts) - counts  # runs do not share ancestors
    log_mean, ess, accept_prob = (
        np.stack([np.asarray(getattr(run, name), np.float64) for run in runs])
        for name in ("log_mean", "ess", "accept_prob")
    )
    log_sums = log_mean + np.log(counts)[:, np.newaxis]
    log_sum = np.logaddexp.reduce(log_sums, axis=0)
    log_square_sum = np.logaddexp.reduce(2.0 * log_sums - np.log(ess), axis=0)
    return AisResult(
        log_weights=np.concatenate([run.log_weights for run in runs]),
        x=np.concatenate([run.x for run in runs]),
        log_mean=log_sum - np.log(counts.sum()),
        ess=np.exp(2.0 * log_sum - log_square_sum),
        accept_prob=np.average(accept_prob, axis=0, weights=counts),
        ancestors=np.concatenate(
            [run.ancestors + int(first) for run, first in zip(runs, firsts)]
        ),
        squared_cv=np.concatenate([run.squared_cv for run in runs]),
    )
