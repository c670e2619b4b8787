//! The whole firmware on an ARM device made of software, as `deploy/emulator/run.sh` boots it: real
//! keys, scanners, pixels, network and disk, against the gateway's simulator on this host.
//!
//! Needs Debian's qemu-system-arm, cpio, e2fsprogs and the ARM cross compiler, the firmware for
//! armv7 (`deploy/arm/build.sh`, or `CASHIER_ARM_FIRMWARE` names it), and a few minutes:
//!
//! ```text
//! cargo test --test emulator -- --ignored --nocapture --test-threads=1
//! ```
//!
//! What a test leaves is in `target/emulator/NAME`: the console's log, pictures, the disk.
#![cfg(feature = "panel")]

#[path = "common/mod.rs"]
mod common;
#[path = "emulator/console.rs"]
mod console;
#[path = "emulator/cut.rs"]
mod cut;
#[path = "emulator/device.rs"]
mod device;
#[path = "emulator/disk.rs"]
mod disk;
#[path = "emulator/drm.rs"]
mod drm;
#[path = "emulator/figures.rs"]
mod figures;
#[path = "emulator/picture.rs"]
mod picture;
#[path = "emulator/qmp.rs"]
mod qmp;
#[path = "emulator/selling.rs"]
mod selling;
#[path = "emulator/store.rs"]
mod store;
