import pytest
import torch

from finetune.datasets.readings import Reading, Shown, answered, refused
from finetune.training import attention
from finetune.training.packing import LENGTH_STEP, pack
from service.prompts import messages

READING = Reading(
    (Shown("Leave > Days", "Staff get 27 days of leave."), Shown("", "The office is in Turku.")),
    (
        answered("How many days of leave do staff get?", "27 days", 1),
        answered("Where is the office?", "Turku", 2),
        refused("Who is the chief executive of the whole company today?", "unrelated"),
    ),
)


def plain(tokenizer, asked):
    """The sequence that a server would see, without any packing."""
    prompt = tokenizer.apply_chat_template(
        messages(asked.question, READING.passages), tokenize=False, add_generation_prompt=True
    )
    return tokenizer(f"{prompt}{asked.reply}{tokenizer.eos_token}")["input_ids"]


def unpacked(packed):
    """Each question of a packed sequence with its passages, as places in the sequence."""
    layout = packed.layout
    start = layout.prefix
    for width in (block.width for block in layout.blocks for _ in range(block.count)):
        yield [*range(layout.used), *range(start, start + width)]
        start += width
    assert start == packed.tokens.shape[1]


def test_passages_and_a_question_make_the_very_tokens_that_are_served(tokenizer):
    (packed,) = pack(READING, tokenizer)
    wanted = {tuple(plain(tokenizer, asked)) for asked in READING.asked}
    made = [packed.tokens[0, places].tolist() for places in unpacked(packed)]
    assert len(made) == len(wanted) == 3
    for tokens in made:
        assert any(tuple(tokens[: len(whole)]) == whole for whole in wanted)


def test_loss_is_borne_by_the_replies_alone_and_by_all_of_each(tokenizer):
    (packed,) = pack(READING, tokenizer)
    borne = [
        tokenizer.decode([target for target in packed.targets[0, places] if target >= 0])
        for places in unpacked(packed)
    ]
    assert sorted(borne) == sorted(f"{asked.reply}{tokenizer.eos_token}" for asked in READING.asked)


def test_every_question_sees_the_passages_and_itself_only(tiny):
    (packed,) = pack(READING, tiny.tokenizer)
    with torch.no_grad():
        alone = {
            tuple(places): tiny.model.model(input_ids=packed.tokens[:, places]).last_hidden_state[0]
            for places in unpacked(packed)
        }
        tiny.model.set_attn_implementation(attention.NAME)
        together = tiny.model.model(
            input_ids=packed.tokens, position_ids=packed.positions, layout=packed.layout
        ).last_hidden_state[0]
    for places, expected in alone.items():
        torch.testing.assert_close(together[list(places)], expected, rtol=1e-4, atol=1e-5)


def test_lengths_come_in_steps_so_that_few_kernels_are_needed(tokenizer):
    (packed,) = pack(READING, tokenizer)
    assert packed.tokens.shape[1] % LENGTH_STEP == 0
    assert packed.layout.prefix - packed.layout.used < LENGTH_STEP


@pytest.mark.parametrize("many", [81, 165])
def test_more_questions_than_fit_go_into_further_sequences(tokenizer, many):
    asked = tuple(answered(f"What is number {n}?", str(n), 1) for n in range(many))
    packs = list(pack(Reading(READING.passages, asked), tokenizer))
    assert sum(int((p.targets == tokenizer.eos_token_id).sum()) for p in packs) == many
    assert all(sum(block.count for block in p.layout.blocks) <= 80 for p in packs)
