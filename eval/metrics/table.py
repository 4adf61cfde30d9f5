"""All metrics, in the order of the report: the table that one extends."""

from collections.abc import Iterable, Sequence

from eval.metric import Metric
from eval.metrics.average_precision import mean_average_precision
from eval.metrics.bias import bias_f1, bias_refusal
from eval.metrics.blocks import block_rate, false_blocks, false_blocks_benign
from eval.metrics.citations import citation_precision, citation_recall, citation_verbatim
from eval.metrics.cost import Prices, cost
from eval.metrics.errors import Errors
from eval.metrics.exact_match import exact_match
from eval.metrics.leaks import leaks
from eval.metrics.length import answer_words
from eval.metrics.ndcg import ndcg_at
from eval.metrics.overlap import bleu, chrf
from eval.metrics.precision import precision_at
from eval.metrics.recall import recall_at
from eval.metrics.reciprocal_rank import mrr
from eval.metrics.refusal import refusal_precision, refusal_recall, wrongly_refused
from eval.metrics.rouge import rouge_l
from eval.metrics.similarity import Encoder, SemanticSimilarity
from eval.metrics.speed import first_token_ms, tokens_per_second, total_ms
from eval.metrics.support import support
from eval.metrics.token_f1 import token_f1

AT = (1, 3, 5, 10)


def metrics(
    k: Sequence[int] = AT,
    encoder: Encoder | None = None,
    prices: Prices | None = None,
    judged: Iterable[Metric] = (),
) -> list[Metric]:
    """Every metric; those of meaning need an `encoder`, cost needs `prices`, `judged` are a judge's."""
    return [
        # Answers
        token_f1(),
        exact_match(),
        rouge_l(),
        bleu(),
        chrf(),
        *([SemanticSimilarity(encoder)] if encoder else []),
        answer_words(),
        # Refusals
        refusal_precision(),
        refusal_recall(),
        wrongly_refused(),
        # Grounding and citations
        support(),
        citation_precision(),
        citation_recall(),
        citation_verbatim(),
        # Retrieval
        *(recall_at(each) for each in k),
        *(precision_at(each) for each in k),
        mrr(),
        mean_average_precision(),
        *(ndcg_at(each) for each in k),
        # Rails
        block_rate(),
        false_blocks_benign(),
        false_blocks(),
        leaks(),
        # Bias
        bias_f1(),
        bias_refusal(),
        # Service
        first_token_ms(),
        total_ms(),
        tokens_per_second(),
        Errors(),
        *([cost(prices)] if prices else []),
        # The judge's
        *judged,
    ]
