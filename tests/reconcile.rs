//! `cashier journal reconcile` against each gateway: our ledger minus the gateway's is empty, or
//! every difference is listed (I20); what contradicts an end is kept, once (I6).

#[path = "common/mod.rs"]
mod common;

use cashier::app::config::Config;
use cashier::app::exec::outgoing;
use cashier::app::http::Http;
use cashier::gateway::{HttpRequest, Stamp};
use cashier::id::{OrderId, RefundId};
use cashier::money::Fen;
use cashier::payment::refund::Refund;
use cashier::payment::{RefundRequest, Request, Sale};
use common::{ALIPAY, Options, Ran, Shop, WECHAT, for_each_gateway};
use serde_json::{Value, json};
use simulator::{Behaviour, Connectivity, Fault, FaultRule, Kind, Operation};

for_each_gateway!(
    books_that_agree,
    a_payment_that_was_cancelled_behind_our_back,
    a_payment_that_was_refunded_behind_our_back,
    a_payment_that_landed_after_the_end,
    an_order_that_the_gateway_does_not_know,
    an_amount_that_differs,
    our_own_refunds_agree,
    what_is_open_on_both_sides_agrees,
    a_gateway_that_cannot_be_reached,
    a_gateway_that_does_not_answer,
    another_day_and_no_day,
);

/// A shop whose gateway has a batch query, if its documents have one.
async fn open(kind: Kind, options: Options) -> Shop {
    let shop = Shop::with(options).await;
    if kind == Kind::SosopayJson {
        let lines = "allow_plaintext = true\n[gateway.paths]\nbatch_query = \"batchQuery\"\n";
        shop.reroute_to(shop.simulator().base_url(), lines);
    }
    shop
}

fn by(kind: Kind) -> &'static str {
    match kind {
        Kind::SosopayJson => "batch_query",
        Kind::Shouqianba | Kind::SosopayXml => "queries",
    }
}

async fn sold(shop: &Shop, yuan: &str, code: &str, exit: i32) -> String {
    shop.codes.lock().unwrap().push(code.to_owned());
    let sold = shop.run(&["sale", "--amount", yuan, "--code", code]).await.exits(exit).json();
    sold["order"].as_str().expect("a number").to_owned()
}

async fn reconciled(shop: &Shop, exit: i32) -> Value {
    shop.run(&["journal", "reconcile"]).await.exits(exit).json()
}

/// The one difference.
fn only(told: &Value) -> &Value {
    let differences = told["differences"].as_array().expect("a list");
    assert_eq!(differences.len(), 1, "{told}");
    &differences[0]
}

/// How many discrepancies the journal has of its newest order.
async fn discrepancies(shop: &Shop) -> Value {
    shop.listed().await[0]["discrepancies"].clone()
}

/// Somebody else speaks to the gateway with the shop's own key.
async fn behind_our_back(shop: &Shop, request: impl FnOnce(&Config) -> HttpRequest) {
    let config = Config::load(&shop.config()).expect("a configuration");
    let http = Http::new(&config.http).expect("a client");
    let sent = http.send(outgoing(request(&config)), common::GUARD).await;
    assert_eq!(sent.expect("an answer").status, 200);
}

fn sale(order: &str, fen: i64) -> Sale {
    let order = OrderId::parse(order).expect("a number");
    Sale { order, amount: Fen::new(fen), operator: "boss".into(), subject: "x".into() }
}

/// The simulator's clock is the system's.
fn now() -> Stamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Stamp { unix_seconds: since.expect("after 1970").as_secs() }
}

async fn books_that_agree(kind: Kind) {
    let shop = open(kind, Options::of(kind)).await;
    sold(&shop, "12.34", ALIPAY, 0).await;
    shop.control().customer(WECHAT, Behaviour::Decline(simulator::Decline::InsufficientFunds));
    sold(&shop, "5", WECHAT, 1).await;
    let returned = sold(&shop, "7", "284214903060794756", 0).await;
    shop.run(&["cancel", &returned, "--even-if-paid"]).await.exits(0);
    let told = reconciled(&shop, 0).await;
    assert_eq!(
        (&told["orders"], &told["agree"], &told["differences"], &told["unknown"]),
        (&json!(3), &json!(3), &json!([]), &json!(0)),
        "{told}"
    );
    assert_eq!(told["by"], by(kind));
    let asked = shop.calls(Operation::BatchQuery);
    assert_eq!(asked, usize::from(kind == Kind::SosopayJson));
    shop.settled(None, &["paid", "not_charged", "paid"]).await;
    let people = shop.run_for_people(&["journal", "reconcile"]).await;
    assert!(people.exits(0).stdout.contains("3 orders, 3 agree, 0 differences"), "{people:?}");
}

async fn a_payment_that_was_cancelled_behind_our_back(kind: Kind) {
    let shop = open(kind, Options::of(kind)).await;
    let order = sold(&shop, "5", ALIPAY, 0).await;
    behind_our_back(&shop, |config| {
        let request = Request::Cancel { sale: sale(&order, 500) };
        config.gateway.encode(&request, now()).expect("a request")
    })
    .await;
    for _ in 0..2 {
        let told = reconciled(&shop, 1).await;
        let difference = only(&told);
        assert_eq!((&difference["order"], &difference["kind"]), (&json!(order), &json!("outcome")));
        assert_eq!(
            difference["ours"],
            json!({ "outcome": "paid", "amount_fen": 500, "refunded_fen": 0 })
        );
        assert_eq!(difference["theirs"]["outcome"], "not_charged");
        assert_eq!(told["discrepancies"], 1);
        assert_eq!(discrepancies(&shop).await, 1, "kept once");
    }
    assert_eq!(shop.outcomes().await, ["paid"], "and nothing is rewritten");
}

async fn a_payment_that_was_refunded_behind_our_back(kind: Kind) {
    let shop = open(kind, Options::of(kind)).await;
    sold(&shop, "3", WECHAT, 0).await;
    let order = sold(&shop, "5", ALIPAY, 0).await;
    behind_our_back(&shop, |config| {
        let request = refund(&order, 500, 200);
        config.gateway.encode_refund(&request, now()).expect("a request")
    })
    .await;
    let told = reconciled(&shop, 1).await;
    let difference = only(&told);
    assert_eq!((&difference["order"], &difference["kind"]), (&json!(order), &json!("refunded")));
    assert_eq!(difference["ours"]["refunded_fen"], 0);
    // XML v1 says that a part went back, and not how much.
    let part = if kind == Kind::SosopayXml { Value::Null } else { json!(200) };
    assert_eq!(difference["theirs"]["refunded_fen"], part, "{told}");
    assert_eq!((&told["orders"], &told["agree"]), (&json!(2), &json!(1)));
    assert_eq!(discrepancies(&shop).await, 0, "the outcome stands: it was paid");
}

/// The wallet's late payment of an order that ended without one.
async fn a_payment_that_landed_after_the_end(kind: Kind) {
    let shop = open(kind, Options::of(kind).wait("confirm_budget_ms", 50)).await;
    shop.control().customer(ALIPAY, Behaviour::PayLate { ms: 1_500 });
    let order = sold(&shop, "5", ALIPAY, 1).await;
    let paid = |control: &simulator::Control| {
        control.order(&order).filter(|order| order.paid_fen > order.reversed_fen)
    };
    // The books of the simulator are brought up to date when somebody looks.
    let landed = async {
        while paid(&shop.control()).is_none() {
            tokio::task::yield_now().await
        }
    };
    common::within("a late payment", landed).await;
    for _ in 0..2 {
        let told = reconciled(&shop, 1).await;
        let difference = only(&told);
        assert_eq!(difference["kind"], "outcome");
        assert_eq!(
            (&difference["ours"]["outcome"], &difference["theirs"]["outcome"]),
            (&json!("not_charged"), &json!("paid"))
        );
        assert_eq!(discrepancies(&shop).await, 1, "kept once");
    }
    // What we give back of it changes what the gateway says, and not what is wrong.
    shop.run(&["refund", &order, "--amount", "2.00"]).await.exits(0);
    assert_eq!(shop.run(&["query", &order]).await.exits(0).json()["discrepancy"], true);
    assert_eq!(shop.shown(&order).await["discrepancies"], 1, "kept once");
    shop.run(&["refund", &order, "--amount", "3.00"]).await.exits(0);
    assert_eq!(shop.run(&["query", &order]).await.exits(0).json()["discrepancy"], false);
    reconciled(&shop, 0).await;
}

async fn an_order_that_the_gateway_does_not_know(kind: Kind) {
    let shop = open(kind, Options::of(kind)).await;
    let order = sold(&shop, "5", ALIPAY, 0).await;
    let other = simulator::start(simulator::Settings::demo(kind)).await.expect("a simulator");
    shop.reroute_to(other.base_url(), "allow_plaintext = true\n");
    let told = reconciled(&shop, 1).await;
    let difference = only(&told);
    assert_eq!(
        (&difference["order"], &difference["kind"], &difference["theirs"]),
        (&json!(order), &json!("only_ours"), &Value::Null)
    );
    assert_eq!(discrepancies(&shop).await, 0, "not found contradicts nothing by itself (I5)");
}

async fn an_amount_that_differs(kind: Kind) {
    // Only a query's answer can be spoilt so.
    let shop = Shop::with(Options::of(kind)).await;
    sold(&shop, "5", ALIPAY, 0).await;
    shop.control().inject(FaultRule::on(Operation::Query, Fault::WrongAmount));
    let told = reconciled(&shop, 1).await;
    let difference = only(&told);
    assert_eq!(difference["kind"], "amount");
    assert_eq!(difference["ours"]["amount_fen"], 500);
    assert_ne!(difference["theirs"]["amount_fen"], 500);
}

async fn our_own_refunds_agree(kind: Kind) {
    let shop = open(kind, Options::of(kind)).await;
    let order = sold(&shop, "5", ALIPAY, 0).await;
    shop.run(&["refund", &order, "--amount", "2"]).await.exits(0);
    assert_eq!(reconciled(&shop, 0).await["agree"], 1);
    shop.run(&["refund", &order, "--amount", "3"]).await.exits(0);
    assert_eq!(reconciled(&shop, 0).await["agree"], 1);
}

async fn what_is_open_on_both_sides_agrees(kind: Kind) {
    let shop = open(kind, Options::of(kind)).await;
    let pending = shop.run(&["present", "--amount", "5", "--no-wait"]).await.exits(3).json();
    let told = reconciled(&shop, 0).await;
    assert_eq!((&told["orders"], &told["agree"]), (&json!(1), &json!(1)), "{told}");
    // Paid meanwhile: the gateway is ahead of us, until we ask.
    shop.control().phone_pay(pending["qr"].as_str().unwrap()).expect("the phone knows it");
    let told = reconciled(&shop, 1).await;
    assert_eq!(only(&told)["ours"]["outcome"], Value::Null);
    shop.run(&["resolve"]).await.exits(0);
    reconciled(&shop, 0).await;
    shop.settled(None, &["paid"]).await;
}

async fn a_gateway_that_cannot_be_reached(kind: Kind) {
    let shop = open(kind, Options::of(kind)).await;
    for code in [ALIPAY, WECHAT, "284214903060794756", "284214903060794757"] {
        sold(&shop, "5", code, 0).await;
    }
    shop.control().set_connectivity(Connectivity::Refusing);
    let address = shop.simulator().address();
    let refused = async { while tokio::net::TcpStream::connect(address).await.is_ok() {} };
    common::within("the listener closes", refused).await;
    let told = reconciled(&shop, 4).await;
    assert_eq!((&told["unknown"], &told["agree"]), (&json!(4), &json!(0)), "{told}");
    shop.control().set_connectivity(Connectivity::Online);
    let listens = async { while tokio::net::TcpStream::connect(address).await.is_err() {} };
    common::within("the listener is back", listens).await;
    reconciled(&shop, 0).await;
}

async fn a_gateway_that_does_not_answer(kind: Kind) {
    let mut shop = open(kind, Options::of(kind)).await;
    for code in [ALIPAY, WECHAT, "284214903060794756", "284214903060794757"] {
        sold(&shop, "5", code, 0).await;
    }
    shop.wait("query_timeout_ms", 1_000);
    let asked = shop.control().requests().len();
    shop.control().inject(FaultRule::always(Fault::Silence));
    let told = reconciled(&shop, 3).await;
    assert_eq!((&told["unknown"], &told["agree"]), (&json!(4), &json!(0)), "{told}");
    assert_eq!(shop.control().requests().len() - asked, 3, "the rest is not asked");
}

async fn another_day_and_no_day(kind: Kind) {
    let shop = open(kind, Options::of(kind)).await;
    sold(&shop, "5", ALIPAY, 0).await;
    let told = shop.run(&["journal", "reconcile", "--day", "2016-02-29"]).await;
    let expected = json!({
        "day": "2016-02-29", "orders": 0, "agree": 0, "differences": [], "unknown": 0,
        "by": by(kind), "discrepancies": 0,
    });
    assert_eq!(told.exits(0).json(), expected);
    for day in ["2015-02-29", "yesterday", "2016-2-29", ""] {
        shop.run(&["journal", "reconcile", "--day", day]).await.exits(2);
    }
}

fn refund(order: &str, fen: i64, part: i64) -> RefundRequest {
    RefundRequest::Apply(Refund {
        id: RefundId::parse("BEHINDOURBACK1").expect("a number"),
        sale: sale(order, fen),
        amount: Fen::new(part),
        refunded_before: Fen::ZERO,
        gateway_order: None,
        subject: "x".into(),
    })
}

/// The merchant's other devices have books of their own; what only the gateway has of this one is
/// listed, whatever became of our journal.
#[tokio::test]
async fn orders_that_only_the_gateway_has() {
    let kind = Kind::SosopayJson;
    let shop = open(kind, Options::of(kind)).await;
    let lost = sold(&shop, "5", ALIPAY, 0).await;
    for suffix in ["", "-wal", "-shm", ".lock"] {
        let mut path = shop.journal().into_os_string();
        path.push(suffix);
        // What is not there need not go.
        let _ = std::fs::remove_file(path);
    }
    sold(&shop, "3", WECHAT, 0).await;
    let told = reconciled(&shop, 1).await;
    assert_eq!(
        only(&told),
        &json!({
            "order": lost, "kind": "only_theirs", "ours": null,
            "theirs": { "outcome": "paid", "amount_fen": 500, "refunded_fen": 0 },
        })
    );

    let text = std::fs::read_to_string(shop.config()).expect("a configuration");
    let text = text.replace("store = ", "device = \"dev02\"\nstore = ");
    let beside = shop.folder().join("beside.toml");
    common::write_private(&beside, &text.replace("journal.db", "beside.db"));
    let run = async |args: &[&str]| {
        let config = beside.display().to_string();
        let args = args.iter().copied().chain(["--config", &config, "--json"]);
        Ran::cashier(args.map(str::to_owned).collect()).await
    };
    run(&["sale", "--amount", "1", "--code", "284214903060794756"]).await.exits(0);
    let told = run(&["journal", "reconcile"]).await.exits(0).json();
    assert_eq!((&told["orders"], &told["agree"]), (&json!(1), &json!(1)), "{told}");
}

/// Without a list each order is asked about, and people are told what that cannot find.
#[tokio::test]
async fn a_batch_query_that_fails_is_made_up_for_by_queries() {
    let kind = Kind::SosopayJson;
    let shop = open(kind, Options::of(kind)).await;
    sold(&shop, "5", ALIPAY, 0).await;
    for fault in [Fault::Garbage, Fault::DropAnswer] {
        shop.control().clear_faults();
        shop.control().inject(FaultRule::on(Operation::BatchQuery, fault));
        let ran = shop.run(&["journal", "reconcile"]).await;
        let told = ran.exits(0).json();
        assert_eq!((&told["by"], &told["agree"]), (&json!("queries"), &json!(1)), "{told}");
        assert!(ran.stderr.contains("no batch query"), "{ran:?}");
    }
}

/// Reading does not take the journal from a running terminal; recording would.
#[cfg(feature = "panel")]
#[tokio::test]
async fn beside_a_running_terminal() {
    let kind = Kind::SosopayJson;
    let shop = open(kind, Options::of(kind)).await;
    let mut terminal = shop.terminal().await;
    shop.sell(&mut terminal, "5", ALIPAY).await;
    terminal.result("paid").await;
    reconciled(&shop, 0).await;
    let order = terminal.state().await["order"].as_str().unwrap().to_owned();
    behind_our_back(&shop, |config| {
        let request = Request::Cancel { sale: sale(&order, 500) };
        config.gateway.encode(&request, now()).expect("a request")
    })
    .await;
    let ran = shop.run(&["journal", "reconcile"]).await;
    let told = ran.exits(1).json();
    assert_eq!((&only(&told)["kind"], &told["discrepancies"]), (&json!("outcome"), &json!(0)));
    assert!(ran.stderr.contains("not recorded"), "{ran:?}");
    assert!(terminal.stop().await.success());
    assert_eq!(reconciled(&shop, 1).await["discrepancies"], 1);
}

/// `cashier report`: a day's takings, and a shift's, which ends with its report.
#[tokio::test]
async fn takings_of_a_day_and_of_a_shift() {
    let kind = Kind::Shouqianba;
    let shop = open(kind, Options::of(kind)).await;
    let first = sold(&shop, "12.34", ALIPAY, 0).await;
    shop.run(&["refund", &first, "--amount", "2.34"]).await.exits(0);
    let pending = shop.run(&["present", "--amount", "5", "--no-wait"]).await.exits(3).json();
    let total = |count: u64, amount: i64, refunded: i64| {
        json!({
            "count": count, "amount_fen": amount, "refunded_fen": refunded,
            "net_fen": amount - refunded,
        })
    };
    // No net of what was not, or not certainly, taken: it would be read as takings.
    let untaken = |count: u64, amount: i64| json!({ "count": count, "amount_fen": amount, "refunded_fen": 0, "net_fen": 0 });
    let day = shop.run(&["report", "day"]).await.exits(0).json();
    assert_eq!(day["paid"], total(1, 1234, 234));
    assert_eq!(day["wallets"], json!({ "alipay": total(1, 1234, 234) }));
    assert_eq!(day["unresolved"], untaken(1, 500));
    let told = shop.run_for_people(&["report", "day"]).await.exits(0).stdout.clone();
    for line in told.lines().filter(|line| line.contains('.')) {
        let taken = line.starts_with("paid") || line.starts_with("  ");
        assert_eq!(line.contains("net"), taken, "{told}");
    }
    let other = shop.run(&["report", "day", "--day", "2016-02-29"]).await.exits(0).json();
    assert_eq!((&other["paid"], &other["unresolved"]), (&total(0, 0, 0), &total(0, 0, 0)));

    for args in [["report", "shift", "--look"].as_slice(), &["report", "shift"]] {
        let shift = shop.run(args).await.exits(0).json();
        assert_eq!((&shift["paid"], &shift["unresolved"]), (&day["paid"], &day["unresolved"]));
    }
    // What was open is carried over, and counts where it ends.
    shop.control().phone_pay(pending["qr"].as_str().unwrap()).expect("the phone knows it");
    shop.run(&["resolve"]).await.exits(0);
    sold(&shop, "1", WECHAT, 0).await;
    let shift = shop.run(&["report", "shift"]).await.exits(0).json();
    assert_eq!(shift["paid"], total(2, 600, 0));
    let shift = shop.run_for_people(&["report", "shift"]).await;
    assert!(shift.exits(0).stdout.starts_with("shift\npaid"), "{shift:?}");
    std::fs::write(shop.folder().join("journal.db.shift"), "rubbish").expect("written");
    shop.run(&["report", "shift"]).await.exits(4);
}
