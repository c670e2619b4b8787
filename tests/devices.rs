//! The terminal with a serial scanner, over a pseudo-terminal: a sale through it, in pieces, and with
//! the plug pulled.
#![cfg(feature = "panel")]

#[path = "common/mod.rs"]
mod common;

use common::{ALIPAY, Options, Shop, Terminal, WECHAT, well};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use simulator::Kind;
use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use ui::{Body, Light, Locale, StatusBar};

/// A shop whose scanner is at a name that stays the same, as udev's do.
async fn shop(terminator: &str) -> Shop {
    let mut options = Options::of(Kind::SosopayJson);
    options.scanner = format!(
        "[[scanner]]\ndriver = \"serial\"\npath = \"scanner\"\nterminator = \"{terminator}\"\n"
    );
    Shop::with(options).await
}

/// Puts a new line in place of the one before, in one step. Its other end is the terminal's alone,
/// and no process that is started meanwhile gets this one, so dropping it unplugs the scanner.
fn plug(shop: &Shop) -> File {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let line = openpt(flags).expect("a pseudo-terminal");
    grantpt(&line).and_then(|()| unlockpt(&line)).expect("its other end");
    let end = ptsname(&line, Vec::new()).expect("a name").into_string().expect("in ASCII");
    let fresh = shop.folder().join("fresh");
    symlink(end, &fresh).expect("linked");
    std::fs::rename(fresh, shop.folder().join("scanner")).expect("renamed");
    File::from(line)
}

/// Waits for the scanner's light.
async fn light(terminal: &mut Terminal, light: Light) {
    let trouble = match light {
        Light::Bad => Some(ui::Text::ScannerAbsent),
        Light::Good | Light::Absent => None,
    };
    let status = StatusBar { scanner: light, trouble, ..well() };
    let idle = |_: &serde_json::Value| Body::Idle { merchant: "达美乐披萨".to_owned() };
    terminal.shows(Locale::ZhCn, &status, idle).await;
}

async fn await_code(terminal: &mut Terminal) {
    terminal.type_amount("12.34").await;
    terminal.press("enter").await;
    terminal.screen("await_code").await;
}

#[tokio::test]
async fn a_sale_goes_through_a_serial_scanner() {
    let shop = shop("cr").await;
    let mut line = plug(&shop);
    shop.codes.lock().unwrap().extend([ALIPAY.to_owned(), WECHAT.to_owned()]);
    let mut terminal = shop.terminal().await;
    light(&mut terminal, Light::Good).await;
    await_code(&mut terminal).await;
    line.write_all(format!("]Q1{ALIPAY}\r\n").as_bytes()).expect("scanned");
    terminal.result("paid").await;
    shop.settled(Some(&terminal), &["paid"]).await;
    assert_eq!(shop.last().await["channel"], "alipay");
}

#[tokio::test]
async fn a_code_that_comes_in_pieces_is_one_code() {
    let shop = shop("any").await;
    let mut line = plug(&shop);
    shop.codes.lock().unwrap().push(ALIPAY.to_owned());
    let mut terminal = shop.terminal().await;
    light(&mut terminal, Light::Good).await;
    await_code(&mut terminal).await;
    for piece in ALIPAY.as_bytes().chunks(5) {
        line.write_all(piece).expect("scanned");
        line.flush().expect("flushed");
        // The terminal goes on meanwhile: it answers, and it has not taken the piece for a code.
        assert_eq!(terminal.state().await["screen"], "await_code");
    }
    line.write_all(b"\r").expect("scanned");
    terminal.result("paid").await;
    shop.settled(Some(&terminal), &["paid"]).await;
}

#[tokio::test]
async fn a_scanner_that_is_unplugged_within_a_code_is_read_again_once_it_is_back() {
    let shop = shop("any").await;
    let mut line = plug(&shop);
    shop.codes.lock().unwrap().extend([ALIPAY.to_owned(), WECHAT.to_owned()]);
    let mut terminal = shop.terminal().await;
    await_code(&mut terminal).await;
    line.write_all(&ALIPAY.as_bytes()[..9]).expect("scanned");
    drop(line);
    // Without it the customer pays the other way.
    terminal.press("qr").await;
    let state = terminal.until("a QR", |state| state["qr"].is_string()).await;
    shop.control().phone_pay(state["qr"].as_str().unwrap()).expect("the phone knows it");
    terminal.result("paid").await;
    terminal.rest().await;
    light(&mut terminal, Light::Bad).await;

    let mut line = plug(&shop);
    light(&mut terminal, Light::Good).await;
    await_code(&mut terminal).await;
    line.write_all(format!("{WECHAT}\r").as_bytes()).expect("scanned");
    terminal.result("paid").await;
    shop.settled(Some(&terminal), &["paid", "paid"]).await;
    assert_eq!(shop.last().await["channel"], "wechat");
}

#[tokio::test]
async fn a_scan_from_before_the_sale_does_not_count() {
    let shop = shop("any").await;
    let mut line = plug(&shop);
    shop.codes.lock().unwrap().extend([ALIPAY.to_owned(), WECHAT.to_owned()]);
    let mut terminal = shop.terminal().await;
    light(&mut terminal, Light::Good).await;
    line.write_all(format!("{ALIPAY}\r{ALIPAY}\r").as_bytes()).expect("scanned");
    await_code(&mut terminal).await;
    line.write_all(format!("{WECHAT}\r").as_bytes()).expect("scanned");
    terminal.result("paid").await;
    shop.settled(Some(&terminal), &["paid"]).await;
    assert_eq!(shop.last().await["channel"], "wechat");
}

#[tokio::test]
async fn a_flood_of_noise_is_no_code_and_the_next_scan_is_read() {
    let shop = shop("any").await;
    let mut line = plug(&shop);
    shop.codes.lock().unwrap().push(ALIPAY.to_owned());
    let mut terminal = shop.terminal().await;
    light(&mut terminal, Light::Good).await;
    await_code(&mut terminal).await;
    let noise: Vec<u8> = (0..3_000_u32).map(|at| at.to_le_bytes()[0] | 0x80).collect();
    line.write_all(&noise).expect("noise");
    line.write_all(b"\r\r").expect("its end");
    line.write_all(format!("{ALIPAY}\r").as_bytes()).expect("scanned");
    terminal.result("paid").await;
    shop.settled(Some(&terminal), &["paid"]).await;
    assert_eq!(shop.control().orders().len(), 1);
}
