//! Around a sale at the counter: languages, wrong scans, keys that must do nothing.

use crate::common::{ALIPAY, Options, Shop, WECHAT, well};
use serde_json::{Value, json};
use simulator::{Behaviour, Fault, FaultRule, Kind};
use ui::{Body, Locale, OutcomeKind, StatusBar, Text, Wallet};

const MERCHANT: &str = "达美乐披萨";

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn the_screen_and_the_receipt_speak_the_merchants_language() {
    for (name, locale) in [("zh-CN", Locale::ZhCn), ("en", Locale::En)] {
        let mut options = Options::of(Kind::Shouqianba);
        options.locale = name;
        let shop = Shop::with(options).await;
        let mut terminal = shop.terminal().await;
        let idle = |_: &Value| Body::Idle { merchant: MERCHANT.to_owned() };
        terminal.shows(locale, &well(), idle).await;
        shop.sell(&mut terminal, "12.34", ALIPAY).await;
        terminal.result("paid").await;
        let paid = |state: &Value| {
            Body::Outcome(ui::Outcome {
                kind: OutcomeKind::Paid,
                amount: "12.34".to_owned(),
                wallet: Some(Wallet::Alipay),
                reason: None,
                detail: None,
                advice: Some(Text::HandOverGoods),
                order: text(&state["order"]),
            })
        };
        terminal.shows(locale, &well(), paid).await;
        let receipt = terminal.receipts().await.to_string();
        assert!(receipt.contains(Text::Paid.text(locale)), "{receipt}");
        shop.settled(Some(&terminal), &["paid"]).await;
    }
}

#[tokio::test]
async fn the_language_is_changed_in_the_menu() {
    let shop = Shop::open(Kind::SosopayJson).await;
    let mut terminal = shop.terminal().await;
    terminal.press("menu").await;
    terminal.screen("menu").await;
    terminal.press("up").await;
    terminal.press("enter").await;
    terminal.press("cancel").await;
    let idle = |_: &Value| Body::Idle { merchant: MERCHANT.to_owned() };
    terminal.shows(Locale::En, &well(), idle).await;
}

#[tokio::test]
async fn what_is_no_payment_code_is_named_and_nothing_is_sent() {
    let shop = Shop::open(Kind::Shouqianba).await;
    let mut terminal = shop.terminal().await;
    terminal.type_amount("12.34").await;
    terminal.press("enter").await;
    terminal.screen("await_code").await;
    for (scan, caution) in [
        ("6901234567892", Text::ScanIsProduct),
        ("https://example.com/pay?x=1", Text::ScanIsUrl),
        ("284214903060794755284214903060794755", Text::ScanIsTooLong),
        ("table 7", Text::ScanIsNotACode),
    ] {
        terminal.scan(scan).await;
        let named = |state: &Value| Body::AwaitCode {
            amount: "12.34".to_owned(),
            seconds_left: u32::try_from(state["seconds_left"].as_u64().unwrap_or(0)).unwrap(),
            tap: false,
            caution: Some(caution),
        };
        terminal.shows(Locale::ZhCn, &well(), named).await;
    }
    assert!(shop.control().requests().is_empty(), "nothing was sent");
    assert!(shop.listed().await.is_empty(), "nothing was recorded");
    shop.scan(&terminal, ALIPAY).await;
    terminal.result("paid").await;
    shop.settled(Some(&terminal), &["paid"]).await;
}

/// The screen that waits for a code for 12.34; `tap` is whether it asks for a phone, too.
fn awaited(state: &Value, tap: bool) -> Body {
    let seconds_left = u32::try_from(state["seconds_left"].as_u64().unwrap_or(0)).unwrap();
    Body::AwaitCode { amount: "12.34".to_owned(), seconds_left, tap, caution: None }
}

#[tokio::test]
async fn nobody_is_asked_to_tap_a_phone_where_there_is_no_reader() {
    let shop = Shop::open(Kind::Shouqianba).await;
    let mut terminal = shop.terminal().await;
    terminal.type_amount("12.34").await;
    terminal.press("enter").await;
    terminal.screen("await_code").await;
    terminal.shows(Locale::ZhCn, &well(), |state| awaited(state, false)).await;
    terminal.press("cancel").await;
    shop.settled(Some(&terminal), &[]).await;
}

/// I16: a scanner can neither navigate nor confirm.
#[tokio::test]
async fn a_scan_that_nobody_awaits_does_nothing() {
    let shop = Shop::open(Kind::Shouqianba).await;
    shop.control().customer(ALIPAY, Behaviour::Password);
    let mut terminal = shop.terminal().await;
    shop.scan(&terminal, WECHAT).await;
    terminal.type_amount("5").await;
    terminal.screen("amount").await;
    shop.scan(&terminal, WECHAT).await;
    terminal.press("enter").await;
    let state = terminal.screen("await_code").await;
    assert_eq!(state["amount_fen"], 500);
    // One scan, one attempt: what is scanned while the charge goes on is nobody's.
    shop.scan(&terminal, ALIPAY).await;
    let state = terminal.screen("confirming").await;
    shop.scan(&terminal, WECHAT).await;
    for key in ["enter", "1", "00", ".", "clear", "back", "menu", "up", "down", "scan"] {
        terminal.press(key).await;
    }
    shop.control().approve(state["order"].as_str().unwrap()).expect("it waits");
    let result = terminal.result("paid").await;
    assert_eq!(result["order"], state["order"]);
    shop.scan(&terminal, WECHAT).await;
    shop.settled(Some(&terminal), &["paid"]).await;
    assert_eq!(shop.control().orders().len(), 1);
}

#[tokio::test]
async fn keys_while_a_code_is_awaited_change_nothing_but_cancel_backs_out() {
    let shop = Shop::open(Kind::SosopayXml).await;
    let mut terminal = shop.terminal().await;
    terminal.type_amount("12.34").await;
    terminal.press("enter").await;
    let before = terminal.screen("await_code").await;
    for key in ["9", "enter", "clear", "back", "menu", "up", "down", "scan", "00", "."] {
        terminal.press(key).await;
    }
    let after = terminal.state().await;
    for name in ["screen", "order", "amount_fen"] {
        assert_eq!(before[name], after[name]);
    }
    terminal.press("cancel").await;
    terminal.screen("idle").await;
    shop.settled(Some(&terminal), &[]).await;
    assert!(shop.control().requests().is_empty());
}

#[tokio::test]
async fn an_amount_that_cannot_be_charged_is_not_asked_for() {
    let shop = Shop::open(Kind::Shouqianba).await;
    let mut terminal = shop.terminal().await;
    for (amount, problem) in [("0", Text::AmountIsZero), ("0.00", Text::AmountIsZero)] {
        for key in ["enter", "scan", "qr"] {
            terminal.press("clear").await;
            terminal.type_amount(amount).await;
            terminal.press(key).await;
            let refused = |_: &Value| Body::Amount {
                amount: amount.to_owned(),
                wallet: Wallet::Wechat,
                problem: Some(problem),
            };
            terminal.shows(Locale::ZhCn, &well(), refused).await;
        }
    }
    shop.settled(Some(&terminal), &[]).await;
}

/// A scanner that is not there is a light and a word, and the QR still sells.
#[tokio::test]
async fn without_a_scanner_the_qr_still_sells() {
    let mut options = Options::of(Kind::Shouqianba);
    options.scanner = "[[scanner]]\ndriver = \"serial\"\npath = \"no-scanner\"\n".to_owned();
    let shop = Shop::with(options).await;
    let mut terminal = shop.terminal().await;
    let trouble = Some(ui::Text::ScannerAbsent);
    let status = StatusBar { scanner: ui::Light::Bad, trouble, ..well() };
    let idle = |_: &Value| Body::Idle { merchant: MERCHANT.to_owned() };
    terminal.shows(Locale::ZhCn, &status, idle).await;
    let qr = shop.present(&mut terminal, "12.34").await;
    shop.control().phone_pay(&qr).expect("the phone knows it");
    terminal.result("paid").await;
    shop.settled(Some(&terminal), &["paid"]).await;
}

/// I11: a journal that was tampered with takes no new sales.
#[tokio::test]
async fn with_a_damaged_journal_no_sale_starts() {
    let shop = Shop::open(Kind::Shouqianba).await;
    let mut terminal = shop.terminal().await;
    shop.sell(&mut terminal, "12.34", ALIPAY).await;
    terminal.result("paid").await;
    assert!(terminal.stop().await.success());
    tamper(&shop);
    let verified = shop.run(&["journal", "verify"]).await;
    assert_eq!(verified.exits(1).json()["sound"], false);

    let mut terminal = shop.terminal().await;
    terminal.type_amount("1").await;
    terminal.press("enter").await;
    terminal.screen("notice").await;
    terminal.rest().await;
    terminal.type_amount("1").await;
    terminal.press("qr").await;
    terminal.screen("notice").await;
    assert!(terminal.stop().await.success());
    shop.run(&["sale", "--amount", "1", "--code", WECHAT]).await.exits(4);
    assert_eq!(shop.control().orders().len(), 1, "nothing was sent");
}

/// Changes one entry behind the journal's back.
fn tamper(shop: &Shop) {
    let file = rusqlite::Connection::open(shop.journal()).expect("a database");
    let tables: Vec<String> = file
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
        .and_then(|mut rows| rows.query_map([], |row| row.get(0))?.collect())
        .expect("tables");
    assert!(!tables.is_empty());
    let triggers: Vec<String> = file
        .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        .and_then(|mut rows| rows.query_map([], |row| row.get(0))?.collect())
        .expect("triggers");
    for trigger in triggers {
        file.execute_batch(&format!("DROP TRIGGER {trigger}")).expect("dropped");
    }
    let changed = file.execute("UPDATE entries SET at_ms = at_ms + 1 WHERE seq = 1", []);
    assert_eq!(changed.expect("the entry's table"), 1, "{tables:?}");
}

/// I7: whoever cannot wait for the next round has open charges asked about now.
#[tokio::test]
async fn open_charges_are_settled_from_the_menu() {
    let options = Options::of(Kind::SosopayJson)
        .wait("poll_max_ms", 600_000)
        .wait("poll_first_ms", 600_000)
        .wait("resolve_max_ms", 600_000)
        .wait("reverse_budget_ms", 100);
    let shop = Shop::with(options).await;
    shop.control().customer(ALIPAY, Behaviour::Password);
    let mut terminal = shop.terminal().await;
    shop.sell(&mut terminal, "12.34", ALIPAY).await;
    let state = terminal.screen("confirming").await;
    shop.control().inject(FaultRule::always(Fault::Http500 { processed: false }));
    terminal.press("cancel").await;
    terminal.result("unresolved").await;
    terminal.press("clear").await;
    terminal.screen("idle").await;
    let open = StatusBar { open: 1, ..well() };
    let idle = |_: &Value| Body::Idle { merchant: MERCHANT.to_owned() };
    terminal.shows(Locale::ZhCn, &open, idle).await;

    shop.control().clear_faults();
    shop.control().approve(state["order"].as_str().unwrap()).expect("it waits");
    for key in ["menu", "down", "down", "enter"] {
        terminal.press(key).await;
    }
    terminal.until("it is settled", |state| state["open"] == 0).await;
    terminal.rest().await;
    shop.settled(Some(&terminal), &["paid"]).await;
}

#[tokio::test]
async fn a_phone_that_is_tapped_pays() {
    let mut options = Options::of(Kind::SosopayJson);
    options.more = "[nfc]\ndriver = \"virtual\"\n".to_owned();
    let shop = Shop::with(options).await;
    let mut terminal = shop.terminal().await;
    let tap = json!({ "token": ALIPAY });
    assert_eq!(terminal.post("/nfc", tap.clone()).await.status, 409, "no code is awaited");
    terminal.type_amount("12.34").await;
    terminal.press("enter").await;
    terminal.screen("await_code").await;
    terminal.shows(Locale::ZhCn, &well(), |state| awaited(state, true)).await;
    shop.codes.lock().unwrap().push(ALIPAY.to_owned());
    assert_eq!(terminal.post("/nfc", tap).await.status, 200);
    terminal.result("paid").await;
    shop.settled(Some(&terminal), &["paid"]).await;
}

/// A list of what was sold, and one sale of it.
#[tokio::test]
async fn the_last_sales_are_read_in_the_menu() {
    let shop = Shop::open(Kind::Shouqianba).await;
    let mut terminal = shop.terminal().await;
    shop.sell(&mut terminal, "12.34", ALIPAY).await;
    terminal.result("paid").await;
    terminal.rest().await;
    for key in ["menu", "down", "enter"] {
        terminal.press(key).await;
    }
    terminal.screen("list").await;
    terminal.press("enter").await;
    terminal.screen("notice").await;
    terminal.rest().await;
    shop.settled(Some(&terminal), &["paid"]).await;
}
