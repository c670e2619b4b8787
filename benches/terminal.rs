//! The paths that a cashier waits for: from a scan to the request, an answer to its verdict, a
//! second of a countdown, the first frame. Figures are compared within one run; machines differ.

use cashier::app::charges::Charges;
use cashier::app::config::Config;
use cashier::app::devices::Devices;
use cashier::app::run;
use cashier::app::terminal::{State, Terminal};
use cashier::gateway::{
    Gateway, HttpResponse, Kind, OperatorField, ResponseFormat, Settings, Stamp,
};
use cashier::id::OrderId;
use cashier::journal::{Journal, WallTime};
use cashier::money::Fen;
use cashier::payment::{
    Charge, CodeKind, CodeRules, Effect, Event, Moment, Policy, Record, Request, Sale,
};
use cashier::secret::Secret;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use embedded_graphics::geometry::Size;
use hal::{Frame, Geometry};
use std::hint::black_box;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use ui::{Body, Light, Locale, Painter, Screen, StatusBar, Theme, Wallet};

const CODE: &str = "284214903060794755";
const STAMP: Stamp = Stamp { unix_seconds: 1_763_640_000 };

fn gateway(kind: Kind) -> Gateway {
    let settings = Settings {
        kind,
        base_url: "https://gateway.example/".to_owned(),
        merchant_id: "0010000001".to_owned(),
        store: None,
        device: "dev01".to_owned(),
        key: Secret::new("0123456789abcdef01234567".to_owned()),
        terminal_sn: Some("1122234-dewls02s2".to_owned()),
        encrypt: None,
        response: ResponseFormat::Json,
        operator_field: OperatorField::OperId,
        notify_url: None,
        paths: cashier::gateway::Paths::default(),
    };
    Gateway::new(settings).expect("a gateway")
}

fn sale(number: u64) -> Sale {
    Sale {
        order: OrderId::generate(number, [7; 10]),
        amount: Fen::new(1234),
        operator: "oper01".to_owned(),
        subject: "达美乐披萨".to_owned(),
    }
}

/// Everything between the last byte of a scan and the bytes of the request, but for the fsync.
fn scan_to_request(gateway: &Gateway, rules: &CodeRules, number: u64) -> usize {
    let now = Moment::from_ms(0);
    let mut charge = Charge::await_code(now, sale(number), Policy::default());
    let code = rules.parse(CODE, CodeKind::Barcode).expect("a code");
    charge.handle(now, Event::Scanned(code));
    charge.handle(now, Event::Stored(Ok(())));
    while let Some(effect) = charge.poll_effect() {
        if let Effect::Ask { request, .. } = effect {
            return gateway.encode(&request, STAMP).expect("a request").body.len();
        }
    }
    0
}

fn requests(c: &mut Criterion) {
    let rules = CodeRules::default();
    for kind in Kind::ALL {
        let gateway = gateway(kind);
        c.bench_function(&format!("scan to request, {}", kind.name()), |b| {
            b.iter(|| scan_to_request(&gateway, &rules, black_box(1)));
        });
    }
}

fn opened(number: u64) -> Record {
    let rules = CodeRules::default();
    let now = Moment::from_ms(0);
    let mut charge = Charge::await_code(now, sale(number), Policy::default());
    charge.handle(now, Event::Scanned(rules.parse(CODE, CodeKind::Barcode).expect("a code")));
    std::iter::from_fn(|| charge.poll_effect())
        .find_map(|effect| if let Effect::Store(record) = effect { Some(record) } else { None })
        .expect("an entry")
}

fn journal(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut journal = Journal::open(&folder.path().join("journal.db")).expect("a journal");
    let mut number = 0;
    c.bench_function("one durable entry (fsync)", |b| {
        b.iter_batched(
            || {
                number += 1;
                opened(number)
            },
            |record| journal.append(&record, WallTime::from_unix_ms(0)).expect("written"),
            BatchSize::PerIteration,
        );
    });
}

fn answers(c: &mut Criterion) {
    let gateway = gateway(Kind::Shouqianba);
    let sale = sale(1);
    let body = format!(
        r#"{{"result_code":"200","biz_response":{{"result_code":"SUCCESS","data":{{
        "sn":"7894259244067349","client_sn":"{}","status":"SUCCESS","order_status":"PAID",
        "payway":"3","sub_payway":"1","total_amount":"1234","net_amount":"1234"}}}}}}"#,
        sale.order
    );
    let response = HttpResponse { status: 200, body: body.into_bytes() };
    let request = Request::Query { sale };
    c.bench_function("answer to verdict", |b| {
        b.iter(|| gateway.decode(black_box(&request), black_box(&response)));
    });
}

fn screen(seconds_left: u32) -> Screen {
    let status = StatusBar {
        network: Light::Good,
        scanner: Light::Good,
        printer: Light::Good,
        open: 0,
        clock: Some("12:34".to_owned()),
        warning: None,
        trouble: None,
    };
    let body = Body::Present {
        amount: "12.34".to_owned(),
        wallet: Wallet::Wechat,
        qr: Some("weixin://wxpay/bizpayurl?pr=59tFp8e".to_owned()),
        seconds_left,
    };
    Screen { status, body }
}

fn screens(c: &mut Criterion) {
    let geometry = Geometry::new(480, 800).expect("a size");
    let size = Size::new(480, 800);
    c.bench_function("first frame", |b| {
        b.iter(|| {
            let mut painter = Painter::new(size, Locale::ZhCn, Theme::default());
            let mut frame = Frame::new(geometry);
            painter.paint(&screen(240), &mut frame).expect("painted");
            frame.take_dirty().rows()
        });
    });
    let mut painter = Painter::new(size, Locale::ZhCn, Theme::default());
    let mut frame = Frame::new(geometry);
    painter.paint(&screen(240), &mut frame).expect("painted");
    frame.take_dirty();
    painter.paint(&screen(239), &mut frame).expect("painted");
    println!("a countdown tick rewrites {} of 800 rows", frame.take_dirty().rows());
    let mut seconds = 240;
    c.bench_function("a countdown tick", |b| {
        b.iter(|| {
            seconds = if seconds == 0 { 240 } else { seconds - 1 };
            painter.paint(&screen(seconds), &mut frame).expect("painted");
            frame.take_dirty().rows()
        });
    });
}

/// A terminal with virtual devices, and a gateway that only takes the time.
struct Counter {
    runtime: tokio::runtime::Runtime,
    handles: hal::mock::VirtualHandles,
    state: tokio::sync::watch::Receiver<cashier::app::terminal::State>,
    gateway: tokio::net::TcpListener,
    _folder: tempfile::TempDir,
}

impl Counter {
    fn open() -> Counter {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        let folder = tempfile::tempdir().expect("a folder");
        let gateway = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"));
        let gateway = gateway.expect("a port");
        let address = gateway.local_addr().expect("an address");
        let text = format!(
            "[gateway]\nkind = \"shouqianba\"\nbase_url = \"http://{address}/\"\n\
             terminal_sn = \"t\"\nkey = \"k\"\nallow_plaintext = true\n\
             [journal]\npath = \"journal.db\"\n[[scanner]]\ndriver = \"virtual\"\n"
        );
        let path = folder.path().join("cashier.toml");
        let config = Config::parse(&path, &text).expect("a configuration");
        let (devices, handles) = Devices::open(&config.devices);
        let charges = Charges::new(run::exec(&config).expect("an executor"));
        let (terminal, state) = Terminal::new(config, charges, devices).expect("a terminal");
        runtime.spawn(terminal.run(std::future::pending()));
        Counter { runtime, handles, state, gateway, _folder: folder }
    }

    async fn until(state: &mut tokio::sync::watch::Receiver<State>, screen: &str) {
        state.wait_for(|state| state.screen == screen).await.expect("the terminal runs");
    }

    /// From the last byte of a scan to the first byte of the request at the gateway, over a
    /// connection that was opened ahead; the journal's fsync is in it.
    fn scan_to_socket(&mut self) -> Duration {
        let Counter { runtime, handles, state, gateway, .. } = self;
        runtime.block_on(async {
            for key in ["1", "enter"] {
                handles.keypad.press(key.parse().expect("a key"));
            }
            Counter::until(state, "await_code").await;
            let (mut connection, _) = gateway.accept().await.expect("opened ahead");
            let scanned = Instant::now();
            handles.scanner.scan(CODE);
            let mut head = [0; 4096];
            let read = connection.read(&mut head).await.expect("a request");
            let took = scanned.elapsed();
            assert!(read > 0, "the connection opened ahead was not used");
            let body = r#"{"result_code":"400","error_code":"INVALID_PARAMS"}"#;
            let answer = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            connection.write_all(answer.as_bytes()).await.expect("an answer");
            Counter::until(state, "result").await;
            handles.keypad.press("clear".parse().expect("a key"));
            Counter::until(state, "idle").await;
            took
        })
    }
}

fn scans(c: &mut Criterion) {
    let mut counter = Counter::open();
    c.bench_function("scan to the first byte at the gateway (fsync in it)", |b| {
        b.iter_custom(|times| (0..times).map(|_| counter.scan_to_socket()).sum());
    });
}

criterion_group!(benches, requests, journal, answers, screens, scans);
criterion_main!(benches);
