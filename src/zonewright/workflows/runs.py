"""Keep an analysis as a run; the same question on the same inputs is the same run."""

from __future__ import annotations

from collections.abc import Mapping

from zonewright.store import actions


def keep_run(
    question: str,
    *,
    fingerprint: str,
    params: Mapping[str, object],
    result: Mapping[str, object],
) -> str:
    """Keep an answer with the fingerprint of its inputs and return the run's identity.

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
    """
    run = actions.start_run(question, params, inputs=fingerprint)
    if run.status != "done":
        run = actions.finish_run(run, dict(result))
    return str(run.pk)
