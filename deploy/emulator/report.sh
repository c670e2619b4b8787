#!/usr/bin/env bash
# What the firmware costs on an ARM device, in one run of a few minutes: its size, its memory, its
# start, what a countdown's second writes to the framebuffer, and how often it wakes when idle.
# CASHIER_ARM_FIRMWARE names the binary; deploy/arm/build.sh builds it otherwise.
set -euo pipefail
cd "$(dirname "$0")/../.."
deploy/emulator/packages.sh
cargo test --quiet --test emulator figures -- --ignored --nocapture
