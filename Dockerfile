# One image for both processes: the command says which, `serve` (here) or `worker`.
FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml setup.cfg plugin_manifest.json README.md LICENSE ./
COPY bridge ./bridge
# Our own source has no version to pin.
# hadolint ignore=DL3013
RUN pip install --no-cache-dir --prefix=/install '.[postgresql]'

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /data --create-home socialbridge
COPY --from=build /install /usr/local
USER 10001
WORKDIR /data
ENV SOCIALBRIDGE_LISTEN=0.0.0.0:8000
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["socialbridge"]
CMD ["serve"]
