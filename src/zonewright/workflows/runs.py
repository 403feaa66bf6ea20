"""Keep an analysis as a run; the same question on the same inputs is the same run."""

from __future__ import annotations

from collections.abc import Mapping

from zonewright.store import actions
from zonewright.store.models import Run


def keep_run(
    question: str,
    *,
    fingerprint: str,
    params: Mapping[str, object],
    result: Mapping[str, object],
    by: str = "",
) -> Run:
    """Keep an answer with the fingerprint of its inputs; one that is kept already stays.

    Parameters
    ----------
    question
        Name of the analysis.
    fingerprint
        Of the inputs (`selectors.fingerprint`).
    params
        What was asked, as plain values.
    result
        The answer, as plain values.
    by
        Who asked.
    """
    run = actions.start_run(question, params, inputs=fingerprint, by=by)
    return run if run.finished_at is not None else actions.finish_run(run, dict(result))
