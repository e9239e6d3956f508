# The service in a container. `scripts/prove_dockerfile.py` performs these lines without a Docker engine, so each RUN
# is one plain shell command and every path is absolute.

FROM python:3.13-slim-bookworm AS build
# durable-rules has no wheel: its C is compiled here, and the compiler stays behind in this stage.
RUN apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev
# It calls a function that Python 3.13 took away, and that is another's older name; and its setup.py takes -O2 away.
ENV CPPFLAGS="-O2 -DPyEval_CallObject=PyObject_CallObject"
WORKDIR /build
COPY requirements/ /build/requirements/
RUN python -m venv /tools
RUN /tools/bin/pip install --no-cache-dir --quiet --require-hashes --requirement /build/requirements/build.txt
RUN /tools/bin/pip wheel --no-cache-dir --quiet --require-hashes --no-build-isolation --requirement /build/requirements/runtime.txt --wheel-dir /wheels
COPY pyproject.toml README.md CHANGELOG.md LICENSE /build/
COPY schemas/ /build/schemas/
COPY rulesets/ /build/rulesets/
COPY engine/ /build/engine/
COPY store/ /build/store/
COPY pages/ /build/pages/
COPY api/ /build/api/
COPY cli/ /build/cli/
RUN /tools/bin/pip wheel --quiet --no-deps --no-build-isolation --wheel-dir /wheels /build
RUN python -m venv --without-pip /opt/dunning
RUN /tools/bin/pip --python /opt/dunning/bin/python install --quiet --no-index --no-deps /wheels/*.whl
# What packages carry for those who compile against them or test them stays behind too.
RUN find /opt/dunning/lib -type d -regex '.+site-packages/\(numpy\|pyarrow\)/\(.*/\)?\(include\|tests\|src\|distutils\|f2py\)' -prune -exec rm -r {} +
RUN find /opt/dunning/lib -name '*.c' -delete

FROM python:3.13-slim-bookworm
RUN useradd --system --uid 10001 --user-group --home-dir /var/lib/dunning --create-home dunning
COPY --from=build /opt/dunning/ /opt/dunning/
COPY rulesets/ /rulesets/
ENV PATH=/opt/dunning/bin:$PATH
ENV PYTHONUNBUFFERED=1
ENV DUNNING_HOST=0.0.0.0
ENV DUNNING_PORT=8080
# Without DATABASE_URL an embedded PostgreSQL keeps its data here.
ENV DUNNING_DATA=/var/lib/dunning
VOLUME /var/lib/dunning
USER 10001
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"DUNNING_PORT\"]}/healthz', timeout=2)"]
# Mount your own folder over /rulesets.
CMD ["dunning", "serve", "--rulesets", "/rulesets"]
