//! A client of one request a connection, which can also send what no browser would.

use serde_json::Value;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Far longer than anything takes: what is not there by then never comes.
pub const NEVER: Duration = Duration::from_secs(60);

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The words of `{"error"}`.
    #[track_caller]
    pub fn error(&self) -> String {
        let body = self.json();
        body["error"].as_str().unwrap_or_else(|| panic!("no error in {body}")).to_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.head.lines().filter_map(|line| line.split_once(':'));
        let found = fields.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim())
    }
}

/// Sends bytes as they are and reads until the other side closes.
pub async fn raw(address: SocketAddr, request: &[u8]) -> Answer {
    let talk = async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request).await.unwrap();
        let mut answer = Vec::new();
        // A reset after the answer is an end like another; and not every server closes.
        while !is_whole(&answer) && stream.read_buf(&mut answer).await.is_ok_and(|len| len > 0) {}
        answer
    };
    let answer = tokio::time::timeout(NEVER, talk).await.expect("an answer");
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let end = end.unwrap_or_else(|| panic!("no head: {:?}", String::from_utf8_lossy(&answer)));
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
    Answer { status, head, body: answer[end + 4..].to_vec() }
}

/// Whether all that a Content-Length announces is there.
fn is_whole(answer: &[u8]) -> bool {
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
    let len = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let len = len.and_then(|len| len.trim().parse::<usize>().ok());
    len.is_some_and(|len| answer.len() >= end + 4 + len)
}

pub async fn get(address: SocketAddr, path: &str) -> Answer {
    get_with(address, path, &format!("Host: {address}\r\n")).await
}

pub async fn get_with(address: SocketAddr, path: &str, fields: &str) -> Answer {
    let request = format!("GET {path} HTTP/1.1\r\n{fields}Connection: close\r\n\r\n");
    raw(address, request.as_bytes()).await
}

pub async fn post(address: SocketAddr, path: &str, body: &Value) -> Answer {
    post_with(address, path, "Content-Type: application/json\r\n", &body.to_string()).await
}

pub async fn post_with(address: SocketAddr, path: &str, fields: &str, body: &str) -> Answer {
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\n{fields}Content-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    );
    raw(address, request.as_bytes()).await
}

/// The stream of server-sent events.
#[derive(Debug)]
pub struct Events {
    stream: TcpStream,
    unread: String,
}

impl Events {
    pub async fn open(address: SocketAddr, path: &str) -> Events {
        let mut stream = TcpStream::connect(address).await.unwrap();
        // HTTP/1.0, so that the answer comes without chunks between the events.
        let request = format!("GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut events = Events { stream, unread: String::new() };
        let head = events.until("\r\n\r\n").await.expect("a head");
        assert!(head.contains(" 200 ") && head.contains("text/event-stream"), "{head}");
        events
    }

    /// What comes before the next `end`, or nothing once the stream is over.
    async fn until(&mut self, end: &str) -> Option<String> {
        loop {
            if let Some(at) = self.unread.find(end) {
                let rest = self.unread.split_off(at + end.len());
                let mut piece = std::mem::replace(&mut self.unread, rest);
                piece.truncate(at);
                return Some(piece);
            }
            let mut bytes = [0; 4096];
            let read = tokio::time::timeout(NEVER, self.stream.read(&mut bytes));
            let len = read.await.expect("an event").unwrap_or(0);
            if len == 0 {
                return None;
            }
            self.unread.push_str(std::str::from_utf8(&bytes[..len]).unwrap());
        }
    }

    /// The next event's name and data; comments are skipped.
    pub async fn next(&mut self) -> Option<(String, String)> {
        loop {
            let block = self.until("\n\n").await?;
            let field = |name: &str| {
                let mut lines = block.lines();
                lines.find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned())
            };
            if let (Some(event), Some(data)) = (field("event:"), field("data:")) {
                return Some((event, data));
            }
        }
    }

    /// The next state that is as wished.
    pub async fn state(&mut self, wished: impl Fn(&Value) -> bool) -> Value {
        let search = async {
            while let Some((event, data)) = self.next().await {
                let value: Value = serde_json::from_str(&data).unwrap();
                if event == "state" && wished(&value) {
                    return value;
                }
            }
            panic!("the stream ended")
        };
        tokio::time::timeout(NEVER, search).await.expect("the state")
    }

    pub async fn screen(&mut self, name: &str) -> Value {
        self.state(|state| state["screen"] == name).await
    }
}
