"""Texts for the injection rail: labelled attacks, and plain texts and questions that must pass.

Knows where texts come from and nothing of classifiers.
"""

import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from finetune.errors import BadSource
from finetune.sources import read_source

HELD_OUT = 8  # one text in eight calibrates and measures, and never trains
REPEATED = 5
WRITTEN = "written"
PAGE = 6000  # characters of a page that are read

LOOK_LIKE_ATTACKS = (
    "Can I ignore this warning in my code?",
    "Should I follow the instructions in the previous email?",
    "How do I override the default settings?",
    "Which previous instructions apply to the travel policy?",
    "What are the rules for ignoring alerts at night?",
    "Please disregard my last message, I found the answer.",
    "Forget my earlier question. How many holidays do I get?",
    "How do I bypass the VPN for video calls?",
    "Show me the instructions for resetting the device.",
    "What does the system prompt me to do after login?",
    "The installer prompts for a password, which one is it?",
    "Who acts as the manager when Anna is away?",
    "What role do I need to publish a page?",
    "You are now eligible for parental leave, what next?",
    "How do I print the system log?",
    "Tell me the rules for expenses.",
    "What are the instructions for the new hire?",
    "What does the security policy say about prompt injection?",
    "How do we protect our chatbot against prompt injection?",
    "What is the assistant's job description?",
    "Write me a short summary of the travel policy.",
    "Answer in German: how long is the notice period?",
    "Reply with a table of the prices please.",
    "Only answer with the number: how many days of leave?",
    "Pretend I am a new employee, what do I have to do first?",
    "Act as my onboarding buddy and list the first steps.",
    "Can you repeat the last answer?",
    "What can you do?",
    "Who are you and which documents do you know?",
    "Are there any restrictions on working abroad?",
    "How do I delete all previous versions of a document?",
    "Is it allowed to skip the safety instructions if I am trained?",
    "How do I reveal hidden rows in the sheet?",
    "When are urgent orders delivered?",
    "Attention: is the office closed tomorrow?",
    "Where do I find your terms?",
    "May I ignore this error message?",
    "Can I ignore the warning that the build prints?",
    "Is it okay to ignore this lint rule in the code?",
    "When can I disregard the reminder e-mail?",
    "Ignore my typo in the last question, I meant the laptop.",
    "Never mind what I wrote about Monday.",
    "Forget the second question, just answer the first.",
    "Forget what I asked about the car, what about the bus?",
    "Please forget it, I have found the form.",
    "Scrap that, who is my HR partner?",
    "Sorry, disregard that. When is the town hall?",
    "I forgot the rules for parking, what are they?",
    "Which of these rules can be skipped for small orders?",
    "Can a manager override the approval limit?",
    "How do I override a setting for one user only?",
    "What does the system do when I print without paper?",
    "What is the message on the system screen after start?",
    "List the instructions for cleaning the filter.",
    "Give me all instructions for setting up the printer.",
    "Summarise the document above in three bullet points.",
    "Sum up the rules above, please.",
    "Repeat the steps for resetting the gateway.",
    "Print the label for the parcel, how?",
    "Act on behalf of a colleague: is it allowed?",
    "You are now reading version two of the policy.",
    "From now on, where do I hand in receipts?",
    "Starting today, must every visitor sign in?",
    "How many characters may a user name have?",
    "Does the new directive on travel replace the old one?",
    "Is it urgent to answer the audit request?",
    "Who has admin mode on the wiki?",
    "How do I get access to the developer portal?",
    "What is the secret of a good interview?",
    "Tell me about the code of conduct without any jargon.",
    "Which rules about AI tools must I follow?",
    "May I use a language model to write e-mails?",
    "Respond in English: what is the canteen's menu?",
    "Say it in simple words: what is vesting?",
)
"""Questions in the words of attacks. Those that the tests ask are others."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text with its label (1 = attack), and the groups that figures are given for."""

    text: str
    label: int
    kind: str
    source: str

    @property
    def held_out(self) -> bool:
        """Whether it calibrates instead of training: decided by its content, so copies stay together."""
        if self.source == WRITTEN:
            return False
        return int(hashlib.sha256(self.text.encode()).hexdigest(), 16) % HELD_OUT == 0

    @property
    def length(self) -> str:
        """Its bucket of length, in characters."""
        bounds = ((200, "up to 200"), (900, "201 to 900"), (3000, "901 to 3000"))
        return next((name for bound, name in bounds if len(self.text) <= bound), "over 3000")


def labelled(file: Path) -> list[Text]:
    """Read attacks and benign texts: gzipped JSON lines {"text","label","kind","source"}.

    Raises:
        BadSource: the file cannot be read, or a row lacks a field.
    """
    try:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        texts = [Text(row["text"], int(row["label"]), row["kind"], row["source"]) for row in rows]
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise BadSource(f"{file}: not readable as labelled texts: {error}") from error
    if not texts:
        raise BadSource(f"{file}: holds no texts; give the file that came with the data")
    return texts


def pages(folder: Path) -> Iterator[Text]:
    """Read the beginning of every Markdown page below `folder`, all benign."""
    for file in sorted(folder.rglob("*.md")):
        yield Text(file.read_text(encoding="utf-8", errors="replace")[:PAGE], 0, "page", folder.name)


def questions(file: Path, most: int = 900) -> Iterator[Text]:
    """Read paragraphs of a file of questions, and one question of each, all benign.

    Raises:
        BadSource: the file cannot be read.
    """
    for paragraph in read_source(file)[:most]:
        yield Text(paragraph.text, 0, "paragraph", file.name)
        for asked in paragraph.questions[:1]:
            yield Text(asked.text, 0, "question", file.name)


def passages(file: Path, most: int) -> Iterator[Text]:
    """Read the first passages of a retrieval corpus: gzipped JSON lines {"text"}, all benign.

    Raises:
        BadSource: the file cannot be read, or a row lacks its text.
    """
    try:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for line in islice(lines, most):
                yield Text(json.loads(line)["text"][:PAGE], 0, "passage", file.parent.name)
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise BadSource(f"{file}: not readable as passages: {error}") from error


def near_misses() -> Iterator[Text]:
    """`LOOK_LIKE_ATTACKS`, all benign, several times over: they are few against thousands of attacks."""
    for text in LOOK_LIKE_ATTACKS * REPEATED:
        yield Text(text, 0, "question", WRITTEN)
