//! What a terminal gives out on the counter: receipts, of a printer that fails, recovers and is
//! asked again; and the light of its screen.
#![cfg(feature = "panel")]

#[path = "common/mod.rs"]
mod common;

use common::{ALIPAY, GUARD, Options, Shop, Terminal, WECHAT, well};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use simulator::Kind;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use ui::{Body, Light, Locale, StatusBar, Text};

/// A shop whose receipts go into a folder that is not there yet.
async fn shop() -> (Shop, PathBuf) {
    let mut options = Options::of(Kind::SosopayJson);
    options.printer = "driver = \"file\"\npath = \"later/receipts.txt\"\n".to_owned();
    let shop = Shop::with(options).await;
    let folder = shop.folder().join("later");
    (shop, folder)
}

fn receipts(folder: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(folder.join("receipts.txt")).unwrap_or_default();
    let cut = format!("{}\n", "=".repeat(32));
    text.split_terminator(&cut).map(str::to_owned).collect()
}

/// Waits until there are so many receipts; the terminal goes on meanwhile.
async fn printed(terminal: &Terminal, folder: &Path, count: usize) -> Vec<String> {
    let counted = async {
        while receipts(folder).len() < count {
            terminal.state().await;
        }
    };
    let waited = tokio::time::timeout(GUARD, counted).await;
    let receipts = receipts(folder);
    assert!(waited.is_ok() && receipts.len() == count, "{receipts:?}\n{}", terminal.log());
    receipts
}

/// Prints the newest sale's receipt again, from the menu.
async fn reprint(terminal: &mut Terminal) {
    for key in ["menu", "down", "down", "down", "enter", "enter"] {
        terminal.press(key).await;
    }
    terminal.screen("notice").await;
    terminal.rest().await;
}

#[tokio::test]
async fn a_sale_does_not_wait_for_its_receipt_and_the_receipt_waits_for_the_printer() {
    let (shop, folder) = shop().await;
    let mut terminal = shop.terminal().await;
    for (amount, code) in [("12.34", ALIPAY), ("5", WECHAT)] {
        shop.sell(&mut terminal, amount, code).await;
        terminal.result("paid").await;
        terminal.rest().await;
    }
    let failed = StatusBar { printer: Light::Bad, trouble: Some(Text::PrinterFailed), ..well() };
    let idle = |_: &serde_json::Value| Body::Idle { merchant: "达美乐披萨".to_owned() };
    terminal.shows(Locale::ZhCn, &failed, idle).await;
    std::fs::create_dir(&folder).expect("a folder");
    let receipts = printed(&terminal, &folder, 2).await;
    for (receipt, amount) in receipts.iter().zip(["¥12.34", "¥5.00"]) {
        assert!(receipt.contains(amount) && !receipt.contains("重印"), "{receipt}");
    }
    terminal.shows(Locale::ZhCn, &well(), idle).await;
    shop.settled(Some(&terminal), &["paid", "paid"]).await;
}

#[tokio::test]
async fn after_a_restart_nothing_is_printed_by_itself_and_again_is_marked() {
    let (shop, folder) = shop().await;
    std::fs::create_dir(&folder).expect("a folder");
    let mut terminal = shop.terminal().await;
    shop.sell(&mut terminal, "12.34", ALIPAY).await;
    terminal.result("paid").await;
    printed(&terminal, &folder, 1).await;
    drop(terminal);

    let mut terminal = shop.terminal().await;
    reprint(&mut terminal).await;
    let receipts = printed(&terminal, &folder, 2).await;
    let order = shop.last().await["order"].as_str().expect("an order").to_owned();
    for (receipt, marked) in receipts.iter().zip([false, true]) {
        assert!(receipt.contains("¥12.34") && receipt.contains(&order), "{receipt}");
        assert_eq!(receipt.contains("重印"), marked, "{receipt}");
    }
    shop.settled(Some(&terminal), &["paid"]).await;
}

/// A printer at the other end of a pseudo-terminal: it answers each question of DLE EOT, tells that
/// it is done (GS r 1), and keeps what it was sent.
struct Paper {
    /// Whether there is any.
    some: AtomicBool,
    sent: std::sync::Mutex<Vec<u8>>,
}

impl Paper {
    /// A printer at `path`, and what is on its paper.
    fn at(path: &Path) -> Arc<Paper> {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let line = openpt(flags).expect("a pseudo-terminal");
        grantpt(&line).and_then(|()| unlockpt(&line)).expect("its other end");
        let end = ptsname(&line, Vec::new()).expect("a name").into_string().expect("in ASCII");
        // Held open, or the line would be dead until the terminal opens it.
        let held = File::options().read(true).write(true).open(&end).expect("its other end");
        std::os::unix::fs::symlink(end, path).expect("linked");
        let paper = Arc::new(Paper { some: AtomicBool::new(false), sent: Default::default() });
        std::thread::spawn({
            let paper = Arc::clone(&paper);
            move || {
                let _held = held;
                paper.work(File::from(line));
            }
        });
        paper
    }

    fn work(&self, mut line: File) {
        let mut bytes = Vec::new();
        let mut byte = [0];
        while line.read_exact(&mut byte).is_ok() {
            bytes.push(byte[0]);
            let answer = match bytes.as_slice() {
                [.., 0x10, 0x04, n @ 1..=4] => {
                    let out = !self.some.load(Ordering::SeqCst);
                    match n {
                        1 if out => 0x1A,
                        2 if out => 0x32,
                        4 if out => 0x72,
                        _ => 0x12,
                    }
                }
                [.., 0x1D, b'r', 1] => 0x00,
                _ => continue,
            };
            self.sent.lock().unwrap().append(&mut bytes);
            if line.write_all(&[answer]).is_err() {
                return;
            }
        }
    }

    fn was_sent(&self, bytes: &[u8]) -> bool {
        self.sent.lock().unwrap().windows(bytes.len()).any(|sent| sent == bytes)
    }
}

#[tokio::test]
async fn a_printer_without_paper_is_named_and_prints_when_there_is_some() {
    let mut options = Options::of(Kind::SosopayJson);
    options.printer = "driver = \"escpos\"\npath = \"printer\"\nbaud = 115200\n".to_owned();
    let shop = Shop::with(options).await;
    let paper = Paper::at(&shop.folder().join("printer"));
    let mut terminal = shop.terminal().await;
    let idle = |_: &serde_json::Value| Body::Idle { merchant: "达美乐披萨".to_owned() };
    let out = StatusBar { printer: Light::Bad, trouble: Some(Text::PrinterNoPaper), ..well() };
    terminal.shows(Locale::ZhCn, &out, idle).await;
    shop.sell(&mut terminal, "12.34", ALIPAY).await;
    terminal.result("paid").await;
    terminal.rest().await;
    // "￥12.34" as GBK, in the printer's own characters.
    let amount = b"\xA3\xA412.34\n";
    assert!(!paper.was_sent(amount));
    paper.some.store(true, Ordering::SeqCst);
    terminal.shows(Locale::ZhCn, &well(), idle).await;
    let printed = async {
        while !paper.was_sent(amount) {
            terminal.state().await;
        }
    };
    let printed = tokio::time::timeout(GUARD, printed).await;
    assert!(printed.is_ok(), "{}", terminal.log());
    // 重印 in GBK: nothing of it was on paper before.
    assert!(!paper.was_sent(b"\xD6\xD8\xD3\xA1"));
    shop.settled(Some(&terminal), &["paid"]).await;
}

#[tokio::test]
async fn the_screen_is_dimmed_when_nobody_is_there_and_bright_at_the_first_key_which_acts() {
    let mut options = Options::of(Kind::SosopayJson);
    options.more = "[backlight]\ndriver = \"sysfs\"\npath = \"panel\"\nactive = 90\nidle = 30\n\
                    idle_ms = 1000\n"
        .to_owned();
    let shop = Shop::with(options).await;
    let panel = shop.folder().join("panel");
    std::fs::create_dir(&panel).expect("a folder");
    std::fs::write(panel.join("max_brightness"), "200\n").expect("written");
    std::fs::write(panel.join("brightness"), "1\n").expect("written");
    let mut terminal = shop.terminal().await;
    let shines = async |terminal: &Terminal, brightness: &str| {
        let shines = async {
            while std::fs::read_to_string(panel.join("brightness")).expect("read") != brightness {
                terminal.state().await;
            }
        };
        let shines = tokio::time::timeout(GUARD, shines).await;
        assert!(shines.is_ok(), "{brightness}: {}", terminal.log());
    };
    shines(&terminal, "60").await;
    terminal.press("7").await;
    terminal.screen("amount").await;
    assert_eq!(terminal.state().await["amount_fen"], 700);
    // It may be dimmed again before anybody looks, so what it did is read in the log.
    let bright_again = async {
        let bright_after_dimmed = |log: &str| {
            let dimmed = log.find("the light is at 30 %");
            dimmed.and_then(|at| log.get(at..)?.find("the light is at 90 %")).is_some()
        };
        while !bright_after_dimmed(&terminal.log()) {
            terminal.state().await;
        }
    };
    let bright_again = tokio::time::timeout(GUARD, bright_again).await;
    assert!(bright_again.is_ok(), "{}", terminal.log());
    shines(&terminal, "60").await;
    terminal.press("cancel").await;
    terminal.screen("idle").await;
}
