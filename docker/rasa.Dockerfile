# The second engine: Rasa 3.6 on Python 3.10, trained from the same data. Build from the project's root:
#   docker build -f docker/rasa.Dockerfile -t linli-rasa .
FROM python:3.11-slim-bookworm AS project
WORKDIR /srv/linli
RUN pip install --no-cache-dir pyyaml==6.0.2
COPY nlu nlu
RUN python -m nlu.rasa_project.build convert

FROM python:3.10-slim-bookworm
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONUNBUFFERED=1 \
    RASA_TELEMETRY_ENABLED=false SQLALCHEMY_SILENCE_UBER_WARNING=1
RUN useradd --system --uid 10002 --create-home rasa
WORKDIR /srv/rasa
COPY nlu/rasa_project/requirements.txt requirements.txt
RUN pip install -r requirements.txt
COPY --from=project --chown=rasa /srv/linli/nlu/rasa_project/.rasa .
RUN chown rasa /srv/rasa
USER rasa
RUN rasa train nlu --nlu data --config config.yml --domain domain.yml --out models --fixed-model-name linli
EXPOSE 5005
HEALTHCHECK --interval=20s --timeout=5s --start-period=90s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:5005/status', timeout=4)"]
CMD ["rasa", "run", "--enable-api", "--port", "5005", "--model", "models/linli.tar.gz"]
