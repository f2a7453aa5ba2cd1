# syntax=docker/dockerfile:1
# Builds data sets and runs the Prefect server: processors and the jail, no GPU.
#
#   docker build --file infra/images/worker.Dockerfile --tag case2code-worker .
#
# The same Python everywhere: its version is in the cache keys of the steps that run code.
FROM python:3.11-slim-bookworm

# git reads corpora of the form PATH@REVISION. The sandbox comes as a wheel, and needs no more than
# an ordinary user: root inside would be one step nearer to outside.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 1000 --create-home case2code \
    && install --directory --owner case2code --group case2code /data /work

WORKDIR /opt/case2code
COPY pyproject.toml requirements.lock README.md LICENSE ./
COPY flows flows
COPY tasks tasks
COPY sandbox sandbox
COPY deployments deployments
RUN pip install --no-cache-dir --constraint requirements.lock '.[hub,benchmarks,dask]'

USER 1000:1000
# What a run unpacks and caches: a volume here survives the container.
ENV CASE2CODE_HOME=/data \
    XDG_CACHE_HOME=/data/cache \
    PYTHONUNBUFFERED=1
WORKDIR /work
CMD ["prefect", "worker", "start", "--pool", "data", "--type", "process"]
