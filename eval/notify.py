"""Telling people of nights that need them, by webhook and mail. No text of a document is in it."""

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from typing import Literal, Self

import httpx

from eval.errors import Unconfigured, Undelivered
from eval.labels import label
from eval.settings import EvalSettings
from service.reports import ReportCard

Sender = Callable[["Notice"], None]


@dataclass(frozen=True, slots=True)
class Notice:
    """What people are told. `text` says it in words, as chat programs' webhooks want it."""

    kind: Literal["regression", "incomparable", "failure"]
    tenant: str
    date: str
    text: str
    worse: tuple[str, ...] = ()
    report: str = ""

    @classmethod
    def of_regression(cls, tenant: str, card: ReportCard, report: str) -> Self:
        """Of a night on which something got worse."""
        figures = "".join(f"\n- {label(metric)}" for metric in card.worse)
        where = f"\n{report}" if report else ""
        text = f"Evaluation {card.date}, {tenant}: {card.said}.{figures}{where}"
        return cls("regression", tenant, card.date, text, card.worse, report)

    @classmethod
    def of_incomparable(cls, tenant: str, card: ReportCard, reason: str, report: str) -> Self:
        """Of a night that nothing was compared with: what got worse on it, nobody knows."""
        where = f"\n{report}" if report else ""
        text = f"Evaluation {card.date}, {tenant}: {card.said}. {reason}{where}"
        return cls("incomparable", tenant, card.date, text, report=report)

    @classmethod
    def of_failure(cls, tenant: str, night: str, reason: str) -> Self:
        """Of a night that has no report yet."""
        return cls("failure", tenant, night, f"Evaluation {night}, {tenant}: no report. {reason}")


def senders(settings: EvalSettings) -> list[Sender]:
    """Those that the settings name.

    Raises:
        Unconfigured: people are to be mailed, and there is no server for it.
    """
    found: list[Sender] = []
    if settings.webhook_url:
        url = settings.webhook_url.get_secret_value()
        found.append(lambda notice: post(url, notice, settings.notify_timeout))
    if settings.notify_to:
        if not settings.smtp_host:
            raise Unconfigured("notify_to names people, and no mail server is set: set eval.smtp_host")
        found.append(lambda notice: mail(settings, notice))
    return found


def post(url: str, notice: Notice, timeout: float) -> None:
    """Send a notice to a webhook. Raises `Undelivered`; its message holds no URL, which may be a secret."""
    try:
        httpx.post(url, json=asdict(notice), timeout=timeout).raise_for_status()
    except httpx.HTTPStatusError as error:
        raise Undelivered(f"the webhook answers {error.response.status_code}") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Undelivered(f"the webhook cannot be reached ({type(error).__name__})") from error


def mail(settings: EvalSettings, notice: Notice) -> None:
    """Mail a notice to all who are to hear of it. Raises `Undelivered`."""
    message = EmailMessage()
    message["From"], message["To"] = settings.notify_from, ", ".join(settings.notify_to)
    # A subject is one line, whatever a tenant is called.
    message["Subject"] = " ".join(notice.text.partition("\n")[0].split())[:200]
    message.set_content(notice.text)
    try:
        with smtplib.SMTP(
            settings.smtp_host or "", settings.smtp_port, timeout=settings.notify_timeout
        ) as server:
            if settings.smtp_tls:
                server.starttls(context=ssl.create_default_context())
            if settings.smtp_user:
                server.login(settings.smtp_user, _password(settings))
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise Undelivered(f"the mail server {settings.smtp_host} did not take it ({error})") from error


def _password(settings: EvalSettings) -> str:
    return settings.smtp_password.get_secret_value() if settings.smtp_password else ""
