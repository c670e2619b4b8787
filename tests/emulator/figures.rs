//! What the firmware costs on the device: `deploy/emulator/report.sh` prints it.
//!
//! The device's clock counts its instructions, two nanoseconds each (QEMU's `-icount shift=1`): a
//! processor of 500 million instructions a second, whatever this machine is doing meanwhile.

use super::device::{Device, well};
use super::picture::{HEIGHT, WIDTH};
use super::selling::{ask_for_code, idle};
use super::store::Store;

/// How many seconds of the countdown are looked at.
const TICKS: usize = 5;

#[tokio::test]
#[ignore = "boots QEMU; needs qemu-system-arm and the firmware for ARM: see the head of this file"]
async fn the_firmware_keeps_to_its_size_its_memory_and_its_start() {
    let mut store = Store::open("figures").await;
    store.bench.steady = true;
    let size = std::fs::metadata(&store.bench.firmware).expect("the firmware").len();
    let mut device = store.bench.boot().await;
    idle(&mut device).await;

    let start = from_init_to_first_frame(&mut device).await;
    let resident = resident(&mut device).await;
    let wakes = wake_ups_in_a_minute(&mut device).await;
    let tick = countdown_tick(&mut device).await;
    device.power_off().await;

    row("armv7 binary, stripped", format!("{} bytes", spaced(size)), "6 MB");
    row("init to first frame, emulated", format!("{start} ms"), "1500 ms");
    row("resident memory", format!("{} kB", spaced(resident)), "16 MB");
    row("wake-ups in an idle minute", wakes.to_string(), "the clock's");
    let frame = u64::from(WIDTH * HEIGHT) * 4;
    let tick_of = format!("{} of {} bytes", spaced(tick), spaced(frame));
    row("countdown tick, to the framebuffer", tick_of, "its pixels");
    assert!(size <= 6_000_000, "the binary is too large: {size}");
    assert!(start <= 1_500, "the start takes too long: {start} ms");
    assert!(resident * 1024 <= 16_000_000, "too much memory: {resident} kB");
    // Writing the log of a minute's tick alone takes several; what polls wakes far more often.
    assert!(wakes <= 20, "it wakes too often: {wakes} times in a minute");
    assert!(tick * 10 <= frame, "a tick writes too much: {tick} bytes");
}

fn row(what: &str, found: String, aim: &str) {
    println!("{what:<40} {found:>28}   aim {aim}");
}

/// Digits in threes.
fn spaced(number: u64) -> String {
    let digits = number.to_string();
    let mut spaced = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            spaced.push(' ');
        }
        spaced.push(digit);
    }
    spaced
}

/// From the kernel's start of process 1 until the firmware says that its first frame is shown.
async fn from_init_to_first_frame(device: &mut Device) -> u64 {
    let log = device.shell.run("dmesg").await;
    let at = |what: &str| {
        let line = log.lines().find(|line| line.contains(what));
        let line = line.unwrap_or_else(|| panic!("no {what} in the kernel's log:\n{log}"));
        micros(line).unwrap_or_else(|| panic!("no time in {line}"))
    };
    (at("first frame") - at("Run /init as init process")) / 1000
}

/// The time before a line of the kernel's log, `[    1.234567] `, in microseconds.
fn micros(line: &str) -> Option<u64> {
    let time = line.split_once('[')?.1.split_once(']')?.0.trim();
    let (whole, part) = time.split_once('.')?;
    Some(whole.parse::<u64>().ok()? * 1_000_000 + part.parse::<u64>().ok()?)
}

async fn resident(device: &mut Device) -> u64 {
    let status = device.shell.run("grep VmRSS: /proc/$(cat /run/cashier.pid)/status").await;
    let found = status.split_whitespace().nth(1).and_then(|kb| kb.parse().ok());
    found.unwrap_or_else(|| panic!("no VmRSS in {status:?}"))
}

/// How often any of the firmware's threads went to sleep and came back, while nobody does anything.
async fn wake_ups_in_a_minute(device: &mut Device) -> u64 {
    let count = "cat /proc/$(cat /run/cashier.pid)/task/*/status | \
                 awk '/^voluntary_ctxt/ { sum += $2 } END { print sum }'";
    let before = device.shell.run(count).await;
    let after = device.shell.run(&format!("sleep 60; {count}")).await;
    let number = |text: &str| text.trim().parse::<u64>().unwrap_or_else(|_| panic!("{text:?}"));
    number(&after) - number(&before)
}

/// How many bytes go to the framebuffer when a second of a countdown passes.
async fn countdown_tick(device: &mut Device) -> u64 {
    ask_for_code(device, &well(), "12.34").await;
    device.skip_log();
    let mut most = 0;
    for _ in 0..TICKS {
        let line = device.says(&["drawn", "bytes="]).await;
        let bytes = line
            .split_once("bytes=")
            .and_then(|(_, rest)| rest.split_whitespace().next()?.parse::<u64>().ok());
        most = most.max(bytes.unwrap_or_else(|| panic!("no bytes in {line}")));
    }
    device.press(&["esc"]).await;
    most
}

mod tests {
    use super::*;

    #[test]
    fn figures_are_read_and_written_as_people_do() {
        assert_eq!(micros("[    3.266135] 2026"), Some(3_266_135));
        assert_eq!(micros("[   12.000001] x"), Some(12_000_001));
        assert_eq!(micros("emulator: init"), None);
        assert_eq!(spaced(5_686_180), "5 686 180");
        assert_eq!(spaced(680), "680");
    }
}
