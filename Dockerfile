# diffspot in a container, as a user without rights. From a checkout:
#   docker build --tag diffspot .
#   docker run --rm --volume "$PWD:/work" --user "$(id -u):$(id -g)" diffspot compare golden today --out out --html
FROM python:3.12-slim-bookworm AS build
WORKDIR /source
COPY . .
RUN pip wheel --no-cache-dir --wheel-dir /wheels .

FROM python:3.12-slim-bookworm
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index /wheels/*.whl \
    && useradd --create-home --uid 1000 diffspot
USER 1000
WORKDIR /work
ENTRYPOINT ["diffspot"]
CMD ["--help"]
