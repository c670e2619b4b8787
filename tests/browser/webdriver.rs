//! A browser, through the WebDriver protocol (W3C) that ChromeDriver speaks over HTTP.

use crate::client;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// How long a condition on the page may take to come true.
const WAIT_MS: u64 = 20_000;

/// The programs of the browser, if they are here.
pub fn installed() -> Option<(PathBuf, PathBuf)> {
    let browser = program("CASHIER_CHROMIUM", &["chromium", "chromium-browser", "google-chrome"])?;
    let driver = program("CASHIER_CHROMEDRIVER", &["chromedriver"])?;
    Some((browser, driver))
}

/// The program that the variable names, which must then exist, or one of these on the path.
fn program(variable: &str, names: &[&str]) -> Option<PathBuf> {
    if let Some(named) = std::env::var_os(variable) {
        let named = PathBuf::from(named);
        assert!(named.exists(), "{variable} names {}, which is not there", named.display());
        return Some(named);
    }
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let places = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    places.into_iter().find(|place| place.is_file())
}

/// A browser with one window. Dropped, it ends.
pub struct Browser {
    driver: Child,
    address: SocketAddr,
    session: String,
    _profile: tempfile::TempDir,
}

impl Browser {
    pub async fn start(browser: &PathBuf, driver: &PathBuf) -> Browser {
        let profile = tempfile::tempdir().unwrap();
        let mut driver = Command::new(driver)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines.find_map(|line| {
            let line = line.ok()?;
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse::<u16>().ok()
        });
        let address = SocketAddr::from(([127, 0, 0, 1], port.expect("ChromeDriver's port")));
        // What it says later is not read, and is little; the pipe stays open until it ends.
        std::mem::forget(lines);
        let mut started = Browser { driver, address, session: String::new(), _profile: profile };
        let data = format!("--user-data-dir={}", started._profile.path().display());
        let args = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--lang=en-US",
            "--accept-lang=en-US",
            "--window-size=1280,800",
            &data,
        ];
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": { "binary": browser, "args": args },
            "goog:loggingPrefs": { "browser": "ALL" },
            "timeouts": { "script": 2 * WAIT_MS },
        }}});
        let session = started.call("POST", "/session", &wanted).await;
        started.session = session["sessionId"].as_str().unwrap().to_owned();
        started
    }

    async fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let address = self.address;
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        let answer = client::raw(address, request.as_bytes()).await;
        let said = answer.json();
        assert_eq!(answer.status, 200, "{method} {path} {body}: {}", said["value"]["message"]);
        said["value"].clone()
    }

    async fn command(&self, path: &str, body: Value) -> Value {
        self.call("POST", &format!("/session/{}{path}", self.session), &body).await
    }

    pub async fn open(&self, url: &str) {
        self.command("/url", json!({ "url": url })).await;
    }

    /// The size of the page in CSS pixels, whatever the window's own frame takes.
    pub async fn resize(&self, width: u32, height: u32) {
        let params =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        let cmd = "Emulation.setDeviceMetricsOverride";
        self.command("/goog/cdp/execute", json!({ "cmd": cmd, "params": params })).await;
    }

    async fn find(&self, selector: &str) -> String {
        let by = json!({ "using": "css selector", "value": selector });
        let found = self.command("/element", by).await;
        let id = found.as_object().and_then(|found| found.values().next()).unwrap();
        id.as_str().unwrap().to_owned()
    }

    /// Clicks as a person does: what is hidden or covered cannot be clicked.
    pub async fn click(&self, selector: &str) {
        let element = self.find(selector).await;
        self.command(&format!("/element/{element}/click"), json!({})).await;
    }

    /// Types on the keyboard, whatever has the focus.
    pub async fn typed(&self, keys: &str) {
        let strokes: Vec<Value> = keys
            .chars()
            .flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key })))
            .collect();
        let actions = json!({ "actions": [{ "type": "key", "id": "keys", "actions": strokes }] });
        self.command("/actions", actions).await;
    }

    /// The value of an expression on the page.
    pub async fn value(&self, expression: &str) -> Value {
        let script = format!("return ({expression});");
        self.command("/execute/sync", json!({ "script": script, "args": [] })).await
    }

    /// Waits until a condition holds on the page, which looks itself at each of its frames.
    #[track_caller]
    pub fn until(&self, condition: &str) -> impl Future<Output = ()> {
        let from = std::panic::Location::caller();
        let script = format!(
            "const done = arguments[arguments.length - 1]; \
             const end = performance.now() + {WAIT_MS}; \
             const look = () => {{ \
               if ({condition}) done(null); \
               else if (performance.now() < end) requestAnimationFrame(look); \
               else done({{ ...document.body.dataset, said: document.body.innerText }}); \
             }}; look();"
        );
        async move {
            let body = json!({ "script": script, "args": [] });
            let instead = self.command("/execute/async", body).await;
            assert_eq!(instead, Value::Null, "what was awaited at {from} did not come");
        }
    }

    /// What the console says is wrong: scripts that fail, what the policy blocks.
    pub async fn complaints(&self) -> Vec<String> {
        let log = self.command("/se/log", json!({ "type": "browser" })).await;
        let lines = log.as_array().unwrap().iter();
        lines
            .filter(|line| line["level"] == "SEVERE")
            .map(|line| line["message"].to_string())
            .collect()
    }

    /// A picture of the page as PNG.
    pub async fn picture(&self) -> Vec<u8> {
        let path = format!("/session/{}/screenshot", self.session);
        let picture = self.call("GET", &path, &Value::Null).await;
        STANDARD.decode(picture.as_str().unwrap()).unwrap()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ending the session ends the browser, which would outlive its driver.
        if let Ok(mut stream) = TcpStream::connect(self.address) {
            let _ = stream.set_read_timeout(Some(std::time::Duration::from_secs(10)));
            let (address, session) = (self.address, &self.session);
            let request = format!(
                "DELETE /session/{session} HTTP/1.1\r\nHost: {address}\r\n\
                 Content-Length: 0\r\nConnection: close\r\n\r\n"
            );
            if stream.write_all(request.as_bytes()).is_ok() {
                let _ = std::io::copy(&mut stream, &mut std::io::sink());
            }
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
