//! A gate on the way to the gateway: each call stops there until the test lets it on.
//!
//! So a test knows for certain where the program is: a call that is at the gate has left it, and
//! nothing of an answer that the gate keeps has come back.

use super::{GUARD, within};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// The gate. Dropped, it refuses connections.
pub struct Gate {
    pub address: SocketAddr,
    calls: mpsc::UnboundedReceiver<Call>,
    serving: JoinHandle<()>,
}

/// A call that stopped at the gate. Dropped, its connection is closed unanswered.
#[derive(Debug)]
pub struct Call {
    /// `post /upay/v2/pay`.
    pub what: String,
    client: TcpStream,
    request: Vec<u8>,
    gateway: SocketAddr,
}

impl Gate {
    /// A gate before the gateway at this address.
    pub async fn before(gateway: SocketAddr) -> Gate {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (arrived, calls) = mpsc::unbounded_channel();
        let serving = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let arrived = arrived.clone();
                tokio::spawn(async move {
                    // A connection opened ahead may never carry a call.
                    if let Some(call) = Call::read(client, gateway).await {
                        let _ = arrived.send(call);
                    }
                });
            }
        });
        Gate { address, calls, serving }
    }

    /// The next call.
    pub async fn next(&mut self) -> Call {
        within("a call at the gate", self.calls.recv()).await.expect("the gate stands")
    }

    /// The next call, which is to be of this kind.
    pub async fn next_is(&mut self, what: Step) -> Call {
        let call = self.next().await;
        assert_eq!(call.step(), what, "{}", call.what);
        call
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// What a call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Charge,
    Query,
    Cancel,
}

impl Call {
    async fn read(mut client: TcpStream, gateway: SocketAddr) -> Option<Call> {
        let mut request = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            if let Some(end) = request.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&request[..end]).to_ascii_lowercase();
                let len = head.lines().find_map(|line| line.strip_prefix("content-length:"));
                let len: usize = len.map_or(0, |len| len.trim().parse().expect("a length"));
                if request.len() >= end + 4 + len {
                    let what = head.split(['?', '\r']).next().unwrap_or_default().to_owned();
                    return Some(Call { what, client, request, gateway });
                }
            }
            match client.read(&mut buffer).await {
                Ok(read @ 1..) => request.extend_from_slice(&buffer[..read]),
                Ok(0) | Err(_) => return None,
            }
        }
    }

    pub fn step(&self) -> Step {
        if self.what.contains("query") {
            Step::Query
        } else if self.what.contains("cancel") {
            Step::Cancel
        } else {
            Step::Charge
        }
    }

    /// What was sent.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.request).into_owned()
    }

    /// Has the gateway process the call, and keeps its answer.
    pub async fn process(&self) -> Vec<u8> {
        let exchange = async {
            let mut stream = TcpStream::connect(self.gateway).await.expect("the gateway");
            stream.write_all(&self.request).await.expect("sent");
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await.expect("answered");
            answer
        };
        tokio::time::timeout(GUARD, exchange).await.expect("the gateway answers")
    }

    /// Gives an answer to the program. Should it be gone, nobody hears it.
    pub async fn answer(mut self, answer: &[u8]) {
        let _ = self.client.write_all(answer).await;
        let _ = self.client.shutdown().await;
    }

    /// Lets the call on, and its answer back.
    pub async fn pass(self) {
        let answer = self.process().await;
        self.answer(&answer).await;
    }
}
