//! No display: nothing is sold. What was begun goes on to its end, and the picture is whole when
//! the display is back. The terminal runs in this process, so that its plugs can be pulled.

#[path = "common/mod.rs"]
mod common;

use cashier::app::charges::Charges;
use cashier::app::config::Config;
use cashier::app::devices::Devices;
use cashier::app::run;
use cashier::app::terminal::{State, Terminal};
use common::{ALIPAY, Options, Shop, WECHAT, within};
use hal::mock::VirtualHandles;
use simulator::{Behaviour, Kind, Operation};
use tokio::sync::watch;

/// A shop and its terminal, whose devices are at hand.
struct Counter {
    shop: Shop,
    handles: VirtualHandles,
    state: watch::Receiver<State>,
}

impl Counter {
    async fn open(kind: Kind) -> Counter {
        let counter = Counter::with(kind, "").await;
        counter.until("the first picture", |handles| handles.display.version() > 0).await;
        counter
    }

    /// With one more table of the configuration.
    async fn with(kind: Kind, table: &str) -> Counter {
        let mut options = Options::of(kind);
        options.more = format!("[beeper]\ndriver = \"virtual\"\n{table}");
        let shop = Shop::with(options).await;
        let config = Config::load(&shop.config()).expect("a configuration");
        let (devices, handles) = Devices::open(&config.devices);
        let charges = Charges::new(run::exec(&config).expect("an executor"));
        let (terminal, state) = Terminal::new(config, charges, devices).expect("a terminal");
        tokio::spawn(terminal.run(std::future::pending()));
        let mut counter = Counter { shop, handles, state };
        counter.screen("idle").await;
        counter
    }

    fn press(&self, keys: &[&str]) {
        for key in keys {
            self.handles.keypad.press(key.parse().expect("a key"));
        }
    }

    async fn screen(&mut self, screen: &str) -> State {
        let there = self.state.wait_for(|state| state.screen == screen);
        within(screen, there).await.expect("the terminal runs").clone()
    }

    /// Lets the terminal go on until its devices are like this.
    async fn until(&self, what: &str, enough: impl Fn(&VirtualHandles) -> bool) {
        let reached = async {
            while !enough(&self.handles) {
                tokio::task::yield_now().await;
            }
        };
        within(what, reached).await;
    }

    /// Does something that has to be refused with a beep, and waits for that.
    async fn refused(&self, try_it: impl FnOnce(&Self)) {
        let before = self.handles.beeper.played().len();
        try_it(self);
        self.until("a refusal", |handles| handles.beeper.played().len() > before).await;
    }

    /// Waits until all rows of the screen are drawn anew after `plug`.
    async fn plugged(&self, plug: impl FnOnce(&VirtualHandles)) {
        let before = self.handles.display.stats().rows;
        plug(&self.handles);
        let rows = u64::from(self.handles.display.frame().geometry().height());
        let whole = |handles: &VirtualHandles| handles.display.stats().rows >= before + rows;
        self.until("the whole picture", whole).await;
    }
}

#[tokio::test]
async fn without_a_display_no_sale_starts_and_nothing_is_typed_blind() {
    let mut counter = Counter::open(Kind::SosopayJson).await;
    counter.handles.display.unplug();
    for key in ["1", "enter", "qr", "menu"] {
        counter.refused(|counter| counter.press(&[key])).await;
        assert_eq!(counter.state.borrow().screen, "idle", "{key}");
    }
    counter.plugged(|handles| handles.display.plug()).await;
    counter.press(&["2", "enter"]);
    counter.screen("await_code").await;
    counter.handles.scanner.scan(ALIPAY);
    let paid = counter.screen("result").await;
    assert_eq!((paid.outcome, paid.amount_fen), (Some("paid"), Some(200)), "the 1 did not count");
    assert_eq!(counter.shop.control().orders().len(), 1);
}

#[tokio::test]
async fn a_terminal_whose_display_was_never_there_runs_and_sells_nothing() {
    for driver in ["fbdev", "drm"] {
        let table = format!("[display]\ndriver = \"{driver}\"\npath = \"absent\"\n");
        let counter = Counter::with(Kind::SosopayJson, &table).await;
        for key in ["1", "enter", "qr"] {
            counter.refused(|counter| counter.press(&[key])).await;
        }
        assert_eq!(counter.state.borrow().screen, "idle");
        assert!(counter.shop.control().requests().is_empty(), "nothing was sent");
    }
}

#[tokio::test]
async fn a_code_that_is_scanned_while_the_screen_is_dark_is_not_charged() {
    let mut counter = Counter::open(Kind::Shouqianba).await;
    counter.press(&["1", "enter"]);
    counter.screen("await_code").await;
    counter.handles.display.unplug();
    let scan = |counter: &Counter| {
        counter.handles.scanner.scan(WECHAT);
    };
    counter.refused(scan).await;
    assert_eq!(counter.state.borrow().screen, "await_code", "the sale still waits");
    assert_eq!(counter.shop.calls(Operation::Pay), 0);
    counter.plugged(|handles| handles.display.plug()).await;
    assert_eq!(counter.shop.calls(Operation::Pay), 0, "the scan from before does not count later");
    counter.handles.scanner.scan(ALIPAY);
    assert_eq!(counter.screen("result").await.outcome, Some("paid"));
    assert_eq!(counter.shop.calls(Operation::Pay), 1);
}

#[tokio::test]
async fn a_sale_under_way_goes_on_to_its_end_which_stays_until_it_was_seen() {
    let mut counter = Counter::open(Kind::SosopayJson).await;
    counter.shop.control().customer(ALIPAY, Behaviour::Password);
    counter.press(&["1", "enter"]);
    counter.screen("await_code").await;
    counter.handles.scanner.scan(ALIPAY);
    let order = counter.shop.ordered(1).await;
    counter.handles.display.unplug();
    counter.shop.control().approve(&order).expect("the customer types the password");
    assert_eq!(counter.screen("result").await.outcome, Some("paid"));
    for key in ["clear", "1", "enter"] {
        counter.refused(|counter| counter.press(&[key])).await;
        assert_eq!(counter.state.borrow().outcome, Some("paid"), "nobody has seen it: {key}");
    }
    counter.plugged(|handles| handles.display.plug()).await;
    counter.press(&["clear"]);
    counter.screen("idle").await;
}

#[tokio::test]
async fn a_qr_that_nobody_sees_any_more_can_be_cancelled() {
    let mut counter = Counter::open(Kind::SosopayJson).await;
    counter.shop.control().default_qr_customer(None);
    counter.press(&["1", "qr"]);
    let shown = counter.state.wait_for(|state| state.qr.is_some());
    within("a QR", shown).await.expect("the terminal runs");
    counter.handles.display.unplug();
    counter.refused(|counter| counter.press(&["qr"])).await;
    counter.press(&["cancel"]);
    assert_eq!(counter.screen("result").await.outcome, Some("not_charged"));
}

#[tokio::test]
async fn another_display_gets_a_picture_of_its_own_size() {
    let mut counter = Counter::open(Kind::SosopayJson).await;
    for size in ["320x240", "800x480", "1x1", "4096x1", "1920x1080"] {
        let size: hal::Geometry = size.parse().expect("a size");
        counter.plugged(|handles| handles.display.plug_other(size)).await;
        let frame = counter.handles.display.frame();
        assert_eq!(frame.geometry(), size);
        // The page's own colour is in the corner furthest away, so all of it was painted.
        let corner = frame.pixel(size.width() - 1, size.height() - 1);
        assert_ne!(corner, hal::Frame::new(size).pixel(0, 0), "{size} is black");
    }
    counter.press(&["1"]);
    counter.screen("amount").await;
}

#[tokio::test]
async fn a_display_that_is_not_there_fails_the_check_and_not_the_program() {
    let folder_of = |shop: &Shop| shop.folder().join("fb").display().to_string();
    let mut options = Options::of(Kind::Shouqianba);
    options.more = "[display]\ndriver = \"fbdev\"\npath = \"fb\"\n".to_owned();
    let shop = Shop::with(options).await;
    let told = shop.run_for_people(&["check"]).await;
    let words = format!("FAIL  framebuffer {0}: absent: {0} is not there", folder_of(&shop));
    assert!(told.exits(4).stdout.contains(&words), "{told:?}");
    std::fs::write(shop.folder().join("fb"), "a plain file").expect("written");
    let told = shop.run_for_people(&["check"]).await;
    let words = format!("failed: {} is not a framebuffer", folder_of(&shop));
    assert!(told.exits(4).stdout.contains(&words), "{told:?}");
    // Without the screen a script can still sell.
    let sold = shop.run(&["sale", "--amount", "1", "--code", ALIPAY]).await;
    assert_eq!(sold.exits(0).json()["outcome"], "paid");
}

#[tokio::test]
async fn restoring_a_console_that_is_not_there_is_no_fault() {
    let shop = Shop::open(Kind::Shouqianba).await;
    let tty = shop.folder().join("tty0").display().to_string();
    let told = shop.run(&["console-restore", &tty]).await;
    assert_eq!(told.exits(0).json(), serde_json::json!({ "restored": false }));
}
