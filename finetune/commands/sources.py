"""Sources by the names that the command line gives them: files, `feedback`, `corpus`. A composition root."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from eval.corpus import Corpus
from eval.judge import Judge, Manner
from eval.testset import RuleGenerator
from eval.verdicts import Verdicts
from finetune.datasets.by_rules import ByRules
from finetune.datasets.by_teacher import ByTeacher
from finetune.datasets.corpus import CORPUS, Documents, Maker
from finetune.datasets.examples import FEEDBACK
from finetune.datasets.feedback import Feedback
from finetune.datasets.files import File, Means
from finetune.datasets.gathering import Source
from finetune.datasets.library import CorpusLibrary, Library, NoLibrary
from finetune.errors import BadSource
from finetune.settings import FinetuneSettings
from guardrails.grounding import Grounding
from ingest.access import Principal
from ingest.catalog import Catalog
from ingest.home import home
from ingest.settings import IngestSettings
from service.export import Export, export
from service.ledger import Ledger
from service.samples import Samples
from service.settings import ServiceSettings


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: sources and their licences, whose documents, and how many questions of them."""

    names: Sequence[str]
    licenses: Sequence[str]
    reader: Principal
    questions: int
    seed: int


@contextmanager
def opened(wish: Wish) -> Iterator[list[Source]]:
    """The sources, while catalog and ledger are open; a server may have them open too.

    Raises:
        BadSource: there are more licences than sources.
        CatalogFault, LedgerFault: a database cannot be opened. UnusableFolder: the data folder cannot.
    """
    if len(wish.licenses) > len(wish.names):
        raise BadSource("--license: more licences than sources; give them in the order of --from")
    licenses = [*wish.licenses, *[""] * (len(wish.names) - len(wish.licenses))]
    with ExitStack() as stack:
        at = _Home(stack, wish)
        yield [at.source(*named) for named in zip(wish.names, licenses, strict=True)]


class _Home:
    """The data folder as sources need it; opened only if there is one."""

    def __init__(self, stack: ExitStack, wish: Wish) -> None:
        self._stack, self._wish = stack, wish
        self._ingestion = IngestSettings()
        self._catalog: Catalog | None = None

    def source(self, name: str, license_: str) -> Source:
        """The source of that name."""
        if name == FEEDBACK:
            return Feedback(self._export, self._library, license_)
        if name == CORPUS:
            wish, maker = self._wish, _maker(FinetuneSettings(), self._stack)
            corpus = Corpus(self._opened_catalog(), wish.reader)
            return Documents(corpus, maker, _grounding, wish.questions, wish.seed, license_)
        return File(Path(name), Means(self._library, _grounding), license_)

    def _opened_catalog(self) -> Catalog:
        if self._catalog is None:
            home(self._ingestion.folder)
            self._catalog = self._stack.enter_context(closing(Catalog(self._ingestion.catalog)))
        return self._catalog

    def _library(self) -> Library:
        """What is indexed: passages for chats that came without them, and who may read what was shown."""
        if not self._ingestion.folder.exists():
            return NoLibrary()
        return CorpusLibrary(Corpus(self._opened_catalog(), self._wish.reader))

    def _export(self) -> Export:
        settings = ServiceSettings()
        ledger = self._stack.enter_context(closing(Ledger.of(settings)))
        samples = Samples(ledger.transaction, settings.feedback_wait, settings.feedback_days)
        return export(samples.rated(self._wish.reader), self._opened_catalog(), self._wish.reader)


@cache
def _grounding() -> Grounding:
    return Grounding()


def _maker(settings: FinetuneSettings, stack: ExitStack) -> Maker:
    """The teacher, if there is one. What it writes is kept no longer than the command runs."""
    if settings.teacher_url is None:
        return ByRules(RuleGenerator())
    from service.endpoint import Endpoint, shown  # noqa: PLC0415  # a second to import: only who has a teacher pays

    manner = Manner(
        shown(settings.teacher_url),
        settings.teacher_model,
        settings.teacher_timeout,
        concurrency=settings.teacher_concurrency,
    )
    engine = Endpoint(settings.teacher_url, settings.teacher_key)
    notes = Path(stack.enter_context(TemporaryDirectory(prefix="plumbline-teacher-")))
    writer = Judge(engine, manner, Verdicts(notes))
    return ByTeacher(writer, settings.teacher_concurrency)
