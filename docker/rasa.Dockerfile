# The second engine: Rasa 3.6 on Python 3.10, trained from the same data. Build from the project's root:
#   docker build -f docker/rasa.Dockerfile -t linli-rasa .
FROM python:3.10-slim-bookworm
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONUNBUFFERED=1
RUN useradd --system --uid 10002 --create-home rasa
WORKDIR /srv/linli
COPY nlu/rasa_project/requirements.txt nlu/rasa_project/requirements.txt
RUN pip install -r nlu/rasa_project/requirements.txt
COPY nlu nlu
RUN chown -R rasa nlu/rasa_project
USER rasa
RUN python -m nlu.rasa_project.train_here
EXPOSE 5005
HEALTHCHECK --interval=20s --timeout=5s --start-period=90s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:5005/status', timeout=4)"]
CMD ["rasa", "run", "--enable-api", "--port", "5005", "--model", "nlu/rasa_project/models", "--endpoints", "nlu/rasa_project/endpoints.yml"]
