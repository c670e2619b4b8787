//! A terminal: `cashier run` in a process of its own, and its panel.

use super::command::command;
use super::wire::{self, Reply};
use super::{GUARD, within};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{oneshot, watch};

/// A running terminal. Dropped, it is killed.
pub struct Terminal {
    child: Child,
    pub address: SocketAddr,
    state: watch::Receiver<Value>,
    log: Arc<Mutex<String>>,
    states: Arc<Mutex<String>>,
}

impl Terminal {
    pub async fn start(config: &Path) -> Terminal {
        let config = config.display().to_string();
        Terminal::run(command(&["run".to_owned(), "--config".to_owned(), config])).await
    }

    /// Starts it with a command that becomes the program.
    pub async fn run(mut command: std::process::Command) -> Terminal {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let log = Arc::new(Mutex::new(String::new()));
        let (told, address) = oneshot::channel();
        let stderr = child.stderr.take().expect("a pipe");
        std::thread::spawn({
            let log = Arc::clone(&log);
            move || listen(stderr, &log, told)
        });
        let address = within("the panel listens", address).await;
        let address = address.unwrap_or_else(|_| panic!("no panel: {}", log.lock().unwrap()));
        let states = Arc::new(Mutex::new(String::new()));
        let (sender, state) = watch::channel(Value::Null);
        tokio::spawn(watch_events(address, sender, Arc::clone(&states)));
        let mut terminal = Terminal { child, address, state, log, states };
        terminal.until("the first screen", |state| state["screen"].is_string()).await;
        terminal
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Where it takes the gateway's notifications.
    pub fn notifications(&self) -> SocketAddr {
        let log = self.log();
        let line = log.lines().find_map(|line| line.strip_prefix("notifications: http://"));
        let address = line.and_then(|rest| rest.strip_suffix('/'));
        address.unwrap_or_else(|| panic!("it takes none: {log}")).parse().expect("an address")
    }

    /// What it logged so far, at the level of debugging.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Every state that the panel told so far.
    pub fn states(&self) -> String {
        self.states.lock().unwrap().clone()
    }

    /// The state as the panel tells it now.
    pub async fn state(&self) -> Value {
        self.get("/state.json").await.json()
    }

    /// Waits for a state.
    pub async fn until(&mut self, what: &str, enough: impl Fn(&Value) -> bool) -> Value {
        let found = match tokio::time::timeout(GUARD, self.state.wait_for(enough)).await {
            Ok(Ok(state)) => Ok(state.clone()),
            Ok(Err(_)) => Err("the terminal is gone"),
            Err(_) => Err("waited in vain"),
        };
        found.unwrap_or_else(|problem| {
            panic!("{problem}, for {what}; {}\n{}", *self.state.borrow(), self.log())
        })
    }

    /// Waits for a screen.
    pub async fn screen(&mut self, name: &str) -> Value {
        self.until(name, |state| state["screen"] == name).await
    }

    /// Waits for the result of the sale in front, and checks which.
    pub async fn result(&mut self, outcome: &str) -> Value {
        let state = self.screen("result").await;
        assert_eq!(state["outcome"], outcome, "{state}\n{}", self.log());
        state
    }

    async fn get(&self, path: &str) -> Reply {
        let reply = within(path, wire::ask(self.address, "GET", path, None)).await;
        assert_eq!(reply.status, 200, "{path}: {reply:?}");
        reply
    }

    /// Posts to the panel.
    pub async fn post(&self, path: &str, body: Value) -> Reply {
        within(path, wire::ask(self.address, "POST", path, Some(&body))).await
    }

    /// Presses a key.
    pub async fn press(&self, key: &str) {
        let reply = self.post("/key", json!({ "key": key })).await;
        assert_eq!(reply.status, 200, "{key}: {reply:?}");
    }

    /// Presses the keys of an amount, one by one.
    pub async fn type_amount(&self, yuan: &str) {
        for key in yuan.chars() {
            self.press(&key.to_string()).await;
        }
    }

    /// Holds something to the scanner.
    pub async fn scan(&self, text: &str) {
        let reply = self.post("/scan", json!({ "text": text })).await;
        assert_eq!(reply.status, 200, "{reply:?}");
    }

    /// Presses keys until the till is at rest, and waits for that.
    pub async fn rest(&mut self) {
        while self.state().await["screen"] != "idle" {
            self.press("clear").await;
        }
        self.screen("idle").await;
    }

    /// What is printed so far.
    pub async fn receipts(&self) -> Value {
        self.get("/receipts.json").await.json()
    }

    /// The screen's pixels: width, and one byte of grey each.
    pub async fn picture(&self) -> (usize, Vec<u8>) {
        let png = self.get("/screen.png").await.body;
        let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().expect("a PNG");
        let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
        let info = reader.next_frame(&mut pixels).expect("a picture");
        assert_eq!(info.color_type, png::ColorType::Rgb);
        (info.width as usize, pixels.chunks(3).map(grey).collect())
    }

    /// What a phone reads off the screen.
    pub async fn qr_on_the_screen(&self) -> String {
        let (width, grey) = self.picture().await;
        let height = grey.len() / width;
        let mut picture =
            rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| grey[y * width + x]);
        let codes = picture.detect_grids();
        assert_eq!(codes.len(), 1, "one QR on the screen");
        codes[0].decode().expect("a QR that can be read").1
    }

    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) {
        let sent = std::process::Command::new("kill")
            .args([&format!("-{name}"), &self.pid().to_string()])
            .status();
        assert!(sent.expect("kill runs").success());
    }

    /// Ends it as an init system does, and waits until it is gone.
    pub async fn stop(self) -> ExitStatus {
        self.signal("TERM");
        self.gone().await
    }

    /// Ends it as a power cut would.
    pub async fn kill(mut self) -> ExitStatus {
        self.child.kill().expect("it can be killed");
        self.gone().await
    }

    /// Waits until it is gone by itself.
    pub async fn gone(mut self) -> ExitStatus {
        let mut child = std::mem::replace(&mut self.child, placeholder());
        let waited = tokio::task::spawn_blocking(move || child.wait());
        within("the terminal ends", waited).await.expect("waited").expect("a status")
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Gone already, if it was waited for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A child to leave behind in place of one that is being waited for.
fn placeholder() -> Child {
    std::process::Command::new("true").spawn().expect("true runs")
}

pub fn grey(rgb: &[u8]) -> u8 {
    let sum: u32 = rgb.iter().map(|part| u32::from(*part)).sum();
    u8::try_from(sum / 3).unwrap_or(u8::MAX)
}

/// Reads the log until its end, and tells where the panel is.
fn listen(stderr: impl Read, log: &Mutex<String>, told: oneshot::Sender<SocketAddr>) {
    let mut told = Some(told);
    for line in BufReader::new(stderr).lines() {
        let Ok(line) = line else { return };
        let address = line.strip_prefix("panel: http://").and_then(|rest| rest.strip_suffix('/'));
        if let Some(address) = address
            && let Some(told) = told.take()
        {
            // Nobody waits any more if the test has failed.
            let _ = told.send(address.parse().expect("an address"));
        }
        let mut log = log.lock().unwrap();
        log.push_str(&line);
        log.push('\n');
    }
}

/// Follows the panel's events for as long as it lives.
async fn watch_events(
    address: SocketAddr,
    state: watch::Sender<Value>,
    states: Arc<Mutex<String>>,
) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(wire::head("GET", "/events", 0).as_bytes()).await?;
    let mut lines = tokio::io::BufReader::new(stream).lines();
    let mut event = String::new();
    while let Some(line) = lines.next_line().await? {
        if let Some(name) = line.strip_prefix("event: ") {
            name.clone_into(&mut event);
        } else if let Some(data) = line.strip_prefix("data: ")
            && event == "state"
        {
            let mut states = states.lock().unwrap();
            states.push_str(data);
            states.push('\n');
            state.send_replace(serde_json::from_str(data).expect("a state in JSON"));
        }
    }
    Ok(())
}
