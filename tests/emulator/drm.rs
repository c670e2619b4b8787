//! The other way to the screen, and a firmware that dies on it.

use super::device::well;
use super::selling::{ask_for_code, idle};
use super::store::Store;

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

    let log = device.log();
    let disk = device.power_off().await;
    assert_eq!(store.control().orders(), []);
    store.settled(&disk, log, &[]).await;
}
