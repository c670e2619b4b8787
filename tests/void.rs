//! `cashier cancel --even-if-paid`, as a person uses it, against the simulator of each gateway: the
//! whole program, its journal, and the gateway's books beside it.

use serde_json::Value;
use simulator::{Fault, FaultRule, Kind, Operation, OrderView, Settings, Simulator};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;
use tempfile::TempDir;

const KINDS: [Kind; 3] = [Kind::Shouqianba, Kind::SosopayJson, Kind::SosopayXml];
/// A test that waits this long has failed.
const LIMIT: Duration = Duration::from_secs(60);
/// A customer who pays at once (`Behaviour::of_magic_code` knows no other meaning of it).
const CODE: &str = "134567890123456781";

struct Shop {
    folder: TempDir,
    gateway: Simulator,
}

impl Shop {
    async fn open(kind: Kind) -> Shop {
        let mut settings = Settings::demo(kind);
        settings.answer_at_once = true;
        let merchant = settings.merchants[0].clone();
        let gateway = simulator::start(settings).await.expect("a simulator");
        let folder = tempfile::tempdir().expect("a folder");
        write_private(&folder.path().join("key"), &merchant.key);
        let terminal = match kind {
            Kind::Shouqianba => format!("terminal_sn = \"{}\"\n", merchant.id),
            Kind::SosopayJson | Kind::SosopayXml => String::new(),
        };
        let config = format!(
            "[merchant]\nid = \"{}\"\nlocale = \"en\"\n\n[gateway]\nkind = \"{kind}\"\n\
             base_url = \"{}\"\nkey_file = \"key\"\nallow_plaintext = true\n{terminal}\n\
             [journal]\npath = \"journal.db\"\n\n[policy]\npoll_first_ms = 20\npoll_max_ms = 100\n\
             query_timeout_ms = 2000\nin_flight_max_ms = 200\nreverse_budget_ms = 1000\n\
             resolve_max_ms = 200\n",
            merchant.id,
            gateway.base_url(),
        );
        std::fs::write(folder.path().join("cashier.toml"), config).expect("a configuration");
        Shop { folder, gateway }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cashier"));
        command
            .args(args)
            .arg("--json")
            .arg("--config")
            .arg(self.folder.path().join("cashier.toml"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a command to its end; its exit status, and what it says.
    async fn run(&self, args: &[&str]) -> (i32, Value) {
        let mut command = self.command(args);
        let output = tokio::task::spawn_blocking(move || command.output());
        let output = tokio::time::timeout(LIMIT, output).await.expect("it ends");
        told(&output.expect("waited for").expect("the program runs"))
    }

    /// A sale that was paid.
    async fn paid(&self) -> String {
        let (status, sold) = self.run(&["sale", "--amount", "12.50", "--code", CODE]).await;
        assert_eq!((status, &sold["outcome"]), (0, &Value::from("paid")), "{sold}");
        let order = sold["order"].as_str().expect("an order").to_owned();
        assert_eq!(self.gateway.control().ledger_total_fen(), 1250);
        order
    }

    fn books(&self, order: &str) -> OrderView {
        self.gateway.control().order(order).expect("the gateway has the order")
    }

    fn cancels(&self) -> usize {
        let requests = self.gateway.control().requests();
        requests.iter().filter(|call| call.operation == Operation::Cancel).count()
    }

    fn spoil(&self, operation: Operation, fault: Fault) {
        self.gateway.control().inject(FaultRule::on(operation, fault));
    }

    /// The order in the journal.
    async fn shown(&self, order: &str) -> Value {
        let (status, shown) = self.run(&["journal", "show", order]).await;
        assert_eq!(status, 0, "{shown}");
        let (status, sound) = self.run(&["journal", "verify"]).await;
        assert_eq!((status, &sound["sound"]), (0, &Value::from(true)), "{sound}");
        shown
    }

    async fn assert_returned(&self, order: &str) {
        assert_eq!(self.gateway.control().ledger_total_fen(), 0, "the money went back");
        let shown = self.shown(order).await;
        assert_eq!(shown["outcome"], "paid", "the first end is never rewritten (I6)");
        assert_eq!((&shown["refunded_fen"], &shown["voiding"]), (&1250.into(), &false.into()));
        assert_eq!(kinds(&shown).last().map(String::as_str), Some("voided"));
        // Once more changes nothing and sends nothing (I12).
        let cancels = self.cancels();
        let (status, again) = self.run(&["cancel", order, "--even-if-paid"]).await;
        assert_eq!((status, &again["reversed"]), (0, &Value::from(true)), "{again}");
        assert_eq!(self.cancels(), cancels);
    }
}

fn told(output: &Output) -> (i32, Value) {
    let text = String::from_utf8_lossy(&output.stdout);
    let said = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    (output.status.code().unwrap_or(-1), said)
}

/// The kinds of the entries, without the notes.
fn kinds(shown: &Value) -> Vec<String> {
    let history = shown["history"].as_array().expect("a history");
    let kinds = history.iter().filter_map(|entry| entry["kind"].as_str());
    kinds.filter(|kind| *kind != "note").map(str::to_owned).collect()
}

fn write_private(path: &Path, text: &str) {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).expect("a private file");
}

/// Killed when the test ends, however it ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Gone already, perhaps.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_paid_order_is_returned_if_that_is_asked_for() {
    for kind in KINDS {
        let shop = Shop::open(kind).await;
        let order = shop.paid().await;
        let (status, kept) = shop.run(&["cancel", &order]).await;
        assert_eq!((status, &kept["outcome"]), (1, &Value::from("paid")), "{kind}: {kept}");
        assert_eq!((&kept["reversed"], &kept["refunded_fen"]), (&false.into(), &0.into()));
        assert_eq!((shop.cancels(), shop.gateway.control().ledger_total_fen()), (0, 1250));
        let (status, cancelled) = shop.run(&["cancel", &order, "--even-if-paid"]).await;
        assert_eq!(status, 0, "{kind}: {cancelled}");
        assert_eq!(cancelled["outcome"], "paid");
        assert_eq!(cancelled["reversed"], true);
        assert_eq!(
            (&cancelled["refunded_fen"], &cancelled["amount_fen"]),
            (&1250.into(), &1250.into())
        );
        assert_eq!(shop.cancels(), 1);
        shop.assert_returned(&order).await;
        let (status, queried) = shop.run(&["query", &order]).await;
        assert_eq!((status, &queried["discrepancy"]), (0, &false.into()), "{kind}: {queried}");
        assert_eq!(queried["refunded_fen"], 1250);
        let (status, resolved) = shop.run(&["resolve"]).await;
        assert_eq!((status, &resolved["open"]), (0, &0.into()), "{kind}: {resolved}");
    }
}

#[tokio::test]
async fn a_return_that_the_gateway_refuses_leaves_the_order_paid() {
    for kind in KINDS {
        let shop = Shop::open(kind).await;
        let order = shop.paid().await;
        let code = match kind {
            Kind::Shouqianba => "UPAY_CANCEL_INVALID_ORDER_STATE",
            Kind::SosopayJson | Kind::SosopayXml => "FAIL",
        };
        let fault = Fault::ErrorCode { code: code.to_owned(), processed: false };
        shop.spoil(Operation::Cancel, fault);
        let (status, kept) = shop.run(&["cancel", &order, "--even-if-paid"]).await;
        assert_eq!((status, &kept["reversed"]), (1, &false.into()), "{kind}: {kept}");
        assert_eq!((&kept["outcome"], &kept["refunded_fen"]), (&"paid".into(), &0.into()));
        assert!(kept["detail"].as_str().is_some_and(|said| said.contains(code)), "{kind}: {kept}");
        assert_eq!(shop.gateway.control().ledger_total_fen(), 1250);
        let shown = shop.shown(&order).await;
        assert_eq!(kinds(&shown), ["opened", "settled", "void_intent", "void_refused"]);
        // It may be tried again when the gateway has changed its mind.
        shop.gateway.control().clear_faults();
        let (status, cancelled) = shop.run(&["cancel", &order, "--even-if-paid"]).await;
        assert_eq!(status, 0, "{kind}: {cancelled}");
        shop.assert_returned(&order).await;
    }
}

#[tokio::test]
async fn a_return_whose_cancels_are_lost_goes_on_with_resolve() {
    for kind in KINDS {
        let shop = Shop::open(kind).await;
        let order = shop.paid().await;
        shop.spoil(Operation::Cancel, Fault::DropRequest);
        let (status, open) = shop.run(&["cancel", &order, "--even-if-paid"]).await;
        assert_eq!((status, &open["reversed"]), (3, &Value::Null), "{kind}: {open}");
        assert_eq!((&open["outcome"], &open["refunded_fen"]), (&"paid".into(), &0.into()));
        let shown = shop.shown(&order).await;
        assert_eq!((&shown["outcome"], &shown["voiding"]), (&"paid".into(), &true.into()));
        let (status, still) = shop.run(&["cancel", &order]).await;
        assert_eq!((status, &still["reversed"]), (3, &Value::Null), "{kind}: {still}");
        shop.gateway.control().clear_faults();
        let (status, resolved) = shop.run(&["resolve"]).await;
        assert_eq!((status, &resolved["settled"]), (0, &1.into()), "{kind}: {resolved}");
        shop.assert_returned(&order).await;
    }
}

#[tokio::test]
async fn a_return_whose_answer_is_lost_is_proven_by_the_query_after_it() {
    for kind in KINDS {
        let shop = Shop::open(kind).await;
        let order = shop.paid().await;
        shop.spoil(Operation::Cancel, Fault::DropAnswer);
        let (status, cancelled) = shop.run(&["cancel", &order, "--even-if-paid"]).await;
        assert_eq!((status, &cancelled["reversed"]), (0, &true.into()), "{kind}: {cancelled}");
        assert_eq!(shop.cancels(), 1);
        shop.assert_returned(&order).await;
    }
}

#[tokio::test]
async fn a_return_that_is_killed_after_its_intent_is_taken_up_by_resolve() {
    for (kind, fault) in KINDS.into_iter().zip([Fault::Silence, Fault::Offline, Fault::Silence]) {
        let carried_out = fault == Fault::Silence;
        let shop = Shop::open(kind).await;
        let order = shop.paid().await;
        shop.spoil(Operation::Cancel, fault);
        let control = shop.gateway.control();
        let mut changes = control.subscribe();
        let mut running = Running(
            shop.command(&["cancel", &order, "--even-if-paid"]).spawn().expect("it starts"),
        );
        let cancel_arrives = async {
            while shop.cancels() == 0 {
                changes.changed().await.expect("the simulator lives");
            }
        };
        tokio::time::timeout(LIMIT, cancel_arrives).await.expect("the cancel arrives");
        running.0.kill().expect("SIGKILL");
        running.0.wait().expect("it is gone");
        control.clear_faults();
        let held = if carried_out { 0 } else { 1250 };
        assert_eq!(control.ledger_total_fen(), held, "{kind}");
        let shown = shop.shown(&order).await;
        assert_eq!(kinds(&shown), ["opened", "settled", "void_intent"]);
        let (status, resolved) = shop.run(&["resolve"]).await;
        assert_eq!((status, &resolved["settled"]), (0, &1.into()), "{kind}: {resolved}");
        assert!(shop.books(&order).reversed, "{kind}");
        shop.assert_returned(&order).await;
    }
}

#[tokio::test]
async fn a_return_that_cannot_begin_sends_nothing_and_leaves_nothing_open() {
    for kind in KINDS {
        let shop = Shop::open(kind).await;
        let order = shop.paid().await;
        shop.spoil(Operation::Query, Fault::DropRequest);
        let (status, kept) = shop.run(&["cancel", &order, "--even-if-paid"]).await;
        assert_eq!((status, &kept["reversed"]), (4, &false.into()), "{kind}: {kept}");
        assert_eq!((shop.cancels(), shop.gateway.control().ledger_total_fen()), (0, 1250));
        assert_eq!(kinds(&shop.shown(&order).await), ["opened", "settled"]);
    }
}

#[tokio::test]
async fn a_return_that_waited_through_a_restart_is_taken_up_by_the_firmware() {
    let shop = Shop::open(Kind::Shouqianba).await;
    let order = shop.paid().await;
    shop.spoil(Operation::Cancel, Fault::DropRequest);
    let (status, open) = shop.run(&["cancel", &order, "--even-if-paid"]).await;
    assert_eq!(status, 3, "{open}");
    let control = shop.gateway.control();
    control.clear_faults();
    let mut changes = control.subscribe();
    let mut running = Running(shop.command(&["run"]).spawn().expect("it starts"));
    let reversed = async {
        while !shop.books(&order).reversed {
            changes.changed().await.expect("the simulator lives");
        }
    };
    tokio::time::timeout(LIMIT, reversed).await.expect("the money goes back");
    running.0.kill().expect("SIGKILL");
    running.0.wait().expect("it is gone");
    let (status, resolved) = shop.run(&["resolve"]).await;
    assert_eq!((status, &resolved["open"]), (0, &0.into()), "{resolved}");
    shop.assert_returned(&order).await;
}
