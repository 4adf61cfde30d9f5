"""Notices reach a webhook and a mail server; what goes wrong there is said without their secrets."""

import json
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from eval.errors import Unconfigured, Undelivered
from eval.notify import Notice, post, senders
from eval.settings import EvalSettings

NOTICE = Notice(
    "regression", "acme", "2026-11-21", "Evaluation 2026-11-21, acme: Regression: Leaks.", ("leaks",)
)


@pytest.fixture
def webhook():
    """A webhook; what it received, and the status that it answers."""
    received, answers = [], [200]

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self):
            received.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(answers[0])
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/hook?token=secret", received, answers
        server.shutdown()


class MailServer(socketserver.StreamRequestHandler):
    """Just enough of SMTP to take one mail."""

    def handle(self):
        self.wfile.write(b"220 here\r\n")
        lines, inside = [], False
        for raw in self.rfile:
            line = raw.decode().rstrip("\r\n")
            if inside:
                inside = line != "."
                lines.append(line)
                if not inside:
                    self.server.mails.append("\n".join(lines))
                    self.wfile.write(b"250 taken\r\n")
            elif line.lower() == "data":
                inside = True
                self.wfile.write(b"354 go on\r\n")
            elif line.lower() == "quit":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.server.said.append(line)
                self.wfile.write(b"250 yes\r\n")


@pytest.fixture
def mail_server():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), MailServer) as server:
        server.mails, server.said = [], []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_a_webhook_gets_the_notice_as_json(webhook):
    url, received, _ = webhook
    (send,) = senders(EvalSettings(webhook_url=url))
    send(NOTICE)
    assert received == [
        {
            "kind": "regression",
            "tenant": "acme",
            "date": "2026-11-21",
            "text": NOTICE.text,
            "worse": ["leaks"],
            "report": "",
        }
    ]


def test_a_webhook_that_refuses_or_is_not_there_is_told_of_without_its_address(webhook):
    url, _, answers = webhook
    answers[0] = 500
    with pytest.raises(Undelivered, match="answers 500") as refused:
        post(url, NOTICE, 5)
    with pytest.raises(Undelivered, match="cannot be reached") as absent:
        post("http://127.0.0.1:1/hook?token=secret", NOTICE, 5)
    with pytest.raises(Undelivered):
        post("not a url", NOTICE, 5)
    assert "secret" not in str(refused.value) + str(absent.value)


def test_a_mail_goes_to_all_who_are_to_hear_of_it(mail_server):
    settings = EvalSettings(
        notify_to=["a@example.com", "b@example.com"],
        smtp_host="127.0.0.1",
        smtp_port=mail_server.server_address[1],
        smtp_tls=False,
    )
    (send,) = senders(settings)
    send(NOTICE)
    (mail,) = mail_server.mails
    assert "Subject: Evaluation 2026-11-21, acme: Regression: Leaks." in mail
    assert [line for line in mail_server.said if line.lower().startswith("rcpt")] == [
        "rcpt TO:<a@example.com>",
        "rcpt TO:<b@example.com>",
    ]


def test_mail_is_not_sent_in_the_clear_unless_that_is_wanted(mail_server):
    port = mail_server.server_address[1]
    settings = EvalSettings(notify_to=["a@example.com"], smtp_host="127.0.0.1", smtp_port=port)
    (send,) = senders(settings)
    with pytest.raises(Undelivered, match="did not take it"):
        send(NOTICE)
    assert mail_server.mails == []


def test_a_tenants_name_adds_no_header(mail_server):
    port = mail_server.server_address[1]
    settings = EvalSettings(
        notify_to=["a@example.com"], smtp_host="127.0.0.1", smtp_port=port, smtp_tls=False
    )
    (send,) = senders(settings)
    send(Notice.of_failure("x\r\nBcc: all@example.com", "2026-11-21", "the engine is down"))
    (mail,) = mail_server.mails
    assert "\nBcc:" not in mail.split("\n\n")[0]


def test_nobody_is_told_where_nothing_is_set():
    assert senders(EvalSettings()) == []


def test_people_without_a_mail_server_are_a_clear_error():
    with pytest.raises(Unconfigured, match="smtp_host"):
        senders(EvalSettings(notify_to=["a@example.com"]))
