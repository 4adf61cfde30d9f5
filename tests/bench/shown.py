"""What `serving.py` measured, as a table beside the goals."""

from typing import Any

from rich.console import Console
from rich.table import Table

Figures = dict[str, Any]


def show(found: Figures, chunks: int) -> None:
    """Print what was measured, beside its goals."""
    table = Table("figure", "value", "goal", title=f"The service over {chunks} chunks")
    if "whole" in found:
        _show_whole(table, found["whole"])
    if "plain" in found:
        one, many = found["plain"]["alone"], found["plain"]["plain"]
        table.add_row("plain endpoint, same load", _rate(many), "ours beside it")
        table.add_row("  one client: first token, median", f"{one['first_token_p50_ms']} ms", "")
    if "streams" in found:
        told = found["streams"]
        held = (
            f"{told['streams']} ({told['open_at_once']} at once), {told['lost']} lost {told['reasons'] or ''}"
        )
        table.add_row("open streams", held, "500, none lost")
        table.add_row("  memory a stream", f"{told['kilobytes_a_stream']} kB", "")
    if isinstance(found.get("vllm"), str):
        table.add_row("vLLM", found["vllm"], "")
    elif "vllm" in found:
        _show_vllm(table, found["vllm"])
    Console(width=130).print(table)


def _show_whole(table: Table, told: Figures) -> None:
    goals = ">= 150 requests/s, p99 < 150 ms on 2 cores"
    table.add_row(f"fake engine, {told['clients']} clients", _rate(told["service"]), goals)
    table.add_row("  straight to the fake engine", _rate(told["engine_alone"]), "")
    table.add_row("  one client", _rate(told["alone"]), "")
    table.add_row("  answers with a citation", f"{told['cited']} of {told['service']['requests']}", "")
    for name, title in (
        ("cpu_ms_a_request", "processor time a request, ms"),
        ("steps_ms_alone", "steps, one client, median ms"),
        ("steps_ms_loaded", "steps, loaded, median ms"),
    ):
        table.add_row(f"  {title}", _listed(told[name]), "")


def _show_vllm(table: Table, told: Figures) -> None:
    rates, first = told["requests_per_second"], told["first_token"]
    table.add_row(f"vLLM, {told['clients']} clients, requests/s", _listed(rates), "")
    table.add_row("  service / engine", f"{told['ratio']:.2f} (plain {told['plain_ratio']:.2f})", ">= 0.90")
    table.add_row("  failed; tokens", f"{_listed(told['failed'])}; {_listed(told['completion_tokens'])}", "")
    table.add_row("  first token, median ms", _listed(told["first_token_p50_ms"]), "")
    later = f"{first['later_ms']} ms ({first['answers']} answers, one at a time)"
    table.add_row("  later than the engine's, beyond input rails and retrieval", later, "<= 60 ms")
    row = "  later than the engine's first whole sentence, likewise"
    table.add_row(
        row, f"{first['later_than_first_sentence_ms']} ms (whole sentences are checked, then sent)", ""
    )
    steps = f"service {first['service_ms']}, engine {first['engine_ms']}; {_listed(first['steps_ms'])}"
    table.add_row("  of which, median ms", steps, "")


def _rate(told: Figures) -> str:
    tail = f", {told['failed']} failed" if told["failed"] else ""
    times = f"p50 {told['p50_ms']}, p95 {told['p95_ms']}, p99 {told['p99_ms']} ms"
    first = f"first token {told['first_token_p50_ms']} ms"
    return f"{told['requests_per_second']} requests/s, {times}, {first}{tail}"


def _listed(told: Figures) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in told.items())
