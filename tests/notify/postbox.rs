//! What stands at an address on the way to the terminal: passes each request on, keeps it and its
//! answer.

use crate::common::within;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// A request that came by, and the answer that went back; none if nobody was there to give one.
#[derive(Clone, Debug)]
pub struct Letter {
    pub method: String,
    /// Path and query.
    pub target: String,
    pub body: Vec<u8>,
    pub answer: Option<Answer>,
}

/// The answer to a letter.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

/// The postbox.
pub struct Postbox {
    pub address: SocketAddr,
    to: Arc<Mutex<Option<SocketAddr>>>,
    letters: mpsc::UnboundedReceiver<Letter>,
    serving: JoinHandle<()>,
}

impl Postbox {
    /// One that passes nothing on yet.
    pub async fn open() -> Postbox {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let to = Arc::new(Mutex::new(None));
        let (told, letters) = mpsc::unbounded_channel();
        let serving = tokio::spawn({
            let to = Arc::clone(&to);
            async move {
                while let Ok((client, _)) = listener.accept().await {
                    let to = *to.lock().expect("nobody panics with it");
                    let told = told.clone();
                    tokio::spawn(async move {
                        if let Some(letter) = pass(client, to).await {
                            // Nobody reads any more if the test is over.
                            let _ = told.send(letter);
                        }
                    });
                }
            }
        });
        Postbox { address, to, letters, serving }
    }

    /// From now on letters go there; to nobody, if none.
    pub fn deliver_to(&self, to: Option<SocketAddr>) {
        *self.to.lock().expect("nobody panics with it") = to;
    }

    /// The next letter.
    pub async fn next(&mut self) -> Letter {
        within("a letter", self.letters.recv()).await.expect("the postbox stands")
    }

    /// No letter has come that was not taken out.
    pub fn is_empty(&mut self) -> bool {
        self.letters.try_recv().is_err()
    }
}

impl Drop for Postbox {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn pass(mut client: TcpStream, to: Option<SocketAddr>) -> Option<Letter> {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    let end = loop {
        if let Some(end) = whole(&request) {
            break end;
        }
        match client.read(&mut buffer).await {
            Ok(read @ 1..) => request.extend_from_slice(&buffer[..read]),
            Ok(0) | Err(_) => return None,
        }
    };
    let head = String::from_utf8_lossy(&request[..end]).into_owned();
    let mut first = head.lines().next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let body = request[end + 4..].to_vec();
    let answer = match to {
        None => None,
        Some(to) => Some(send(to, &method, &target, &body).await),
    };
    if let Some(answer) = &answer {
        let Answer { head, body, .. } = answer;
        // Whoever is gone does not want it.
        let _ = client.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).await;
    }
    Some(Letter { method, target, body, answer })
}

/// Where the head ends, once all of the body is there.
fn whole(request: &[u8]) -> Option<usize> {
    let end = request.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&request[..end]).to_ascii_lowercase();
    let len = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let len: usize = len.map_or(0, |len| len.trim().parse().expect("a length"));
    (request.len() >= end + 4 + len).then_some(end)
}

/// Sends a request and reads the whole answer.
pub async fn send(to: SocketAddr, method: &str, target: &str, body: &[u8]) -> Answer {
    let head = format!(
        "{method} {target} HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let exchange = async {
        let mut stream = TcpStream::connect(to).await.expect("somebody listens");
        // What is refused by its head alone is answered before all of it is taken.
        let _ = stream.write_all(&[head.as_bytes(), body].concat()).await;
        read_answer(&mut stream).await
    };
    within("an answer", exchange).await
}

/// Reads an answer until the connection ends.
pub async fn read_answer(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    // A connection that is reset after its answer has been read has been answered.
    let _ = stream.read_to_end(&mut bytes).await;
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no head: {text:?}"));
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}
