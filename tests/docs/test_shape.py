"""The shape of the house: sizes, one file a vendor, the direction of imports, documented settings."""

import ast
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

from eval.settings import EvalSettings
from finetune.settings import FinetuneSettings
from guardrails.settings import GuardrailsSettings
from ingest.settings import IngestSettings
from service.settings import ServiceSettings

ROOT = Path(__file__).parents[2]
FOLDERS = ("guardrails", "ingest", "service", "eval", "finetune", "deploy")
FILES = sorted(file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py"))
TREES = {file: ast.parse(file.read_text()) for file in FILES}
FUNCTIONS = [
    (file, node)
    for file, tree in TREES.items()
    for node in ast.walk(tree)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
]
# A vendor is imported in one file; where two are named, they are two different seams of two folders.
VENDORS = {
    # The engine, and its way of weighing words, which the server is given too.
    "qdrant_edge": {"ingest/edge.py", "ingest/edge_filter.py", "ingest/edge_words.py", "ingest/words.py"},
    # Embedders, rerankers, what they are compiled to, and how they are trained.
    "sentence_transformers": {
        "ingest/embed.py",
        "ingest/cross_encoder.py",
        "ingest/compiled.py",
        "finetune/retrieval/trainers.py",
    },
    "openvino": {"ingest/compiled.py"},
    "ray": {"ingest/ray_engine.py"},
    "pyarrow": {"ingest/ray_engine.py"},
    "datasketch": {"ingest/resemblance.py"},
    "pathspec": {"ingest/globs.py"},
    "watchfiles": {"ingest/watching.py"},
    "python_calamine": {"ingest/readers/spreadsheet.py"},
    "pptx": {"ingest/readers/pptx.py"},
    "striprtf": {"ingest/readers/rtf.py"},
    "office_oxide": {"ingest/readers/legacy.py"},
    "PIL": {"ingest/readers/image.py"},
    "py3langid": {"guardrails/language.py"},
    "presidio_analyzer": {"guardrails/recognisers.py"},
    "phonenumbers": {"guardrails/phones.py"},
    "tldextract": {"guardrails/recognisers.py"},
    "peft": {"service/models.py", "finetune/training/method.py"},
    "accelerate": {"finetune/training/processes.py"},
    "trl": {"finetune/training/train_dpo.py"},
    "optuna": {"finetune/training/tuning.py"},
    "datasets": {"finetune/training/train_dpo.py", "finetune/retrieval/trainers.py"},
    "matplotlib": {"finetune/training/curve.py"},
    # The engine, and a policy's judge.
    "openai": {"service/endpoint.py", "guardrails/custom_judge.py"},
    "regex": {"guardrails/expressions.py"},
    "httpx2": {"service/endpoint.py"},
    "langchain_text_splitters": {"ingest/chunk.py"},
    "pypdfium2": {"ingest/readers/pdf.py"},
    "docx": {"ingest/readers/docx.py"},
    # Pages, XML of any kind, and the XML of office packages: each is parsed by rules of its own.
    "lxml": {
        "ingest/readers/html.py",
        "ingest/readers/html_furniture.py",
        "ingest/readers/xml.py",
        "ingest/readers/package.py",
    },
    "docutils": {"ingest/readers/rst.py"},
    "oxmsg": {"ingest/readers/msg.py"},
    "puremagic": {"ingest/signatures.py"},
    "markdown_it": {"ingest/readers/markdown.py"},
    "charset_normalizer": {"ingest/readers/encoding.py"},
    "uvicorn": {"service/server.py"},
    "jwt": {"service/tokens.py"},
    "limits": {"service/counters.py"},
    "prometheus_client": {"service/telemetry.py"},
    "vllm": {"deploy/vllm/first_token.py"},
    "structlog": {"service/telemetry.py"},
    "opentelemetry": {"service/otlp.py"},
    "jinja2": {"eval/report.py"},
    "qdrant_client": {"ingest/qdrant.py"},
    "tenacity": {
        "ingest/database.py",
        "ingest/qdrant.py",
        "ingest/remote_embedder.py",
        "eval/connection.py",
        "eval/judge.py",
        "finetune/datasets/teacher.py",
    },
    # Judging answers, and making questions: nothing is shared by the two but the library.
    "ragas": {"eval/ragas.py", "eval/ragas_testset.py"},
    "sacrebleu": {"eval/metrics/overlap.py"},
    "rouge_score": {"eval/metrics/rouge.py"},
    "scipy": {"eval/stats.py"},
    "safetensors": {"guardrails/weights.py"},
}


def size(node):
    return node.end_lineno - node.lineno + 1


def where(file):
    return file.relative_to(ROOT).as_posix()


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_modules_are_short():
    lines = {where(file): len(file.read_text().splitlines()) for file in FILES}
    assert not {name: count for name, count in lines.items() if count > 350}
    assert statistics.median(lines.values()) < 120


def test_functions_are_short_and_take_few_parameters():
    assert not [(where(f), n.name, size(n)) for f, n in FUNCTIONS if size(n) > 50]
    assert statistics.median(size(n) for _, n in FUNCTIONS) <= 12


@pytest.mark.parametrize(
    "way",
    [
        "ingest/sync.py",
        "service/pipeline.py",
        "eval/run.py",
        "finetune/datasets/dataset.py",
        "finetune/training/train.py",
        "finetune/promotion/promote.py",
    ],
)
def test_the_way_of_each_folder_fits_on_three_screens(way):
    assert len((ROOT / way).read_text().splitlines()) <= 200


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_vendor_is_imported_in_its_file_only(vendor):
    users = {where(f) for f, tree in TREES.items() if any(n.split(".")[0] == vendor for n in imported(tree))}
    assert users <= VENDORS[vendor]
    assert users


def test_packages_hold_a_docstring_only():
    inits = [file for file in FILES if file.name == "__init__.py"]
    assert inits
    for file in inits:
        assert [type(node) for node in TREES[file].body] == [ast.Expr], where(file)


def test_errors_are_caught_by_class_except_at_a_process_entry():
    broad = [
        (where(file), node.lineno)
        for file, tree in TREES.items()
        if file.name != "__main__.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        and (
            node.type is None
            or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"})
        )
    ]
    assert not broad


def test_only_settings_read_the_environment():
    readers = {
        where(file)
        for file, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    }
    # These prepare the environment of the programs that they start: servers, reader processes, Tesseract.
    starters = {"deploy/demo/stack.py", "ingest/sandbox.py", "ingest/readers/ocr.py"}
    assert {name for name in readers if not name.endswith("settings.py")} <= starters


@pytest.mark.parametrize(
    "settings", [GuardrailsSettings, IngestSettings, ServiceSettings, EvalSettings, FinetuneSettings]
)
def test_every_setting_is_documented(settings):
    undocumented = [name for name, field in settings.model_fields.items() if not field.description]
    assert not undocumented


def test_no_module_is_a_drawer_for_leftovers():
    assert not [where(file) for file in FILES if file.stem in {"utils", "util", "common", "helpers", "misc"}]


def test_imports_go_one_way():
    linter = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(linter, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_embedders_are_made_in_one_place_which_follows_every_setting():
    makers = {
        where(f)
        for f, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and any(name.name == "SentenceEmbedder" for name in node.names)
    }
    # What is trained is no setting's; a reranker asks there what this machine computes fastest.
    others = {maker for maker in makers if not maker.startswith("finetune/")}
    assert others - {"ingest/cross_encoder.py"} == {"ingest/embedders.py"}
