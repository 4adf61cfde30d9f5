"""What stands in deploy/ is true of the program: settings, routes, ports, commands; and nobody is root."""

import re
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from eval.settings import EvalSettings
from guardrails.settings import GuardrailsSettings
from ingest.settings import IngestSettings
from service.app import ROUTES
from service.middleware.addresses import GUARDED, QUIET
from service.reports import REPORTS
from service.settings import ServiceSettings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE = sorted(DEPLOY.glob("compose*.yaml"))
MANIFESTS = sorted((DEPLOY / "kubernetes").rglob("*.yaml"))
DOCKERFILES = sorted((DEPLOY / "docker").glob("*.Dockerfile"))
PAGES = sorted(DEPLOY.glob("*.md"))
UNITS = sorted((DEPLOY / "systemd").iterdir())
WRITTEN = [*COMPOSE, *MANIFESTS, *DOCKERFILES, *PAGES, *UNITS, DEPLOY / ".env.example"]

SETTINGS = {"PLUMBLINE_HOME", "PLUMBLINE_CACHE", "PLUMBLINE_CONFIG"} | {
    f"{settings.model_config['env_prefix']}{name.upper()}"
    for settings in (GuardrailsSettings, IngestSettings, ServiceSettings, EvalSettings)
    for name in settings.model_fields
}
# Variables of other programs, by the beginning of their names.
FOREIGN = (
    "POSTGRES_", "PGDATA", "QDRANT_", "GF_", "VLLM_", "HF_HUB_OFFLINE", "DO_NOT_TRACK", "PYTHON",
    "TOKENIZERS_", "HOME",
)  # fmt: skip
# No registry could be asked for the digest of this one; its Dockerfile says how to put it in.
WITHOUT_DIGEST = {"vllm/vllm-openai"}
OURS = {"plumbline", "plumbline-vllm-cpu", "plumbline-vllm-gpu"}
SERVICE_PORT, ENGINE_PORT = 8000, 8000


def documents(file: Path) -> list[dict[str, Any]]:
    return [each for each in yaml.safe_load_all(file.read_text()) if each]


RESOURCES = [resource for file in MANIFESTS for resource in documents(file)]
SERVICES = {
    f"{file.name}:{name}": service
    for file in COMPOSE
    for name, service in documents(file)[0]["services"].items()
    if "image" in service  # the others add to one of the same name
}


def pods(resources: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The specifications of pods, by the resource that makes them."""
    found = {}
    for resource in resources:
        spec = resource.get("spec", {})
        spec = spec.get("jobTemplate", {}).get("spec", spec)
        if "template" in spec:
            found[f"{resource['kind']}/{resource['metadata']['name']}"] = spec["template"]["spec"]
    return found


PODS = pods(RESOURCES)
CONTAINERS = {
    f"{name}/{container['name']}": container for name, pod in PODS.items() for container in pod["containers"]
}


def named(kind: str, name: str) -> dict[str, Any]:
    (found,) = [each for each in RESOURCES if (each["kind"], each["metadata"]["name"]) == (kind, name)]
    return found


def variables() -> set[str]:
    """Every variable that a container is given."""
    names = {variable["name"] for each in CONTAINERS.values() for variable in each.get("env", ())}
    names |= {name for each in RESOURCES if each["kind"] == "ConfigMap" for name in each["data"]}
    every = [service for file in COMPOSE for service in documents(file)[0]["services"].values()]
    names |= {name for service in every for name in service.get("environment", {})}
    for file in DOCKERFILES:
        for block in re.findall(r"^ENV ((?:.*\\\n)*.*)$", file.read_text(), re.MULTILINE):
            names |= set(re.findall(r"([A-Z][A-Z0-9_]*)=", block))
    return names


@pytest.mark.parametrize("file", WRITTEN, ids=lambda file: file.name)
def test_every_setting_that_is_named_is_one_of_ours(file: Path):
    assert set(re.findall(r"PLUMBLINE_[A-Z0-9_]+", file.read_text())) <= SETTINGS


def test_every_other_variable_belongs_to_a_program_that_we_run():
    assert not {name for name in variables() - SETTINGS if not name.startswith(FOREIGN)}


def test_the_example_names_what_compose_asks_for_and_nothing_else():
    asked = {name for file in COMPOSE for name in re.findall(r"\$\{([A-Z_]+)", file.read_text())}
    given = set(re.findall(r"^([A-Z_]+)=", (DEPLOY / ".env.example").read_text(), re.MULTILINE))
    assert asked == given


def test_settings_are_given_values_that_they_take(monkeypatch):
    given = dict(named("ConfigMap", "plumbline")["data"])
    given |= SERVICES["compose.yaml:service"]["environment"]
    for name, value in given.items():
        monkeypatch.setenv(name, re.sub(r"\$\{[^}]*\}", "x", value))
    settings = ServiceSettings()
    assert settings.ledger.startswith("postgresql://plumbline:x@postgres:5432/")
    assert settings.engine_url == (f"http://vllm:{ENGINE_PORT}/v1",)
    assert IngestSettings().catalog.endswith("/data/catalog.db")


IMAGES = {
    *(container["image"] for container in CONTAINERS.values()),
    *(service["image"] for service in SERVICES.values()),
    *(found for file in DOCKERFILES for found in re.findall(r"^FROM (\S+)", file.read_text(), re.MULTILINE)),
}


@pytest.mark.parametrize("image", sorted(IMAGES))
def test_images_are_pinned_by_tag_and_digest(image: str):
    name, colon, tag = image.partition(":")
    assert colon, image
    assert tag != "latest"
    if name not in OURS | WITHOUT_DIGEST:
        assert re.fullmatch(r"[\w.-]+@sha256:[0-9a-f]{64}", tag), image


def test_an_image_is_the_same_one_wherever_it_is_used():
    assert len({image.partition(":")[0] for image in IMAGES}) == len(IMAGES)


@pytest.mark.parametrize("file", DOCKERFILES, ids=lambda file: file.name)
def test_an_image_of_ours_is_not_run_by_root_and_copies_what_there_is(file: Path):
    text = file.read_text()
    assert re.findall(r"^USER (\S+)", text, re.MULTILINE)[-1] == "10001:10001"
    copied = [
        line.split()[1:-1] for line in text.splitlines() if line.startswith("COPY ") and "--from" not in line
    ]
    assert not [name for names in copied for name in names if not (ROOT / name).exists()]
    ignored = file.with_name(f"{file.name}.dockerignore").read_text().splitlines()
    sent = [line[1:] for line in ignored if line.startswith("!")]
    for name in (name for names in copied for name in names):
        assert any(name == each or name.startswith(f"{each}/") for each in sent), name


@pytest.mark.parametrize("name", PODS)
def test_no_pod_runs_as_root_or_holds_a_token_of_the_cluster(name: str):
    pod = PODS[name]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] > 0
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}


@pytest.mark.parametrize("name", CONTAINERS)
def test_every_container_is_confined_and_bounded(name: str):
    container = CONTAINERS[name]
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert "memory" in container["resources"]["limits"]
    assert {"cpu", "memory"} <= set(container["resources"]["requests"])
    mounted = {mount["name"] for mount in container["volumeMounts"]}
    (pod,) = [pod for pod in PODS.values() if container in pod["containers"]]
    claims = {
        claim["metadata"]["name"]
        for each in RESOURCES
        for claim in each.get("spec", {}).get("volumeClaimTemplates", ())
    }
    assert mounted <= {volume["name"] for volume in pod.get("volumes", ())} | claims


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_of_compose_is_confined_and_reached_from_this_machine_alone(name: str):
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
    if service["image"].partition(":")[0] not in OURS:
        assert service["user"].split(":")[0] not in {"0", "root"}


def test_only_the_engine_and_its_likes_are_where_nothing_leads_out():
    (compose,) = documents(DEPLOY / "compose.yaml")
    assert compose["networks"]["back"]["internal"] is True
    for name, service in SERVICES.items():
        if name.endswith((":vllm", ":postgres", ":redis", ":qdrant")):
            assert service["networks"] == ["back"]
            assert "ports" not in service


def test_secrets_are_named_and_never_written():
    secret = re.compile("PASSWORD|KEY|LEDGER_URL|CATALOG_URL|HISTORY_URL|WEBHOOK_URL")
    given = [each for container in CONTAINERS.values() for each in container.get("env", ())]
    held = [each for each in given if secret.search(each["name"])]
    assert held
    assert all("secretKeyRef" in each["valueFrom"] for each in held)
    assert not [name for name in named("ConfigMap", "plumbline")["data"] if secret.search(name)]
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            assert not secret.search(name) or "${" in value


def paths() -> set[str]:
    return {route.path for module in ROUTES for route in module.router.routes}


def test_probes_ask_routes_that_there_are_on_the_port_that_is_listened_on():
    container = CONTAINERS["StatefulSet/service/service"]
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        asked = container[probe]["httpGet"]
        assert asked["path"].partition("?")[0] in paths()
        assert asked["port"] == "http"
    assert container["ports"] == [{"name": "http", "containerPort": SERVICE_PORT}]
    assert int(named("ConfigMap", "plumbline")["data"]["PLUMBLINE_SERVICE__PORT"]) == SERVICE_PORT
    for file in DOCKERFILES:
        assert f"EXPOSE {SERVICE_PORT}" in file.read_text()
    asked = re.findall(r"127\.0\.0\.1:(\d+)(/[a-z]+)", (DEPLOY / "docker/service.Dockerfile").read_text())
    assert asked == [(str(SERVICE_PORT), "/healthz")]
    for name, pod in PODS.items():
        ports = {port["name"] for each in pod["containers"] for port in each.get("ports", ())}
        probes = [probe for each in pod["containers"] for key, probe in each.items() if key.endswith("Probe")]
        assert {probe["httpGet"]["port"] for probe in probes if "httpGet" in probe} <= ports, name


def test_a_server_has_longer_to_end_than_its_answers_have():
    wait = int(named("ConfigMap", "plumbline")["data"]["PLUMBLINE_SERVICE__STOP_WAIT"])
    pod = PODS["StatefulSet/service"]
    assert pod["terminationGracePeriodSeconds"] >= wait + 15
    assert SERVICES["compose.yaml:service"]["stop_grace_period"] == "60s"


def test_every_engine_that_runs_is_named_to_the_service():
    replicas = named("StatefulSet", "vllm")["spec"]["replicas"]
    urls = [f"http://vllm-{number}.vllm:{ENGINE_PORT}/v1" for number in range(replicas)]
    config = named("ConfigMap", "plumbline")["data"]
    assert config["PLUMBLINE_SERVICE__ENGINE_URL"].split(",") == urls
    told = CONTAINERS["StatefulSet/vllm/vllm"]["args"]
    assert f"--served-model-name={config['PLUMBLINE_SERVICE__ENGINE_MODEL']}" in told
    assert f"--port={ENGINE_PORT}" in told


@pytest.mark.parametrize("kind", ["cpu", "gpu"])
def test_the_engine_of_compose_is_called_what_the_service_asks_for(kind: str):
    (overlay,) = documents(DEPLOY / f"compose.{kind}.yaml")
    asked = SERVICES["compose.yaml:service"]["environment"]
    asked = asked | overlay["services"].get("service", {}).get("environment", {})
    told = overlay["services"]["vllm"]["command"]
    assert f"--served-model-name={asked['PLUMBLINE_SERVICE__ENGINE_MODEL']}" in told
    assert f"--port={ENGINE_PORT}" in told


def test_the_service_and_the_engine_see_adapters_at_one_place():
    config = named("ConfigMap", "plumbline")["data"]
    seen = [
        {mount["mountPath"] for mount in CONTAINERS[name]["volumeMounts"]}
        for name in ("StatefulSet/service/service", "StatefulSet/vllm/vllm")
    ]
    for name in ("PLUMBLINE_SERVICE__ADAPTERS", "PLUMBLINE_SERVICE__ENGINE_ADAPTERS"):
        assert all(any(config[name].startswith(f"{place}/") for place in places) for places in seen)


def test_every_folder_that_compose_mounts_is_there():
    mounted = re.findall(r"^ *- (\./[\w/]+):", (DEPLOY / "compose.yaml").read_text(), re.MULTILINE)
    assert len(mounted) == 3
    assert not [name for name in mounted if not (DEPLOY / name).is_dir()]


def test_only_the_service_and_the_figures_reader_reach_the_engine():
    spec = named("NetworkPolicy", "vllm")["spec"]
    (rule,) = spec["ingress"]
    assert rule["from"] == [
        {"podSelector": {"matchLabels": {"app": "service"}}},
        {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}},
    ]
    assert rule["ports"] == [{"protocol": "TCP", "port": ENGINE_PORT}]
    assert spec["policyTypes"] == ["Ingress", "Egress"]
    assert "egress" not in spec


def test_from_outside_nothing_is_reached_but_the_api():
    (rule,) = named("Ingress", "service")["spec"]["rules"]
    (way,) = rule["http"]["paths"]
    assert (way["path"], way["pathType"]) == (GUARDED.rstrip("/"), "Prefix")
    assert way["backend"]["service"] == {"name": "service", "port": {"name": "http"}}
    assert "defaultBackend" not in named("Ingress", "service")["spec"]
    assert not [path for path in QUIET if path.startswith(GUARDED)]
    assert "`location /v1/ {" in (DEPLOY / "RUNBOOK.md").read_text()


def test_the_namespace_is_made_before_what_is_in_it():
    first, *rest = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
    assert [each["kind"] for each in documents(first)] == ["Namespace"]
    (namespace,) = documents(first)
    inside = {each["metadata"]["namespace"] for file in rest for each in documents(file)}
    assert inside == {namespace["metadata"]["name"]}


def test_nobody_is_reached_unless_a_policy_says_so():
    assert named("NetworkPolicy", "nobody")["spec"] == {
        "podSelector": {},
        "policyTypes": ["Ingress", "Egress"],
    }
    apps = {each["spec"]["selector"]["app"] for each in RESOURCES if each["kind"] == "Service"}
    allowed = {
        each["spec"]["podSelector"].get("matchLabels", {}).get("app")
        for each in RESOURCES
        if each["kind"] == "NetworkPolicy"
    }
    assert apps <= allowed


def test_one_process_owns_the_index():
    # Until the vectors are in a server: a second replica would have a second index.
    assert named("StatefulSet", "service")["spec"]["replicas"] == 1
    assert "CATALOG_URL" not in str(RESOURCES) + str(SERVICES)


def test_reports_are_written_where_the_service_reads_them():
    written = CONTAINERS["CronJob/evaluation/evaluation"]["volumeMounts"]
    read = CONTAINERS["StatefulSet/service/service"]["volumeMounts"]
    (mount,) = [each for each in written if each["name"] == "reports"]
    assert mount["mountPath"] == f"/data/{REPORTS}"
    assert {"name": "reports", "mountPath": mount["mountPath"], "readOnly": True} in read
    for pod in ("CronJob/evaluation", "StatefulSet/service"):
        (volume,) = [each for each in PODS[pod]["volumes"] if each["name"] == "reports"]
        assert volume["persistentVolumeClaim"]["claimName"] == "reports"
    assert named("PersistentVolumeClaim", "reports")["spec"]["accessModes"] == ["ReadWriteMany"]


def test_the_evaluation_reaches_the_service_and_nobody_reaches_it():
    args = CONTAINERS["CronJob/evaluation/evaluation"]["args"]
    assert args[args.index("--url") + 1] == f"http://service:{SERVICE_PORT}"
    assert "ingress" not in named("NetworkPolicy", "evaluation")["spec"]
    for name in ("service", "postgres"):
        (rule,) = named("NetworkPolicy", name)["spec"]["ingress"]
        assert {"podSelector": {"matchLabels": {"app": "evaluation"}}} in rule["from"]


def test_the_timer_makes_up_for_a_missed_night_and_its_unit_writes_where_it_may():
    timer, service = (ConfigParser(strict=False) for _ in range(2))
    for parser, kind in ((timer, "timer"), (service, "service")):
        parser.optionxform = str
        parser.read(DEPLOY / f"systemd/plumbline-evaluation.{kind}")
    assert timer["Timer"]["Persistent"] == "true"
    told = service["Service"]
    assert told["ExecStart"].endswith("-m eval nightly")
    assert told["User"] != "root"
    places = re.findall(r"PLUMBLINE_(?:HOME|CACHE)=(\S+)", told["Environment"])
    assert told["ReadWritePaths"].split() == places


COMMAND = re.compile(r"(?:-m|\bplumbline) ((?:ingest|service|guardrails|finetune|eval)(?: [a-z]+)+)")


def test_every_command_that_is_named_is_one_of_ours():
    known = {
        "ingest": {"sync", "search", "list", "status", "delete", "reindex"},
        "service": {"serve", "ask", "keys", "weights", "audit"},
        "guardrails": {"check", "explain", "policies"},
        "eval": {"adapter", "run", "nightly", "gate", "report", "history"},
        "finetune": {"train", "calibrate", "promote", "rollback", "list"},
    }
    found = {command for file in WRITTEN for command in COMMAND.findall(file.read_text())}
    assert len(found) > 5
    for command in found:
        module, first, *_ = command.split()
        assert first in known[module], command
    for container in CONTAINERS.values():
        if container["image"].startswith("plumbline:") and "command" not in container:
            module, first, *_ = container["args"]
            assert first in known[module]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_points_to_is_there(page: Path):
    text = page.read_text()
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"`make ([a-z-]+)`", text):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for file in re.findall(r"`(deploy/[\w./-]+\.(?:yaml|example|Dockerfile))`", text):
        assert (ROOT / file).is_file(), file
