//! The terminal with a serial scanner, over a pseudo-terminal: a sale through it, in pieces, and
//! with the plug pulled.
#![cfg(feature = "panel")]

#[path = "common/mod.rs"]
mod common;

use common::{ALIPAY, Options, Shop, Terminal, WECHAT, well};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use simulator::Kind;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};
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

#[tokio::test]
async fn check_shows_what_a_scanner_reads_masked_and_what_is_wrong_with_it() {
    let shop = shop("cr").await;
    let line = plug(&shop);
    let mut command = common::command(&shop.args(&["check", "--listen", "60"]));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let name = format!("serial scanner {}: ", shop.folder().join("scanner").display());
    // Beside the gateway, which answers in this thread.
    let scanned = tokio::task::spawn_blocking(move || scan_for_check(command, line, &name));
    scanned.await.expect("every scan is shown");
}

/// Scans what a person might, and looks at what `check` shows of it.
fn scan_for_check(mut command: Command, mut scanner: File, name: &str) {
    let mut child = command.spawn().expect("the program starts");
    let lines = |pipe| BufReader::new(pipe).lines().map_while(Result::ok);
    let mut said = lines(Box::new(child.stderr.take().expect("a pipe")) as Box<dyn Read + Send>);
    assert!(said.any(|line| line.contains("listening to the scanners for 60 s")));
    // The rest of what it says is read too, or it could not go on.
    let said = std::thread::spawn(move || said.collect::<Vec<_>>());
    let mut shown = lines(Box::new(child.stdout.take().expect("a pipe")));
    for (bytes, words) in [
        (format!("]Q1{ALIPAY}\r"), "a payment code of alipay 28****4755, QR Code (]Q1)"),
        ("%%NoRead\r".to_owned(), "no code read: try again"),
        ("6901234567892\r".to_owned(), "no payment code: that is a product's bar code"),
        ("2842\x0714\r".to_owned(), "not text: check the scanner's baud rate"),
        (ALIPAY.to_owned(), "the scan stopped in the middle: check the scanner's terminator"),
    ] {
        scanner.write_all(bytes.as_bytes()).expect("scanned");
        let line = shown.find(|line| line.starts_with(name)).expect("a line");
        assert!(line[name.len()..].starts_with(words), "{line}");
        assert!(!line.contains(ALIPAY), "{line}");
    }
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    let log = said.join().expect("read");
    assert!(!log.iter().any(|line| line.contains(ALIPAY)), "I17: {log:?}");
}

#[tokio::test]
async fn check_listens_for_programs_in_one_object() {
    let shop = shop("cr").await;
    let _line = plug(&shop);
    let object = shop.run(&["check", "--listen", "1"]).await.exits(0).json();
    assert_eq!((&object["good"], &object["heard"]), (&true.into(), &serde_json::json!([])));
    for seconds in ["0", "601", "x", "-1"] {
        shop.run(&["check", "--listen", seconds]).await.exits(2);
    }
}

/// Whoever helps from afar sees the screen in the panel, whether or not the real one works.
#[tokio::test]
async fn the_panel_shows_what_a_real_screen_shows() {
    let mut options = Options::of(Kind::SosopayJson);
    options.more = "[display]\ndriver = \"fbdev\"\npath = \"no-framebuffer\"\n".to_owned();
    let shop = Shop::with(options).await;
    let mut terminal = shop.terminal().await;
    let idle = |_: &serde_json::Value| Body::Idle { merchant: "达美乐披萨".to_owned() };
    terminal.shows(Locale::ZhCn, &well(), idle).await;
}
