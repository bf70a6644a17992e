#!/usr/bin/env bash
# Checks the formatting, and builds with every warning as an error.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/setup.sh
say "Checking the format"
swift format lint --strict --recursive Sources Tests Benchmarks Package.swift
say "Building with warnings as errors"
# shellcheck disable=SC2086
swift build --build-tests $SWIFT_BUILD_FLAGS
say "Nothing to complain of"
