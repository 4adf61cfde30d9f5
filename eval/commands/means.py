"""What a night is made with, of the real parts: the composition root of `python -m eval nightly`."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from eval.corpus import Corpus, Indexed
from eval.dataset import Question, read_dataset, write_dataset
from eval.errors import EvalError, TargetFault, Unconfigured
from eval.history import History
from eval.in_step import out_of_step
from eval.measures import judge_name
from eval.night import Nights, send
from eval.nightly import Means
from eval.notify import Notice, Sender, senders
from eval.rules import SHIPPED, read_rules
from eval.run import Order
from eval.settings import EvalSettings
from eval.wiring import Place, carry_out
from guardrails.errors import GuardrailsError
from ingest.access import Principal
from ingest.catalog import Catalog
from ingest.errors import IngestError
from ingest.home import home
from ingest.settings import IngestSettings
from service.errors import ServiceError
from service.reports import REPORTS, tenant_folder


@contextmanager
def opened(settings: EvalSettings, url: str | None, keys: Path | None, console: Console) -> Iterator[Means]:
    """The means, until the block ends.

    Raises:
        Unconfigured: a setting is missing.
        EvalError: the questions, rules or history cannot be read; people are told.
    """
    if settings.nightly_dataset is None:
        raise Unconfigured("no questions: give --dataset FILE, or set eval.nightly_dataset")
    hearers = senders(settings)
    with ExitStack() as stack:
        try:
            nights = Nights.of(settings.folder / REPORTS, settings.nightly_tenant)
            asked = _Asked(settings, settings.nightly_dataset, _own(settings), url, keys, console)
            means = _means(
                settings, nights, asked, stack.enter_context(closing(History.of(settings))), hearers
            )
        except (EvalError, OSError) as error:
            _told(settings, hearers, error, console)
            if isinstance(error, EvalError):
                raise
            raise Unconfigured(f"the night cannot begin: {error}") from error
        yield means


def _means(
    settings: EvalSettings, nights: Nights, asked: "_Asked", history: History, hearers: Sequence[Sender]
) -> Means:
    return Means(
        tenant=settings.nightly_tenant,
        nights=nights,
        rules=read_rules(settings.rules or SHIPPED),
        check=asked.check,
        run=asked.run,
        memory=history,
        senders=hearers,
        baseline=settings.baseline,
        link=(settings.report_url or "").rstrip("/"),
    )


def _told(settings: EvalSettings, hearers: Sequence[Sender], error: Exception, console: Console) -> None:
    """Tell people, once a day for a reason, that a night cannot even begin."""
    tenant = settings.nightly_tenant
    notice = Notice.of_failure(tenant, datetime.now(UTC).date().isoformat(), str(error))
    for fault in send(hearers, tenant_folder(settings.folder / REPORTS, tenant), notice):
        console.print(f"[red]not told:[/] {escape(fault)}")


def _own(settings: EvalSettings) -> list[Question]:
    """The tenant's questions: a report must quote no other tenant's documents to it."""
    file = settings.nightly_dataset or Path()
    own = [question for question in read_dataset(file) if question.tenant == settings.nightly_tenant]
    if not own:
        raise Unconfigured(
            f"{file} has no question of the tenant {settings.nightly_tenant}: name another with --tenant"
        )
    return own


@dataclass(frozen=True, slots=True)
class _Asked:
    settings: EvalSettings
    dataset: Path
    questions: list[Question]
    url: str | None
    keys: Path | None
    console: Console

    def check(self) -> list[str]:
        """Whether the index is in step. Of a server elsewhere nothing can be said."""
        ingestion = IngestSettings()
        # As `eval.wiring.reached` has it.
        if self.url and (self.keys or self.settings.key):
            return []
        home(ingestion.folder)
        try:
            with closing(Catalog(ingestion.catalog)) as catalog:
                corpus = Corpus(catalog, Principal.administrator(self.settings.nightly_tenant))
                return out_of_step(corpus, Indexed(catalog), catalog.traces, self.questions)
        except IngestError as error:
            raise TargetFault(str(error)) from error

    def run(self, folder: Path) -> None:
        """Ask; what was asked before in `folder` is not asked again."""
        # Under its own name: the run is called after it.
        file = folder / "questions" / self.dataset.name
        file.parent.mkdir(exist_ok=True)
        write_dataset(file, self.questions)
        key = self.settings.key.get_secret_value() if self.settings.key else None
        place = Place(url=self.url, key=key, keys=self.keys, patience=self.settings.patience)
        order = Order(file, folder, self.settings.concurrency, judge_name(self.settings))
        try:
            with self.console.status("asking") as shown:
                carry_out(
                    order,
                    place,
                    lambda stage, done, total: shown.update(f"{stage} {done}/{total}"),
                    lambda _: None,
                )
        except (ServiceError, IngestError, GuardrailsError) as error:
            raise TargetFault(str(error)) from error
