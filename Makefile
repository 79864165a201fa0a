# One way to do each thing. `make` alone lists them.
SHELL := /bin/bash
CONFIG ?= config/andon.yaml
SWIFT ?= swift

.DEFAULT_GOAL := help
.PHONY: help bootstrap demo run test lint format bench crash-test clean

help: ## List what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

bootstrap: ## Install the Debian packages that are missing
	@scripts/bootstrap

demo: bootstrap ## See it work: private broker, simulated cameras, the bridge
	$(SWIFT) build -c release --product andon
	.build/release/andon demo

run: bootstrap ## Run the bridge with CONFIG=config/andon.yaml
	$(SWIFT) build -c release --product andon
	.build/release/andon run --config $(CONFIG)

test: bootstrap lint ## Lint, build and run all tests, a short crash test among them
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build
	scripts/crash-test --binary .build/debug/andon --kills 6 --seconds 35

lint: ## Check format and the rules of who may import what
	$(SWIFT) format lint --strict --recursive Sources Tests Package.swift
	scripts/check-imports

format: ## Put the sources into the house's format
	$(SWIFT) format --in-place --recursive Sources Tests Package.swift

bench: bootstrap ## Drain a backlog against a bare C consumer; prints ratios
	$(SWIFT) build -c release --product andon
	Benchmarks/drain --binary .build/release/andon

crash-test: bootstrap ## Kill the bridge 20 times under load and balance the books
	$(SWIFT) build -c release --product andon
	scripts/crash-test --binary .build/release/andon --kills 20 --seconds 70

clean: ## Remove what was built
	rm -rf .build .build-*
