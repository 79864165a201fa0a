# Build: the compiler's own image with the libraries' headers.
FROM swift:6.3-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends \
    libcurl4-openssl-dev libmosquitto-dev libpq-dev libsqlite3-dev libssl-dev pkg-config zlib1g-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY Package.swift ./
COPY Sources Sources
COPY Tests Tests
COPY Benchmarks Benchmarks
COPY dashboard dashboard
COPY scripts/split-debug scripts/split-debug
RUN swift build -c release --product andon && scripts/split-debug --binary .build/release/andon --out .build/dist

# What explains a crash of that image's program: docker build --target debug --output . .
FROM scratch AS debug
COPY --from=build /src/.build/dist/andon.debug /

# Run: the program, its libraries, a user without rights. Swift's libraries come with the slim image: linked statically,
# Foundation has no time zones. The root file system may be read-only: only /var/lib/andon is
# written to.
FROM swift:6.3-bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends \
    libcurl4 libmosquitto1 libpq5 libsqlite3-0 libssl3 zlib1g ca-certificates tzdata curl && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --home-dir /var/lib/andon --shell /usr/sbin/nologin andon \
    && install -d -o andon -g andon -m 0700 /var/lib/andon
COPY --from=build /src/.build/dist/andon /usr/local/bin/andon
# A number, so that an orchestrator can see that it is not root.
USER 10001:10001
WORKDIR /var/lib/andon
VOLUME /var/lib/andon
ENV ANDON_BRIDGE_DATA_DIR=/var/lib/andon
EXPOSE 8080
# Alive means that it answers; whether the sites work is /readyz, which a broker's outage must not turn into restarts.
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s --retries=3 \
    CMD ["curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:8080/healthz"]
# SIGTERM commits, acknowledges and says offline within 5 s.
STOPSIGNAL SIGTERM
ENTRYPOINT ["andon"]
CMD ["run", "--config", "/etc/andon/andon.yaml", "--log-format", "json"]
