//! The other way to the screen, a firmware that dies on it, and one that cannot sell.

use super::device::{Device, well};
use super::picture::Picture;
use super::selling::{ask_for_code, idle};
use super::store::Store;
use ui::{Body, Light, Severity, StatusBar, Text};

#[tokio::test]
#[ignore = "boots QEMU; needs qemu-system-arm and the firmware for ARM: see the head of this file"]
async fn drm_shows_the_same_pixels_and_a_killed_firmware_takes_the_screen_again() {
    let store = Store::with_drm("drm").await;
    let mut device = store.bench.boot().await;
    device.says(&["the display's health changed", "/dev/dri/card0", "health=ready"]).await;
    idle(&mut device).await;
    ask_for_code(&mut device, &well(), "12.34").await;

    // What was not yet charged is given up with the process: nothing had been sent.
    device.shell.tell("kill -9 $(cat /run/cashier.pid)").await;
    device.says(&["the firmware ended with status 137"]).await;
    device.says(&["cashier::app::run: running"]).await;
    idle(&mut device).await;
    ask_for_code(&mut device, &well(), "0.5").await;
    device.press(&["esc"]).await;
    idle(&mut device).await;

    a_journal_that_cannot_be_used_is_told(&mut device).await;

    let log = device.log();
    let disk = device.power_off().await;
    assert_eq!(store.control().orders(), []);
    store.settled(&disk, log, &[]).await;
}

/// The schema of SQLite's file (`user_version`), as its header has it.
const SCHEMA: &str =
    "dd of=/var/lib/cashier/journal.db bs=1 seek=60 conv=notrunc 2>/dev/null; sync";

/// An update was taken back, and the journal is the newer program's (I19): the cashier reads why
/// nothing is sold, and with the newer program everything goes on.
async fn a_journal_that_cannot_be_used_is_told(device: &mut Device) {
    let kill = "kill -9 $(cat /run/cashier.pid)";
    device.shell.run(&format!(r"printf '\0\0\0\143' | {SCHEMA}; {kill}")).await;
    device.says(&["nothing can be sold", "has schema 99"]).await;
    let status = StatusBar {
        network: Light::Absent,
        scanner: Light::Absent,
        printer: Light::Absent,
        warning: None,
        ..well()
    };
    let why_not = Body::Notice {
        title: Text::SalesStopped,
        lines: vec![
            "the journal /var/lib/cashier/journal.db has schema 99, this program knows up to 1; \
             install the newer program again"
                .to_owned(),
        ],
        advice: Some(Text::CallIntegrator),
        severity: Severity::Bad,
    };
    device.shows_this("cannot-sell", &Picture::exactly(&status, why_not)).await;
    device.press(&["esc"]).await;
    device.says(&["the firmware ended with status 4"]).await;
    device.shell.run(&format!(r"printf '\0\0\0\1' | {SCHEMA}")).await;
    device.says(&["cashier::app::run: running"]).await;
    idle(device).await;
}
