"""A chat as a model's tokenizer sees it: what it costs, without what only its template may say."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from transformers import AutoTokenizer, PreTrainedTokenizerBase

from service.errors import ModelUnavailable


class Chat:
    """A tokenizer with the chat template of its model."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        self._tokenizer = tokenizer
        self._control = re.compile("|".join(map(re.escape, tokenizer.all_special_tokens)) or r"(?!)")

    def plain(self, messages: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
        """The messages without the model's control tokens in their contents.

        A document that spells them would otherwise end its own message and speak as somebody else.
        """
        return [{**message, "content": self._control.sub(" ", message["content"])} for message in messages]

    def prompt(self, messages: Sequence[Mapping[str, str]]) -> list[int]:
        """The tokens of a chat, by the model's own template."""
        text = self._tokenizer.apply_chat_template(
            self.plain(messages), tokenize=False, add_generation_prompt=True
        )
        # The template has written the special tokens, the one of the beginning too: as vLLM reads it.
        tokens: list[int] = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        return tokens

    def count(self, messages: Sequence[Mapping[str, str]]) -> int:
        """How many tokens a chat takes."""
        return len(self.prompt(messages))


def load_chat(source: str | Path) -> Chat:
    """The tokenizer of a model: of a folder, or of a name that the local model cache knows.

    Raises:
        ModelUnavailable: there is none, or it has no chat template.
    """
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(source))
    except (OSError, ValueError) as error:
        raise ModelUnavailable(str(source), str(error).splitlines()[0]) from error
    if not tokenizer.chat_template:
        raise ModelUnavailable(str(source), "its tokenizer has no chat template")
    return Chat(tokenizer)
