//! Sales by clicks on the page.

use crate::client::{self, NEVER};
use crate::demo::{Demo, options};
use crate::webdriver::{Browser, installed};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use simulator::Kind;
use std::io::Write;
use tokio::task::LocalSet;

#[tokio::test]
async fn a_visitor_sells_both_ways_on_the_page() {
    let Some((chromium, driver)) = installed() else {
        // Past the capture of a passing test's output.
        let _ = writeln!(
            std::io::stderr(),
            "\n*** SKIPPED: no browser test without chromium and chromedriver: install them, or \
             set CASHIER_CHROMIUM and CASHIER_CHROMEDRIVER ***\n"
        );
        return;
    };
    let visit = async {
        let browser = Browser::start(&chromium, &driver).await;
        for kind in [Kind::Shouqianba, Kind::SosopayJson] {
            sell_both_ways(&browser, kind).await;
        }
    };
    LocalSet::new().run_until(visit).await;
}

async fn sell_both_ways(browser: &Browser, kind: Kind) {
    let demo = Demo::start(options(kind)).await;
    browser.resize(1280, 800).await;
    browser.open(&format!("http://{}/", demo.address)).await;
    browser.until("document.querySelector('#code')?.dataset.code").await;
    browser.until("document.body.dataset.screen === 'idle'").await;

    under_the_scanner(browser, &demo).await;
    from_the_screen(browser, &demo).await;
    let fits = "document.documentElement.scrollHeight <= innerHeight && \
                document.documentElement.scrollWidth <= innerWidth";
    assert_eq!(browser.value(fits).await, true, "the page fits into 1280x800");
    keep_picture(browser, kind).await;
    the_canvas_is_the_screen(browser, &demo).await;
    with_the_keyboard(browser, &demo).await;
    password_and_decline(browser, &demo).await;
    faults_are_still_there_after_a_reload(browser).await;
    the_other_language(browser).await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    // The page goes first: it would complain of a terminal that is gone.
    browser.open("about:blank").await;
    demo.stop().await;
}

async fn press(browser: &Browser, keys: &[&str]) {
    for key in keys {
        browser.click(&format!("[data-key='{key}']")).await;
    }
}

async fn state(demo: &Demo) -> Value {
    client::get(demo.address, "/state.json").await.json()
}

async fn under_the_scanner(browser: &Browser, demo: &Demo) {
    press(browser, &["1", "2", ".", "3", "4", "scan"]).await;
    browser.until("document.body.dataset.screen === 'await_code'").await;
    assert_eq!(state(demo).await["amount_fen"], 1234);
    browser.click("#hold").await;
    browser.until("document.body.dataset.outcome === 'paid'").await;
    let told = state(demo).await;
    assert_eq!((&told["outcome"], &told["amount_fen"]), (&json!("paid"), &json!(1234)));
    // The customer, the gateway and the printer agree.
    browser.until("document.querySelector('[data-end=paid]')").await;
    let order = told["order"].as_str().unwrap();
    browser
        .until(&format!("document.querySelector('[data-order=\"{order}\"][data-state=paid]')"))
        .await;
    browser.click("#tab-receipts").await;
    browser.until("document.querySelectorAll('[data-receipt]').length === 1").await;
    let receipt = browser.value("document.querySelector('[data-receipt]').textContent").await;
    assert!(receipt.as_str().unwrap().contains("12.34"), "{receipt}");
    browser.click("#tab-orders").await;
}

async fn from_the_screen(browser: &Browser, demo: &Demo) {
    press(browser, &["clear", "8", "8", "qr"]).await;
    browser.until("document.body.dataset.screen === 'present'").await;
    browser.until("!document.querySelector('#look').disabled").await;
    browser.click("#look").await;
    browser.until("document.querySelector('[data-act=pay]')").await;
    let sheet = browser.value("document.querySelector('#sheet').textContent").await;
    assert!(sheet.as_str().unwrap().contains("¥88.00"), "{sheet}");
    browser.click("[data-act=pay]").await;
    browser.until("document.body.dataset.outcome === 'paid'").await;
    let told = state(demo).await;
    assert_eq!((&told["outcome"], &told["amount_fen"]), (&json!("paid"), &json!(8800)));
    browser.until("document.querySelector('[data-end=paid]')").await;
    browser.until("document.querySelectorAll('[data-state=paid]').length === 2").await;
    let total = browser.value("document.querySelector('.total b').textContent").await;
    assert_eq!(total, "¥100.34");
}

/// With `UPDATE_PICTURES=1`, what the page looks like goes to the documentation.
async fn keep_picture(browser: &Browser, kind: Kind) {
    if kind != Kind::Shouqianba || std::env::var_os("UPDATE_PICTURES").is_none() {
        return;
    }
    let screen = state_version(browser).await;
    browser.until(&format!("document.querySelector('#screen').dataset.version >= {screen}")).await;
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("demo.png"), browser.picture().await).unwrap();
}

async fn state_version(browser: &Browser) -> u64 {
    let version = browser.value("Number(document.querySelector('#screen').dataset.version)").await;
    version.as_u64().unwrap()
}

/// The canvas shows the very pixels of `/screen.png`.
async fn the_canvas_is_the_screen(browser: &Browser, demo: &Demo) {
    let compared = async {
        loop {
            let url = browser.value("document.querySelector('#screen').toDataURL()").await;
            let version = state_version(browser).await;
            let screen = client::get(demo.address, "/screen.png").await;
            let tag = screen.header("etag").unwrap();
            // The terminal's clock may tick in between; then look again.
            if tag.ends_with(&format!("-{version}\"")) {
                let data = url.as_str().unwrap().split_once(',').unwrap().1.to_owned();
                let shown = rgb(&STANDARD.decode(data).unwrap());
                assert!(shown == rgb(&screen.body), "the canvas is not the screen");
                return;
            }
        }
    };
    tokio::time::timeout(NEVER, compared).await.expect("the screen's version on the page");
}

fn rgb(png: &[u8]) -> Vec<u8> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    let depth = info.line_size / info.width as usize;
    pixels.chunks(depth).flat_map(|pixel| pixel[..3].to_vec()).collect()
}

async fn with_the_keyboard(browser: &Browser, demo: &Demo) {
    const BACKSPACE: &str = "\u{e003}";
    const ENTER: &str = "\u{e007}";
    const ESCAPE: &str = "\u{e00c}";
    // Any key leaves a result; a cancel that comes too soon after it does not.
    browser.typed(BACKSPACE).await;
    browser.until("document.body.dataset.screen === 'idle'").await;
    browser.typed("7.58").await;
    browser.typed(BACKSPACE).await;
    browser.typed(ENTER).await;
    browser.until("document.body.dataset.screen === 'await_code'").await;
    assert_eq!(state(demo).await["amount_fen"], 750);
    browser.typed(ESCAPE).await;
    browser.until("document.body.dataset.screen !== 'await_code'").await;
    browser.typed(ESCAPE).await;
    browser.until("document.body.dataset.screen === 'idle'").await;
}

async fn password_and_decline(browser: &Browser, demo: &Demo) {
    browser.click("#behaviour option[value=password]").await;
    press(browser, &["5", "scan"]).await;
    browser.until("document.body.dataset.screen === 'await_code'").await;
    browser.click("#hold").await;
    browser.until("document.querySelector('[data-act=approve]')").await;
    browser.click("[data-act=wrong]").await;
    browser.until("document.querySelector('#sheet .warn')").await;
    browser.click("[data-act=decline]").await;
    browser.until("document.body.dataset.outcome === 'not_charged'").await;
    assert_eq!(state(demo).await["outcome"], "not_charged");
    browser.click("#behaviour option[value=approve]").await;
}

async fn faults_are_still_there_after_a_reload(browser: &Browser) {
    const ARMED: &str = "document.querySelector('#armed').textContent";
    const OFFLINE: &str = "document.querySelector('#offline').checked";
    assert_eq!(browser.value(ARMED).await, "");
    browser.click("#fault-call option[value=cancel]").await;
    browser.click("#arm").await;
    browser.until(ARMED).await;
    let armed = browser.value(ARMED).await;
    browser.click("label:has(#offline)").await;
    browser.until(OFFLINE).await;
    browser.value("location.reload()").await;
    browser.until(&format!("document.readyState === 'complete' && {OFFLINE} && {ARMED}")).await;
    assert_eq!(browser.value(ARMED).await, armed);
    browser.click("label:has(#offline)").await;
    browser.click("#disarm").await;
    browser.until(&format!("!{OFFLINE} && {ARMED} && {ARMED} !== {armed}")).await;
}

async fn the_other_language(browser: &Browser) {
    let label = "document.querySelector('#hold').textContent";
    let before = browser.value(label).await;
    browser.click("#language").await;
    browser.until(&format!("{label} !== {before}")).await;
    assert_eq!(browser.value("document.documentElement.lang").await, "zh-CN");
    let unspoken =
        "[...document.querySelectorAll('[data-t]')].filter((it) => !it.textContent).length";
    assert_eq!(browser.value(unspoken).await, 0);
}
