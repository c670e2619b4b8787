//! A shop: a simulated gateway, a configuration and a journal.

use super::command::Ran;
use super::terminal::Terminal;
use simulator::{Control, Kind, Operation, Port, Settings, Simulator};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use tempfile::TempDir;

/// What a shop is opened with.
#[derive(Clone, Debug)]
pub struct Options {
    pub settings: Settings,
    /// The waits, in milliseconds, by their names in `[policy]`.
    pub policy: BTreeMap<&'static str, u64>,
    pub locale: &'static str,
    /// More tables of the configuration.
    pub more: String,
    /// The scanners' tables.
    pub scanner: String,
    /// The lines of the printer's table.
    pub printer: String,
}

impl Options {
    /// Waits that end no test by themselves, with quick polling; customers pay at once.
    pub fn of(kind: Kind) -> Options {
        let policy = BTreeMap::from([
            ("await_code_ms", 60_000),
            ("charge_timeout_ms", 60_000),
            ("charge_doubt_ms", 60_000),
            ("connect_timeout_ms", 5_000),
            ("query_timeout_ms", 30_000),
            ("poll_first_ms", 20),
            ("poll_max_ms", 100),
            ("confirm_budget_ms", 60_000),
            ("present_budget_ms", 60_000),
            ("qr_life_ms", 200),
            ("in_flight_max_ms", 200),
            ("reverse_budget_ms", 60_000),
            ("resolve_max_ms", 200),
        ]);
        let mut settings = Settings::demo(kind);
        // A preOrder that waits for the customer is answered, as Upay's pay is, so that one story
        // fits all gateways; that it can be held instead has stories of its own.
        settings.answer_at_once = true;
        let scanner = "[[scanner]]\ndriver = \"virtual\"\n".to_owned();
        let printer = "driver = \"virtual\"\n".to_owned();
        Options { settings, policy, locale: "zh-CN", more: String::new(), scanner, printer }
    }

    #[must_use]
    pub fn wait(mut self, name: &'static str, ms: u64) -> Options {
        assert!(self.policy.insert(name, ms).is_some(), "{name}");
        self
    }
}

/// A shop.
pub struct Shop {
    folder: TempDir,
    pub kind: Kind,
    options: Options,
    gateway: Simulator,
    /// Where the terminal looks for the gateway, if not at the simulator itself.
    base_url: Mutex<Option<String>>,
    /// More lines of `[gateway]`.
    gateway_lines: Mutex<String>,
    /// Everything that the program ever printed or showed.
    pub said: Mutex<Vec<String>>,
    /// Every code that a customer showed.
    pub codes: Mutex<Vec<String>>,
}

impl Shop {
    pub async fn open(kind: Kind) -> Shop {
        Shop::with(Options::of(kind)).await
    }

    pub async fn with(options: Options) -> Shop {
        let gateway = simulator::start(options.settings.clone()).await.expect("a simulator");
        let shop = Shop {
            folder: tempfile::tempdir().expect("a folder"),
            kind: options.settings.kind,
            options,
            gateway,
            base_url: Mutex::default(),
            gateway_lines: Mutex::new("allow_plaintext = true\n".to_owned()),
            said: Mutex::default(),
            codes: Mutex::default(),
        };
        let key = shop.folder.path().join("key");
        write_private(&key, &format!("{}\n", shop.key()));
        shop.configure();
        shop
    }

    pub fn control(&self) -> Control {
        self.gateway.control()
    }

    pub fn simulator(&self) -> &Simulator {
        &self.gateway
    }

    pub fn key(&self) -> &str {
        &self.options.settings.merchants[0].key
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn config(&self) -> PathBuf {
        self.folder.path().join("cashier.toml")
    }

    pub fn journal(&self) -> PathBuf {
        self.folder.path().join("journal.db")
    }

    /// From the next start on the gateway is looked for at `address`.
    pub fn reroute(&self, address: std::net::SocketAddr) {
        let own = self.gateway.address().to_string();
        let url = self.gateway.base_url().replace(&own, &address.to_string());
        *self.base_url.lock().unwrap() = Some(url);
        self.configure();
    }

    /// From the next start on the gateway is looked for at a port where nobody listens, as long as
    /// that is kept.
    pub fn reroute_to_nobody(&self) -> Port {
        let port = Port::reserve(([127, 0, 0, 1], 0).into()).expect("a port");
        self.reroute(port.address());
        port
    }

    /// From the next start on the gateway is looked for at this URL, with these lines in
    /// `[gateway]`.
    pub fn reroute_to(&self, url: String, lines: &str) {
        *self.base_url.lock().unwrap() = Some(url);
        lines.clone_into(&mut self.gateway_lines.lock().unwrap());
        self.configure();
    }

    /// From the next start on the gateway is looked for where it is.
    pub fn route_straight(&self) {
        *self.base_url.lock().unwrap() = None;
        "allow_plaintext = true\n".clone_into(&mut self.gateway_lines.lock().unwrap());
        self.configure();
    }

    /// From the next start on the waits are these.
    pub fn wait(&mut self, name: &'static str, ms: u64) {
        self.options = self.options.clone().wait(name, ms);
        self.configure();
    }

    fn configure(&self) {
        std::fs::write(self.config(), self.config_text()).expect("a configuration");
    }

    pub fn config_text(&self) -> String {
        let id = &self.options.settings.merchants[0].id;
        let own = self.gateway.base_url();
        let base_url = self.base_url.lock().unwrap().clone().unwrap_or(own);
        let mut text = format!(
            "[merchant]\nid = \"{id}\"\nname = \"达美乐披萨\"\nstore = \"02016\"\nlocale = \"{}\"\n\n\
             [gateway]\nkind = \"{}\"\nbase_url = \"{base_url}\"\nkey_file = \"key\"\n{}",
            self.options.locale,
            self.kind,
            self.gateway_lines.lock().unwrap(),
        );
        if self.kind == Kind::Shouqianba {
            let _ = writeln!(text, "terminal_sn = \"{id}\"");
        }
        text.push_str("\n[journal]\npath = \"journal.db\"\n\n[policy]\n");
        for (name, ms) in &self.options.policy {
            let _ = writeln!(text, "{name} = {ms}");
        }
        let _ = write!(
            text,
            "\n{}\n[printer]\n{}\n[panel]\nlisten = \"127.0.0.1:0\"\n\n{}",
            self.options.scanner, self.options.printer, self.options.more
        );
        text
    }

    /// Starts `cashier run`; returns once its first screen is there.
    pub async fn terminal(&self) -> Terminal {
        Terminal::start(&self.config()).await
    }

    /// Runs a command on this shop's configuration, with `--json`.
    pub async fn run(&self, args: &[&str]) -> Ran {
        let ran = self.run_for_people(&[args, &["--json"]].concat()).await;
        self.keep(&ran);
        ran
    }

    /// Runs a command on this shop's configuration, without `--json`.
    pub async fn run_for_people(&self, args: &[&str]) -> Ran {
        let ran = Ran::cashier(self.args(args)).await;
        self.keep(&ran);
        ran
    }

    pub fn args(&self, args: &[&str]) -> Vec<String> {
        let config = self.config().display().to_string();
        let all = args.iter().copied().chain(["--config", &config]);
        all.map(str::to_owned).collect()
    }

    pub fn keep(&self, ran: &Ran) {
        let mut said = self.said.lock().unwrap();
        said.extend([ran.stdout.clone(), ran.stderr.clone()]);
    }

    /// A customer holds a phone with this code to the scanner.
    pub async fn scan(&self, terminal: &Terminal, code: &str) {
        self.codes.lock().unwrap().push(code.to_owned());
        terminal.scan(code).await;
    }

    /// Types an amount, asks for the code and scans it.
    pub async fn sell(&self, terminal: &mut Terminal, yuan: &str, code: &str) {
        terminal.type_amount(yuan).await;
        terminal.press("enter").await;
        terminal.screen("await_code").await;
        self.scan(terminal, code).await;
    }

    /// Types an amount and shows a QR for it; returns what a phone reads off the screen.
    pub async fn present(&self, terminal: &mut Terminal, yuan: &str) -> String {
        terminal.type_amount(yuan).await;
        terminal.press("qr").await;
        let state = terminal.until("a QR", |state| state["qr"].is_string()).await;
        assert_eq!(state["screen"], "present");
        let read = terminal.qr_on_the_screen().await;
        assert_eq!(state["qr"], read.as_str());
        read
    }

    /// Waits until the simulator's books are as `enough` wants them.
    pub async fn books_until<T>(&self, what: &str, enough: impl Fn(&Control) -> Option<T>) -> T {
        let control = self.control();
        let mut changes = control.subscribe();
        let wait = async {
            loop {
                if let Some(found) = enough(&control) {
                    return found;
                }
                changes.changed().await.expect("the simulator lives");
            }
        };
        super::within(what, wait).await
    }

    /// Waits until an order is in the simulator's books, and returns its number.
    pub async fn ordered(&self, count: usize) -> String {
        let find = |control: &Control| control.orders().get(count - 1).map(|it| it.order.clone());
        self.books_until("an order at the gateway", find).await
    }

    /// How many calls of an operation the simulator has answered.
    pub fn calls(&self, operation: Operation) -> usize {
        self.control().requests().iter().filter(|call| call.operation == operation).count()
    }
}

/// A file that only its owner can read.
pub fn write_private(path: &Path, text: &str) {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = std::fs::OpenOptions::new();
    let file = options.write(true).create(true).truncate(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).expect("a private file");
}
