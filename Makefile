# One way to do each thing. `make` alone lists them.
SHELL := /bin/bash
CONFIG ?= config/andon.yaml
SEEDS ?= 5000
INPUTS ?= 1000000
MINUTES ?= 30
PARTS ?=
SWIFT ?= swift

.DEFAULT_GOAL := help
FAULTS ?= kill=100,freeze=50,promote=10,standby=3,cancel=10,broker=10,end=5,file=5,older=10,cut=20,add=1,drain=3,full=1
SECONDS ?= 2400
.PHONY: help bootstrap demo run test test-fast sanitize interface-test lint format docs screenshots bench bench-counts bench-drift broker-losses bench-http \
  alert-crash-test stop-crash-test notify-crash-test crash-test simulate-faults fleet-test fuzz soak release deb clean

help: ## List what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

bootstrap: ## Install the Debian packages that are missing
	@scripts/bootstrap

demo: bootstrap ## See it work: private broker, simulated cameras, the bridge
	$(SWIFT) build -c release --product andon
	.build/release/andon demo

run: bootstrap ## Run the bridge with CONFIG=config/andon.yaml
	$(SWIFT) build -c release --product andon
	.build/release/andon run --config $(CONFIG)

test: ## Lint, build and run all tests; SEED=n runs property tests with that seed instead of their usual ones
	@scripts/bootstrap --tests
	$(MAKE) --no-print-directory lint
	$(SWIFT) build --build-tests
	scripts/swift-tests
	scripts/program-tests

test-fast: ## Unit tests only, without broker and browser: under a minute after a build
	$(SWIFT) build --build-tests
	SWIFT_DETERMINISTIC_HASHING=1 $(SWIFT) test --skip-build --filter '^AndonCoreTests\.|Settings|KPIPublishCycle|ConnectionHealth|Metrics' \
	  --skip 'Fuzz|WindowAggregator|BridgeTests|runsOfOneStateGrowTogether|Reload'

sanitize: bootstrap ## Unit and store tests under the thread and address sanitizers, in .build-thread and .build-address
	for kind in thread address; do \
	  $(SWIFT) build --build-tests --scratch-path .build-$$kind --sanitize=$$kind && \
	  SWIFT_DETERMINISTIC_HASHING=1 $(SWIFT) test --skip-build --scratch-path .build-$$kind --sanitize=$$kind \
	    --filter '^AndonCoreTests\.|PipelineTests|StoreCare|KPIPublishCycle|EventBroadcaster|PublishQueue' || exit 1; \
	done

interface-test: ## Only the tests of API, stream, dashboard (in Chromium) and deployment files
	@scripts/bootstrap --tests
	$(SWIFT) build --product andon
	scripts/interface-tests .build/debug/andon

lint: ## Check format, who may import what, and the pages: names, links, spelling
	$(SWIFT) format lint --strict --recursive Sources Tests Benchmarks/AndonBench Package.swift
	scripts/check-imports
	scripts/check-structure
	scripts/check-docs

docs: ## Make what is made from the code: interface documents and configuration reference
	$(SWIFT) build --product andon
	.build/debug/andon documents --output docs

screenshots: ## Take the pictures of docs/images
	@scripts/bootstrap --tests
	$(SWIFT) build -c release --product andon
	ANDON_BINARY=$(CURDIR)/.build/release/andon $$(scripts/python-tools) Tests/browser/screenshots.py

format: ## Put the sources into the house's format
	$(SWIFT) format --in-place --recursive Sources Tests Benchmarks/AndonBench Package.swift

bench: ## The whole benchmark (about 20 min); PARTS=cpu,live runs some of its parts
	@scripts/bootstrap --bench
	$(SWIFT) build -c release --product andon
	$(SWIFT) build -c release --product andon-bench
	python3 -m venv .build/bench-python && .build/bench-python/bin/pip install --quiet -r Benchmarks/requirements.txt
	Benchmarks/bench --binary .build/release/andon --python .build/bench-python/bin/python3 $(if $(PARTS),--only $(PARTS))
ifeq ($(PARTS),)
	Benchmarks/counts
	.build/release/andon-bench kpi --workers 1000 --shifts 2
	.build/release/andon-bench keys
endif

bench-counts: ## Instructions, allocations and bytes an event, size of the program, against Benchmarks/thresholds
	@scripts/bootstrap --bench
	$(SWIFT) build -c release --product andon
	$(SWIFT) build -c release --product andon-bench
	Benchmarks/counts

broker-losses: ## What a mosquitto loses when it is killed and when the power fails, by profile (about 12 min, root)
	@scripts/bootstrap --bench
	python3 -m venv .build/bench-python && .build/bench-python/bin/pip install --quiet -r Benchmarks/requirements.txt
	.build/bench-python/bin/python3 Benchmarks/broker_losses

bench-drift: bootstrap ## False alarms and delays of the drift rules on synthetic cameras
	$(SWIFT) build -c release --product andon-bench
	.build/release/andon-bench drift

alert-crash-test: bootstrap ## Kill the bridge 50 times while alerts rise and clear
	$(SWIFT) build -c release --product andon
	scripts/alert-crash-test --binary .build/release/andon

stop-crash-test: bootstrap ## Kill the bridge 50 times while workstations stand and people say why
	$(SWIFT) build -c release --product andon
	scripts/stop-crash-test --binary .build/release/andon

notify-crash-test: bootstrap ## Kill the bridge 50 times while pages go to a webhook, a mail server and an Alertmanager
	$(SWIFT) build -c release --product andon
	$$(scripts/python-tools) scripts/notify-crash-test --binary .build/release/andon

bench-http: bootstrap ## What idle and slow clients, streams and scrapes cost the ingest; prints ratios
	$(SWIFT) build -c release --product andon
	Benchmarks/http --binary .build/release/andon

crash-test: bootstrap ## Kill the bridge 20 times under load and balance the books
	$(SWIFT) build -c release --product andon
	scripts/crash-test --binary .build/release/andon --kills 20 --seconds 70

fleet-test: bootstrap ## A fleet on this machine under FAULTS=kill=100,freeze=50,… for SECONDS=2400: nothing lost, nothing twice
	$(SWIFT) build -c release --product andon
	scripts/fleet-test --binary .build/release/andon --sites 24 --rate 1000 --seconds $(SECONDS) --zombies 5 --faults $(FAULTS)

simulate-faults: bootstrap ## Run SEEDS=5000 simulated lives of a bridge; SEED=n replays one with its history
	$(SWIFT) build --build-tests
	SWIFT_DETERMINISTIC_HASHING=1 ANDON_SIMULATION_SEEDS=$(SEEDS) SEED=$(SEED) \
	  ANDON_SIMULATION_THREADS=$$(nproc) $(SWIFT) test --skip-build --filter SimulationTests

fuzz: bootstrap ## Fuzz decoder, timestamps, topics and configuration with INPUTS=1000000; SEED=n repeats one
	$(SWIFT) build --build-tests
	SEED=$${SEED:-$$(od -An -N6 -tu8 /dev/urandom | tr -d ' ')}; echo "SEED=$$SEED"; export SEED; \
	  ANDON_FUZZ_INPUTS=$(INPUTS) $(SWIFT) test --skip-build --filter FuzzTests

soak: bootstrap ## Simulated chaos, kills and broker restarts for MINUTES=30; the ledger must balance
	$(SWIFT) build -c release --product andon
	scripts/soak --binary .build/release/andon --minutes $(MINUTES)

release: bootstrap ## What is published, in .build/dist: program, debug information, package, SBOM (CycloneDX), checksums
	$(SWIFT) build -c release --product andon
	scripts/make-release --binary .build/release/andon --out .build/dist

deb: bootstrap ## Make the Debian package in .build/deb; it needs no Swift on its machine
	$(SWIFT) build -c release --product andon
	scripts/make-deb --binary .build/release/andon --out .build/deb

clean: ## Remove what was built
	rm -rf .build .build-*
