# vLLM for machines without a GPU. Build from the repository's root:
#   docker build -f deploy/docker/vllm-cpu.Dockerfile -t plumbline-vllm-cpu:0.32.0 .
FROM python:3.11.14-slim-bookworm@sha256:65a93d69fa75478d554f4ad27c85c1e69fa184956261b4301ebaf6dbb0a3543d
# torch compiles kernels for the processor that it meets. Debian keeps one version of each in a release: no
# version is named, the base image's digest says which release.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends g++ libnuma1 \
    && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 vllm \
    && useradd --uid 10001 --gid 10001 --create-home vllm
COPY deploy/vllm/cpu.lock /tmp/cpu.lock
# --no-deps: the lock is complete, and leaves out on purpose what vLLM asks for; see its head.
RUN python -m venv /opt/vllm \
    && /opt/vllm/bin/pip install --no-cache-dir --no-deps -r /tmp/cpu.lock
COPY deploy/vllm/first_token.py /opt/plumbline/first_token.py
ENV HF_HUB_OFFLINE=1 \
    VLLM_NO_USAGE_STATS=1 \
    DO_NOT_TRACK=1 \
    VLLM_CPU_KVCACHE_SPACE=2 \
    VLLM_USE_V2_MODEL_RUNNER=0 \
    PYTHONPATH=/opt/plumbline \
    PYTHONUNBUFFERED=1
WORKDIR /home/vllm
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=300s --retries=6 \
    CMD ["/opt/vllm/bin/python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health', timeout=4)"]
ENTRYPOINT ["/opt/vllm/bin/python", "-m", "vllm.entrypoints.openai.api_server"]
