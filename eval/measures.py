"""What a run measures with, built from settings: a composition root, as `__main__` is."""

from eval.agreement import Agreements
from eval.errors import NoJudge
from eval.judge import Judge, Manner
from eval.metric import Metric
from eval.metrics.cost import Prices
from eval.metrics.similarity import Encoder
from eval.metrics.table import metrics
from eval.settings import EvalSettings
from eval.verdicts import Verdicts


def measures(settings: EvalSettings, encoder: Encoder) -> list[Metric]:
    """Every metric: a judge's if one is configured, cost if there are prices."""
    priced = settings.price_prompt or settings.price_completion
    prices = Prices(settings.price_prompt, settings.price_completion) if priced else None
    judged = judge_metrics(settings, encoder) if settings.judge_url else []
    return metrics(encoder=encoder, prices=prices, judged=judged)


def judge_metrics(settings: EvalSettings, encoder: Encoder) -> list[Metric]:
    """The configured judge's metrics.

    Raises:
        NoJudge: none is configured.
    """
    from eval.ragas import judged  # noqa: PLC0415  # seconds to import: only who has a judge pays

    judge, shown_before = open_judge(settings), Agreements(settings.verdicts)

    def gates(name: str) -> bool:
        found = shown_before.find(name, judge.manner.name)
        return found is not None and found.suffices(settings.judge_agreement)

    return [*judged(judge, encoder, gates)]


def open_judge(settings: EvalSettings) -> Judge:
    """The configured judge.

    Raises:
        NoJudge: none is configured.
    """
    if not settings.judge_url:
        raise NoJudge(
            "no judge is configured: set PLUMBLINE_EVAL__JUDGE_URL to an OpenAI-compatible endpoint "
            "and PLUMBLINE_EVAL__JUDGE_MODEL to a model of it"
        )
    from service.endpoint import Endpoint  # noqa: PLC0415  # a second to import: only who has a judge pays

    engine = Endpoint(settings.judge_url, settings.judge_key)
    return Judge(engine, manner(settings, settings.judge_url), Verdicts(settings.verdicts))


def judge_name(settings: EvalSettings) -> str:
    """The judge as a run's fingerprint names it; empty where there is none."""
    return manner(settings, settings.judge_url).name if settings.judge_url else ""


def manner(settings: EvalSettings, url: str) -> Manner:
    """How the judge is asked."""
    from service.endpoint import shown  # noqa: PLC0415  # as above

    return Manner(
        shown(url),
        settings.judge_model,
        settings.judge_timeout,
        settings.judge_attempts,
        settings.judge_concurrency,
        settings.judge_max_tokens,
    )
