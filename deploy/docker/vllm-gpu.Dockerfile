# vLLM for NVIDIA GPUs: vLLM's own image, as somebody other than root. Build from the repository's root:
#   docker build -f deploy/docker/vllm-gpu.Dockerfile -t plumbline-vllm-gpu:0.32.0 .
# By its tag alone: its digest could not be looked up where this was written. After the first pull, put it
# here: `docker image inspect --format '{{index .RepoDigests 0}}' vllm/vllm-openai:v0.32.0`.
FROM vllm/vllm-openai:v0.32.0
RUN groupadd --gid 10001 vllm \
    && useradd --uid 10001 --gid 10001 --create-home vllm
COPY deploy/vllm/first_token.py /opt/plumbline/first_token.py
ENV HOME=/home/vllm \
    HF_HUB_OFFLINE=1 \
    VLLM_NO_USAGE_STATS=1 \
    DO_NOT_TRACK=1 \
    VLLM_USE_V2_MODEL_RUNNER=0 \
    VLLM_ALLOW_RUNTIME_LORA_UPDATING=True \
    PYTHONPATH=/opt/plumbline \
    PYTHONUNBUFFERED=1
WORKDIR /home/vllm
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=600s --retries=6 \
    CMD ["python3", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health', timeout=4)"]
ENTRYPOINT ["python3", "-m", "vllm.entrypoints.openai.api_server"]
