//! The terminal with contactless readers and a receiver of sonic codes, each over a
//! pseudo-terminal: the code is charged as the kind that it is.
#![cfg(feature = "panel")]

#[path = "common/mod.rs"]
mod common;
#[path = "nfc/reader.rs"]
mod reader;

use common::{ALIPAY, Gate, Options, Shop, Terminal, WECHAT};
use hal::mock::pn532::{Mishap, Pn532Chip, Target};
use reader::{Reader, plug_line};
use simulator::Kind;
use std::io::Write as _;

const AID: [u8; 7] = [0xF0, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06];
const PN532: &str = "[nfc]\ndriver = \"pn532\"\npath = \"reader\"\naid = \"F0010203040506\"\n";
const LIST: u8 = 0x4A;
const EXCHANGE: u8 = 0x40;

async fn shop(more: &str) -> Shop {
    let mut options = Options::of(Kind::SosopayJson);
    options.more = more.to_owned();
    let shop = Shop::with(options).await;
    shop.codes.lock().unwrap().extend([ALIPAY.to_owned(), WECHAT.to_owned()]);
    shop
}

fn phone(token: &str) -> Target {
    Target::with_token(&AID, token)
}

async fn await_code(terminal: &mut Terminal) {
    terminal.type_amount("12.34").await;
    terminal.press("enter").await;
    terminal.screen("await_code").await;
}

/// The next charge is of this kind; it is let on.
async fn charged_as(gate: &mut Gate, kind: &str, code: &str) {
    let call = gate.next().await;
    let sent = call.text();
    let expected = format!("\"DYNAMIC_ID_TYPE\":\"{kind}\",\"DYNAMIC_ID\":\"{code}\"");
    assert!(sent.contains(&expected), "{expected} is not in {sent}");
    call.pass().await;
}

#[tokio::test]
async fn a_phone_that_is_tapped_is_charged_as_nfc() {
    let shop = shop(PN532).await;
    let reader = Reader::plug(&shop, Pn532Chip::new());
    let mut gate = Gate::before(shop.simulator().address()).await;
    shop.reroute(gate.address);
    let mut terminal = shop.terminal().await;
    // Nobody waits for a tap, so nothing is read off what lies there.
    reader.until("a field that is off", |chip| chip.history().count() >= 3).await;
    await_code(&mut terminal).await;
    reader.until("a chip that looks", Pn532Chip::is_waiting).await;
    reader.lay(phone(ALIPAY));
    charged_as(&mut gate, "3", ALIPAY).await;
    terminal.result("paid").await;
    reader.until("a field that is off", |chip| !chip.field_is_on()).await;
    drop(gate);
    shop.route_straight();
    shop.settled(Some(&terminal), &["paid"]).await;
}

#[tokio::test]
async fn a_phone_that_is_left_on_the_reader_does_not_pay_for_the_next_sale() {
    let shop = shop(PN532).await;
    let reader = Reader::plug(&shop, Pn532Chip::new());
    let mut terminal = shop.terminal().await;
    await_code(&mut terminal).await;
    reader.lay(phone(ALIPAY));
    terminal.result("paid").await;
    terminal.rest().await;
    let exchanges = |chip: &Pn532Chip| chip.history().filter(|code| *code == EXCHANGE).count();
    let before = reader.ask(exchanges).await;

    await_code(&mut terminal).await;
    reader.until("looks", |chip| chip.history().filter(|code| *code == LIST).count() >= 4).await;
    assert_eq!(reader.ask(exchanges).await, before, "it is not asked for anything");
    assert_eq!(terminal.state().await["screen"], "await_code");
    reader.lift();
    reader.until("a chip that looks", Pn532Chip::is_waiting).await;
    reader.lay(phone(WECHAT));
    terminal.result("paid").await;
    shop.settled(Some(&terminal), &["paid", "paid"]).await;
    assert_eq!(shop.control().orders().len(), 2);
}

#[tokio::test]
async fn cards_that_cannot_pay_and_a_reader_in_trouble_cost_nothing() {
    let shop = shop(PN532).await;
    let mut chip = Pn532Chip::new();
    chip.goes_wrong(EXCHANGE, Mishap::TakenAway);
    let reader = Reader::plug(&shop, chip);
    let mut terminal = shop.terminal().await;
    await_code(&mut terminal).await;
    let waits = Pn532Chip::is_waiting;
    for target in [phone(ALIPAY), Target::PlainCard, Target::with_token(&[0xA0; 5], ALIPAY)] {
        reader.until("a chip that looks", waits).await;
        reader.lay(target);
        reader.until("a chip that has found it", |chip| !chip.is_waiting()).await;
        reader.lift();
    }
    reader.until("a chip that looks", waits).await;
    assert_eq!(terminal.state().await["screen"], "await_code");
    // Unplugged while it waits, and plugged in again.
    drop(reader);
    let reader = Reader::plug(&shop, Pn532Chip::new());
    reader.until("a chip that looks", waits).await;
    reader.lay(phone(WECHAT));
    terminal.result("paid").await;
    shop.settled(Some(&terminal), &["paid"]).await;
}

#[tokio::test]
async fn a_reader_that_sends_lines_is_charged_as_nfc() {
    let shop = shop("[nfc]\ndriver = \"line\"\npath = \"reader\"\n").await;
    let (mut line, _end) = plug_line(&shop, "reader");
    let mut gate = Gate::before(shop.simulator().address()).await;
    shop.reroute(gate.address);
    let mut terminal = shop.terminal().await;
    await_code(&mut terminal).await;
    line.write_all(format!("{WECHAT}\r\n").as_bytes()).expect("sent");
    charged_as(&mut gate, "3", WECHAT).await;
    terminal.result("paid").await;
    drop(gate);
    shop.route_straight();
    shop.settled(Some(&terminal), &["paid"]).await;
}

#[tokio::test]
async fn a_sonic_receiver_is_charged_as_sonic() {
    let mut options = Options::of(Kind::SosopayJson);
    options.scanner = "[[scanner]]\ndriver = \"virtual\"\n\n[[scanner]]\ndriver = \"serial\"\n\
                       path = \"receiver\"\ncode_type = \"sonic\"\n"
        .to_owned();
    let shop = Shop::with(options).await;
    shop.codes.lock().unwrap().extend([ALIPAY.to_owned(), WECHAT.to_owned()]);
    let (mut line, _end) = plug_line(&shop, "receiver");
    let mut gate = Gate::before(shop.simulator().address()).await;
    shop.reroute(gate.address);
    let mut terminal = shop.terminal().await;
    await_code(&mut terminal).await;
    line.write_all(format!("{ALIPAY}\n").as_bytes()).expect("sent");
    charged_as(&mut gate, "2", ALIPAY).await;
    terminal.result("paid").await;
    terminal.rest().await;
    // The bar code scanner beside it still reads bar codes.
    await_code(&mut terminal).await;
    terminal.scan(WECHAT).await;
    charged_as(&mut gate, "1", WECHAT).await;
    terminal.result("paid").await;
    drop(gate);
    shop.route_straight();
    shop.settled(Some(&terminal), &["paid", "paid"]).await;
}

#[tokio::test]
async fn check_shows_the_firmware_of_the_reader() {
    let shop = shop(PN532).await;
    let line = |checked: &serde_json::Value| {
        let lines = checked["checks"].as_array().expect("lines").clone();
        let of_reader = |line: &&serde_json::Value| {
            line["what"].as_str().is_some_and(|what| what.starts_with("contactless reader"))
        };
        lines.iter().find(of_reader).expect("the reader's line").clone()
    };
    let away = line(&shop.run(&["check"]).await.json());
    assert_eq!(away["good"], false);
    assert!(away["detail"].as_str().expect("words").contains("plug it in"), "{away}");
    let _reader = Reader::plug(&shop, Pn532Chip::new());
    let there = line(&shop.run(&["check"]).await.json());
    assert_eq!(there["detail"], "ready: PN532, firmware 1.6, reads F0010203040506");
}
