# One image for all roles. See docker-compose.yml.
ARG PYTHON=3.11.14-slim-bookworm

FROM python:${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /app
COPY requirements/serve.txt requirements/
# The environment has no pip, because a running container must not install anything.
RUN python -m venv --without-pip /venv \
    && pip --python /venv/bin/python install --require-hashes --no-deps --only-binary :all: -r requirements/serve.txt
COPY . .
ENV PATH=/venv/bin:$PATH PRODUCTION=1
# These values are not kept: collectstatic needs them only to import the settings.
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_hex(32))')" \
    JWT_SIGNING_KEY="$(python -c 'import secrets; print(secrets.token_hex(32))')" \
    SITE_URL=https://localhost \
    PAYMENT_PROVIDER=billing.payments.InstantTestProvider EMAIL_URL=smtp://localhost \
    python manage.py collectstatic --noinput \
    # The service's files are private to their owner, but the user below must read these.
    && chmod -R a+rX "${VAR_DIR:-var}" \
    && python -m compileall -q .

FROM python:${PYTHON}
# Counts are kept in memory that every container has for itself.
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PRODUCTION=1 BIND=0.0.0.0:8000 \
    METRICS_DIR=/dev/shm/metrics FILES_DIR=/files VERSIONS_DIR=/versions
# Volumes at /keys, /files and /versions take their owner and rights from these folders.
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin creditscore \
    && install -d -o 10001 -g 10001 -m 750 /keys \
    && install -d -o 10001 -g 10001 -m 700 /files \
    && install -d -o 10001 -g 10001 -m 755 /versions
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build /app /app
USER 10001:10001
EXPOSE 8000
CMD ["gunicorn", "creditscore.wsgi"]
