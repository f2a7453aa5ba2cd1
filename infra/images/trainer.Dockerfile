# syntax=docker/dockerfile:1
# The worker's image with what fine-tuning and evaluation need: torch with its CUDA libraries.
#
#   docker build --file infra/images/trainer.Dockerfile --tag case2code-trainer .
#
# The GPU itself comes from the container runtime: `--gpus all`, or nvidia.com/gpu in Kubernetes.
ARG WORKER=case2code-worker:latest
FROM ${WORKER}

USER 0:0
WORKDIR /opt/case2code
RUN pip install --no-cache-dir --constraint requirements.lock '.[hub,benchmarks,dask,train]'

USER 1000:1000
# Weights that are read from the Hub are kept with the rest.
ENV HF_HOME=/data/huggingface
WORKDIR /work
CMD ["prefect", "worker", "start", "--pool", "gpu", "--type", "process"]
