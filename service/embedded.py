"""The embedded engine: the model in this process, one thread, several requests in turn.

Every running request keeps its own key-value cache and gets one token a round, so a long answer
never holds up a short one, and the event loop only ever waits on queues. A prompt that begins as the one
before it did, as all do with their instructions, is read from where they part.
"""

import asyncio
import queue
import threading
import weakref
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import takewhile

import torch
from torch import Tensor
from transformers import DynamicCache

from service.answer import Sampling, Usage
from service.errors import EngineFailed, ServiceError
from service.generate import Piece
from service.makings import Makings
from service.models import BaseModel
from service.problems import Caught

Outcome = Piece | ServiceError
KEPT = 1  # models in memory beside those that are held
_HALF = "\ufffd"  # a character whose bytes are not complete yet


@dataclass(eq=False)
class _Run:
    """One request under way in the engine's thread."""

    base: BaseModel  # its own to the end, whatever is promoted or forgotten meanwhile
    messages: list[dict[str, str]]
    sampling: Sampling
    send: Callable[[Outcome], None]
    cancelled: threading.Event = field(default_factory=threading.Event)
    cache: DynamicCache = field(default_factory=DynamicCache)
    ahead: Tensor | None = None  # tokens (1, n) that the model has not seen
    prompt: list[int] = field(default_factory=list)
    written: list[int] = field(default_factory=list)
    sent: str = ""
    dice: torch.Generator | None = None


@dataclass(eq=False)
class _Past:
    """What was read for the request that ended last, and by whom."""

    model: "weakref.ref[torch.nn.Module]"  # it may be forgotten meanwhile
    tenant: str
    prompt: list[int]
    cache: DynamicCache

    def shared(self, run: _Run) -> int:
        """How many tokens need not be read again: never another tenant's, nor the prompt's last."""
        if self.model() is not run.base.model or self.tenant != run.sampling.tenant:
            return 0
        alike = takewhile(lambda pair: pair[0] == pair[1], zip(self.prompt, run.prompt[:-1], strict=False))
        return sum(1 for _ in alike)


class EmbeddedEngine:
    """Loads models by name on demand, beside the answers under way, and keeps the last used."""

    keeps_forms = False

    def __init__(self, load: Callable[[str], BaseModel], threads: int = 0) -> None:
        self._threads = threads
        self._models = Makings(load)
        self._held: frozenset[str] = frozenset()
        self._past: _Past | None = None
        self._arrivals: queue.SimpleQueue[_Run | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="engine", daemon=True)
        self._thread.start()

    def want(self, name: str) -> Future[BaseModel]:
        """As `Servant.want`."""
        return self._models.want(name)

    def tend(self, held: Collection[str]) -> None:
        """As `Servant.tend`."""
        self._held = frozenset(held)
        for name in self._held:
            self._models.want(name)
        self._forget()

    def ready(self) -> bool:
        """Whether the thread lives and a model is loaded."""
        return self._thread.is_alive() and bool(self._models.made())

    def close(self) -> None:
        """Stop once the running requests have ended."""
        self._arrivals.put(None)
        self._thread.join(timeout=60)

    async def stream(
        self, model: str, messages: Sequence[dict[str, str]], sampling: Sampling
    ) -> AsyncIterator[Piece]:
        """As `Generator.stream`."""
        base = await self._loaded(model)
        loop, pieces = asyncio.get_running_loop(), asyncio.Queue[Outcome]()

        def send(outcome: Outcome) -> None:
            loop.call_soon_threadsafe(pieces.put_nowait, outcome)

        run = _Run(base, list(messages), sampling, send)
        self._arrivals.put(run)
        try:
            while True:
                outcome = await pieces.get()
                if isinstance(outcome, ServiceError):
                    raise outcome
                yield outcome
                if outcome.finish:
                    return
        finally:
            run.cancelled.set()

    async def _loaded(self, name: str) -> BaseModel:
        """The model, as soon as it is there. Raises `ServiceError`."""
        with Caught() as caught:
            base = await self._models.get(name)
            self._forget()
            return base
        raise _told(caught.error)

    def _forget(self) -> None:
        """Let go of what was not used for longest; who answers with it keeps it until the end."""
        spare = [name for name in self._models.made() if name not in self._held]
        for name in spare[: max(0, len(spare) - KEPT)]:
            self._models.drop(name)

    def _work(self) -> None:
        if self._threads:
            torch.set_num_threads(self._threads)
        running: list[_Run] = []
        while True:
            while not running or not self._arrivals.empty():
                arrival = self._arrivals.get()
                if arrival is None:
                    return
                running.append(arrival)
            running = [run for run in running if not run.cancelled.is_set() and self._advance(run)]

    def _advance(self, run: _Run) -> bool:
        """One token further; False when the request has ended.

        Whatever goes wrong ends this request alone: the thread serves all the others.
        """
        with Caught() as caught:
            if run.ahead is None:
                past, self._past = self._past, None
                _begin(run, past)
            going = _step(run)
            if not going:
                self._past = _Past(weakref.ref(run.base.model), run.sampling.tenant, run.prompt, run.cache)
            return going
        run.send(_told(caught.error))
        return False


def _told(error: Exception | None) -> ServiceError:
    """An error as callers may see it: of a foreign one the class alone, since messages may quote the text."""
    if isinstance(error, ServiceError):
        return error
    return EngineFailed(f"the embedded engine failed with {type(error).__name__}; ask again")


def _begin(run: _Run, past: _Past | None) -> None:
    base = run.base
    run.prompt = base.prompt(run.messages)
    known = past.shared(run) if past else 0
    if past and known:
        past.cache.crop(known - past.cache.get_seq_length())  # by so many
        run.cache = past.cache
    run.ahead = torch.tensor([run.prompt[known:]], device=base.model.device)
    if run.sampling.temperature > 0:
        run.dice = torch.Generator(base.model.device)
        if run.sampling.seed is not None:
            run.dice.manual_seed(run.sampling.seed)
        else:
            run.dice.seed()


def _step(run: _Run) -> bool:
    base = run.base
    with torch.inference_mode():
        out = base.model(input_ids=run.ahead, past_key_values=run.cache, use_cache=True, logits_to_keep=1)
        scores = out.logits[0, -1].float()
        for word, bias in run.sampling.first_token if not run.written else ():
            scores[base.first_token(word)] += bias
        token = _choose(scores, run.sampling, run.dice)
    ended = token == base.tokenizer.eos_token_id
    if not ended:
        run.written.append(token)
    run.ahead = torch.tensor([[token]], device=base.model.device)
    return _emit(run, ended=ended)


def _emit(run: _Run, *, ended: bool) -> bool:
    """Send what is new and complete; say so when it is the end."""
    base = run.base
    text = str(base.tokenizer.decode(run.written, skip_special_tokens=True))
    cuts = [at for stop in run.sampling.stop if (at := text.find(stop)) >= 0]
    text = text[: min(cuts)] if cuts else text
    room = int(base.model.config.max_position_embeddings) - len(run.prompt)
    full = len(run.written) >= min(run.sampling.max_tokens, room)
    finished = ended or bool(cuts) or full
    if not finished:
        text = _settled(text, run.sampling.stop)
    fresh, run.sent = text[len(run.sent) :], max(run.sent, text, key=len)
    if finished:
        usage = Usage(len(run.prompt), len(run.written))
        run.send(Piece(fresh, "stop" if ended or cuts else "length", usage))
    elif fresh:
        run.send(Piece(fresh))
    return not finished


def _settled(text: str, stops: Sequence[str]) -> str:
    """`text` without its end where that may yet change: half a character, the beginning of a stop."""
    text = text.rstrip(_HALF)
    held = max((n for stop in stops for n in range(1, len(stop)) if text.endswith(stop[:n])), default=0)
    return text[: len(text) - held]


def _choose(logits: Tensor, sampling: Sampling, dice: torch.Generator | None) -> int:
    """The next token: the likeliest, or drawn by temperature from the likeliest `top_p` of the mass."""
    if dice is None:
        return int(logits.argmax())
    chances, order = torch.softmax(logits / sampling.temperature, dim=-1).sort(descending=True)
    chances[chances.cumsum(0) - chances > sampling.top_p] = 0.0
    return int(order[torch.multinomial(chances, 1, generator=dice)])
