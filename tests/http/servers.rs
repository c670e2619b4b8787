//! Servers that a test plays itself: it accepts, reads and answers by hand.

use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use cashier::app::http::{Http, HttpSettings, Incoming, Method, Outgoing, Unanswered};
use cashier::payment::AskError;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use simulator::Port;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{self, ServerConfig};

/// Longer than anything here takes; only a failing test waits for it.
pub const LONG: Duration = Duration::from_secs(30);
/// The timeout of the stories about timeouts.
pub const SHORT: Duration = Duration::from_millis(300);

/// What the server speaks.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Plain,
    Tls12,
    Tls13,
}

pub const KINDS: [Kind; 3] = [Kind::Plain, Kind::Tls12, Kind::Tls13];

/// An authority that signs the certificates of servers.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    pub fn new() -> Authority {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        Authority { issuer: CertifiedIssuer::self_signed(params, key).expect("a certificate") }
    }

    pub fn pem(&self) -> Vec<u8> {
        self.issuer.as_ref().pem().into_bytes()
    }

    /// What a server with a certificate for `name` needs, the certificate as `adjust` wants it.
    pub fn server(
        &self,
        name: &str,
        version: &'static rustls::SupportedProtocolVersion,
        adjust: impl FnOnce(&mut CertificateParams),
    ) -> ServerConfig {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        adjust(&mut params);
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let chain = vec![CertificateDer::from(certificate)];
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_protocol_versions(&[version])
            .expect("a version that ring has")
            .with_no_client_auth()
            .with_single_cert(chain, PrivatePkcs8KeyDer::from(key.serialize_der()).into())
            .expect("a key that fits its certificate")
    }
}

pub trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Duplex for T {}

/// A listening server on a port of the system's choice.
pub struct Server {
    port: Port,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    ca_pem: Option<Vec<u8>>,
}

impl Server {
    pub async fn start(kind: Kind) -> Server {
        let version = match kind {
            Kind::Plain => return Server::listen(None, None).await,
            Kind::Tls12 => &rustls::version::TLS12,
            Kind::Tls13 => &rustls::version::TLS13,
        };
        let authority = Authority::new();
        let config = authority.server("127.0.0.1", version, |_| ());
        Server::listen(Some(config), Some(authority.pem())).await
    }

    pub async fn listen(tls: Option<ServerConfig>, ca_pem: Option<Vec<u8>>) -> Server {
        let port = Port::reserve(([127, 0, 0, 1], 0).into()).expect("a port");
        let listener = port.listen().expect("a listener");
        let tls = tls.map(|config| TlsAcceptor::from(Arc::new(config)));
        Server { port, listener, tls, ca_pem }
    }

    /// Listens no more: whoever connects to its port, which is kept, is refused.
    pub fn close(self) -> Port {
        self.port
    }

    pub fn address(&self) -> SocketAddr {
        self.port.address()
    }

    pub fn url(&self, path: &str) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}{path}", self.address())
    }

    pub fn settings(&self) -> HttpSettings {
        HttpSettings {
            ca_pem: self.ca_pem.clone(),
            allow_plaintext: self.tls.is_none(),
            ..HttpSettings::new(self.url("/"))
        }
    }

    pub fn client(&self) -> Http {
        Http::new(&self.settings()).expect("usable settings")
    }

    pub async fn accept_tcp(&self) -> TcpStream {
        let accepted = tokio::time::timeout(LONG, self.listener.accept());
        let (tcp, _) = accepted.await.expect("a connection").expect("a connection");
        tcp.set_nodelay(true).expect("nodelay");
        tcp
    }

    pub async fn accept(&self) -> Peer {
        let tcp = self.accept_tcp().await;
        self.greet(tcp).await
    }

    /// Accepts a connection that is reset, not closed, when the peer is dropped.
    pub async fn accept_resetting(&self) -> Peer {
        let tcp = self.accept_tcp().await;
        tcp.set_zero_linger().expect("linger");
        self.greet(tcp).await
    }

    async fn greet(&self, tcp: TcpStream) -> Peer {
        let io: Box<dyn Duplex> = match &self.tls {
            None => Box::new(tcp),
            Some(tls) => Box::new(tls.accept(tcp).await.expect("a handshake")),
        };
        Peer { io }
    }

    /// A handshake that may fail; what matters is what the client says of it.
    pub async fn try_handshake(&self, tcp: &mut TcpStream) {
        let tls = self.tls.as_ref().expect("a TLS server");
        let _ = tls.accept(tcp).await;
    }

    /// Fails if another connection has come in.
    pub async fn expect_no_more(&self) {
        settle().await;
        assert!(is_pending(self.listener.accept()).await, "another connection came in");
    }
}

/// The server's end of one connection.
pub struct Peer {
    pub io: Box<dyn Duplex>,
}

impl Peer {
    /// Reads one whole request.
    pub async fn request(&mut self) -> String {
        let mut request = Vec::new();
        loop {
            let text = String::from_utf8_lossy(&request).into_owned();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let len = header(head, "content-length").map_or(0, |len| len.parse().unwrap());
                if body.len() >= len {
                    return text;
                }
            }
            let read = tokio::time::timeout(LONG, self.io.read_buf(&mut request)).await;
            assert_ne!(read.expect("bytes").expect("bytes"), 0, "closed within: {text:?}");
        }
    }

    /// Writes what it can; the client may have had enough.
    pub async fn say(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.io.write_all(bytes.as_ref()).await;
        let _ = self.io.flush().await;
    }

    /// Closes in order.
    pub async fn close(mut self) {
        let _ = self.io.shutdown().await;
    }

    /// Waits for the client to close; says whether it did so without another byte.
    pub async fn expect_closed(&mut self) {
        let mut rest = Vec::new();
        let end = tokio::time::timeout(LONG, self.io.read_to_end(&mut rest)).await;
        // A reset is as good as a close, and so is TLS cut off without a word.
        let _ = end.expect("the client keeps the connection open");
        assert!(rest.is_empty(), "{:?}", String::from_utf8_lossy(&rest));
    }

    /// Fails if the client has said anything yet, or has closed.
    pub async fn expect_quiet(&mut self) {
        settle().await;
        let mut byte = [0];
        assert!(is_pending(self.io.read(&mut byte)).await, "the client said something or closed");
    }
}

/// Lets everything that is ready run, and the runtime look at its sockets.
pub async fn settle() {
    for _ in 0..64 {
        tokio::task::yield_now().await;
    }
}

async fn is_pending<F: Future>(future: F) -> bool {
    let mut future = pin!(future);
    poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_pending())).await
}

/// The value of a header of a request.
pub fn header<'a>(request: &'a str, name: &str) -> Option<&'a str> {
    request.lines().skip(1).take_while(|line| !line.is_empty()).find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// A payment, as far as this room cares.
pub fn pay(url: String) -> Outgoing {
    Outgoing {
        method: Method::Post,
        url,
        headers: vec![("content-type", "application/json".to_owned())],
        body: br#"{"total_amount":"1234"}"#.to_vec(),
    }
}

pub fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

/// One payment, answered with these bytes and an orderly close.
pub async fn answered_with(
    server: &Server,
    http: &Http,
    answer: impl AsRef<[u8]>,
) -> Result<Incoming, Unanswered> {
    let (result, ()) = tokio::join!(http.send(pay(server.url("/pay")), LONG), async {
        let mut peer = server.accept().await;
        peer.request().await;
        peer.say(answer).await;
        peer.close().await;
    });
    result
}

/// What may be concluded from it that there is no answer.
pub fn error_of(sent: Result<Incoming, Unanswered>) -> Option<AskError> {
    sent.err().map(|unanswered| unanswered.error)
}
