# Build: the compiler's own image with the libraries' headers.
FROM swift:6.3-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends \
    libmosquitto-dev libsqlite3-dev libssl-dev pkg-config && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY Package.swift ./
COPY Sources Sources
COPY Tests Tests
RUN swift build -c release --product andon -Xswiftc -static-stdlib

# Run: the program, three libraries, a user without rights.
FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends \
    libmosquitto1 libsqlite3-0 libssl3 ca-certificates tzdata curl && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 andon && install -d -o andon /var/lib/andon
COPY --from=build /src/.build/release/andon /usr/local/bin/andon
USER andon
WORKDIR /var/lib/andon
VOLUME /var/lib/andon
EXPOSE 8080
HEALTHCHECK CMD curl -fsS http://127.0.0.1:8080/healthz || exit 1
ENTRYPOINT ["andon"]
CMD ["run", "--config", "/etc/andon/andon.yaml"]
