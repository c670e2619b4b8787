# The recipes of daily work. `just` lists them.

# What is here.
default:
    @just --list

# Try it: a gateway, a terminal and a customer's phone in the browser.
demo *ARGS:
    cargo run --release -- demo {{ARGS}}

# The tests, with nothing but what they start themselves.
test:
    cargo test

# Everything that CI checks.
ci:
    bash .ci/run

# Formatting and lints.
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    cargo clippy --no-default-features -- -D warnings

# Draw the reference pictures of all screens anew; look at them before you commit them.
pictures:
    UPDATE_PICTURES=1 cargo test -p ui

# Timings of the paths that a cashier waits for.
bench:
    cargo bench --bench terminal

# Size, memory, start and idle figures of the release build.
report:
    bash benches/report.sh

# The device's build: no demo, no simulator, no panel.
device:
    cargo build --release --no-default-features

# The device's build for ARM, without containers: armv7, aarch64 or all.
arm ARCH="armv7":
    deploy/arm/build.sh {{ARCH}}

# The tests that run as ARM programs, under QEMU.
arm-test ARCH="armv7":
    deploy/arm/test.sh {{ARCH}}

# The same build in a container, by cross 0.2.5; `aarch64-unknown-linux-gnu` is the other target. Where
# rustup may not install anything by itself, put CROSS_CUSTOM_TOOLCHAIN=1 into the environment.
cross TARGET="armv7-unknown-linux-gnueabihf":
    CROSS_CONFIG=cross.toml cross build --release --no-default-features -p cashier --target {{TARGET}}

# The Debian package of a device: armv7 or aarch64. The last line is its path.
package ARCH="armv7":
    deploy/arm/build.sh {{ARCH}}
    deploy/debian/build.sh --arch {{ if ARCH == "armv7" { "armhf" } else { "arm64" } }} \
        --binary target/arm/{{ if ARCH == "armv7" { "armv7-unknown-linux-gnueabihf" } else { "aarch64-unknown-linux-gnu" } }}/release/cashier

# Boot the firmware on an ARM device made of software; --help tells the options.
emulator *ARGS:
    deploy/emulator/run.sh {{ARGS}}

# Sell on that device by every way in, and cut its power.
emulator-test:
    cargo test --test emulator -- --ignored --nocapture --test-threads=1

# What the firmware costs on it: size, memory, start, wake-ups, bytes drawn.
emulator-report:
    deploy/emulator/report.sh

# Fuzz a decoder: json, xml, upay, notification, scanner or pn532. Needs nightly and cargo-fuzz.
fuzz TARGET SECONDS="60":
    mkdir -p fuzz/corpus/{{TARGET}} fuzz/seeds/{{TARGET}}
    cargo +nightly fuzz run {{TARGET}} fuzz/corpus/{{TARGET}} fuzz/seeds/{{TARGET}} -- -max_total_time={{SECONDS}}
