# The two commands to know: `make run` tries the product, `make test` proves it. Each installs what it needs first.
.PHONY: run test lint format bench fuzz verify

run:
	@scripts/run.sh

test:
	@scripts/test.sh

lint:
	@scripts/lint.sh

format:
	swift format format --in-place --recursive Sources Tests Benchmarks Package.swift

bench:
	@scripts/bench.sh

# A long run of hostile requests and policy lines; FUZZ="--seed 7" for another one.
fuzz:
	@scripts/fuzz.sh $(FUZZ)

# What takes too long for every change: the whole fuzz, and a server under overload.
verify:
	@scripts/verify.sh
