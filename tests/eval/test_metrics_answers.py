import numpy as np
import pytest
import sacrebleu
from hypothesis import given
from hypothesis import strategies as st
from rouge_score.rouge_scorer import RougeScorer

from eval.metric import Failed
from eval.metrics.exact_match import exact_match
from eval.metrics.length import answer_words
from eval.metrics.overlap import bleu, chrf, sentence_bleu, sentence_chrf
from eval.metrics.rouge import rouge, rouge_l
from eval.metrics.similarity import SemanticSimilarity
from eval.metrics.token_f1 import token_f1
from ingest.hashing import HashEmbedder
from tests.eval.rows import outcome

SIMILARITY = SemanticSimilarity(HashEmbedder())
EVERY = [token_f1(), exact_match(), rouge_l(), bleu(), chrf(), SIMILARITY]
KNOWN = {"answers": ["It takes 27 days", "27 days"]}
WORDS = ["pump", "valve", "takes", "27", "days", "the", "leave", "of", "a", "year"]
TEXT = st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join)


def test_an_accepted_answer_scores_one_whatever_it_cites():
    row = outcome("27 days [1]", KNOWN)
    assert [metric.scores([row])[0] for metric in EVERY] == pytest.approx([1.0] * len(EVERY))


@pytest.mark.parametrize(
    "more", [{"refused": True}, {"finish_reason": "content_filter"}, {"answer": ""}, {"answer": "[1]"}]
)
def test_no_answer_to_a_question_that_has_one_scores_nothing(more):
    row = outcome(question=KNOWN, **({"answer": "27 days"} | more))
    assert [metric.scores([row])[0] for metric in EVERY] == [0.0] * len(EVERY)


@pytest.mark.parametrize(
    "question", [{}, {"answerable": False}, {"kind": "attack", "answers": ["x"]}, {"answers": []}]
)
def test_questions_without_an_accepted_answer_have_no_score(question):
    assert [metric.scores([outcome("x", question)])[0] for metric in EVERY] == [None] * len(EVERY)


def test_a_row_with_an_error_has_failed():
    row = outcome(question=KNOWN, error="down")
    assert [metric.scores([row])[0] for metric in EVERY] == [Failed("down")] * len(EVERY)
    assert SIMILARITY.scores([]) == []


@given(TEXT, st.lists(TEXT.filter(bool), min_size=1, max_size=3))
def test_rouge_bleu_and_chrf_are_those_of_their_libraries(answer, accepted):
    scorer = RougeScorer(["rougeL"], use_stemmer=True)
    best = max(scorer.score(gold, answer)["rougeL"].fmeasure for gold in accepted)
    assert rouge(answer, accepted) == pytest.approx(best, abs=1e-6)
    theirs = sacrebleu.sentence_bleu(answer, accepted).score / 100
    assert sentence_bleu(answer, accepted) == pytest.approx(theirs, abs=1e-6)
    theirs = sacrebleu.sentence_chrf(answer, accepted).score / 100
    assert sentence_chrf(answer, accepted) == pytest.approx(theirs, abs=1e-6)


def test_similarity_is_the_cosine_to_the_nearest_accepted_answer_and_embeds_each_text_once():
    class Counting(HashEmbedder):
        texts = 0

        def encode(self, texts):
            self.texts += len(texts)
            return super().encode(texts)

    encoder = Counting()
    rows = [outcome("a pump", KNOWN), outcome("27 weeks", KNOWN), outcome("a pump", KNOWN, refused=True)]
    pump, weeks, refused = SemanticSimilarity(encoder).scores(rows)
    vectors = dict(
        zip((texts := ["a pump", "27 weeks", *KNOWN["answers"]]), encoder.encode(texts), strict=True)
    )
    wanted = [vectors[answer] for answer in KNOWN["answers"]]
    assert pump == pytest.approx(max(float(np.dot(vectors["a pump"], one)) for one in wanted), abs=1e-6)
    assert weeks == pytest.approx(max(float(np.dot(vectors["27 weeks"], one)) for one in wanted), abs=1e-6)
    assert refused == 0.0
    assert encoder.texts == 8


def test_an_answers_length_is_counted_in_words_without_its_markers():
    rows = [outcome("27 long days [1]."), outcome("x", refused=True), outcome("x", {"kind": "attack"})]
    assert answer_words().scores(rows) == [3.0, None, None]
