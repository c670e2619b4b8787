//! HTTP/1.1 as far as a gateway needs it, on raw sockets.
//!
//! Hand-made beneath `httparse`, because the faults have to reach under a server's feet: a reset
//! after byte k, a body that never ends, a drip. Heads and bodies are capped; what is longer is
//! answered 431 or 413, what is not HTTP 400.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::timeout,
};

use crate::gateway::Request;

/// The longest head: request line and headers.
pub(crate) const MAX_HEAD: usize = 16 * 1024;
/// The most headers.
const MAX_HEADERS: usize = 64;
/// The longest body: fifty goods with every field at its longest stay far below.
pub(crate) const MAX_BODY: usize = 1024 * 1024;

/// Why no request could be read.
#[derive(Debug)]
pub(crate) enum ReadError {
    /// The client left, or took too long; nobody waits for an answer.
    Gone,
    /// The request is answered with this status and the connection closed.
    Status(u16),
}

/// A request's head, and the bytes that came with it.
#[derive(Debug)]
pub(crate) struct Head {
    pub request: Request,
    /// Everything read so far, head included.
    pub raw: Vec<u8>,
    body_at: usize,
    length: usize,
}

/// How long a head, and then a body, may take to arrive; `None` is for ever.
pub(crate) type ReadTime = Option<Duration>;

async fn in_time<T>(
    limit: ReadTime,
    reading: impl Future<Output = Result<T, ReadError>>,
) -> Result<T, ReadError> {
    match limit {
        Some(limit) => timeout(limit, reading).await.unwrap_or(Err(ReadError::Gone)),
        None => reading.await,
    }
}

/// Reads a head.
pub(crate) async fn read_head(stream: &mut TcpStream, limit: ReadTime) -> Result<Head, ReadError> {
    in_time(limit, async {
        let mut raw = Vec::new();
        loop {
            let read = stream.read_buf(&mut raw).await.map_err(|_| ReadError::Gone)?;
            if let Some(head) = parse(&raw)? {
                return Ok(Head { raw, ..head });
            }
            if raw.len() >= MAX_HEAD {
                return Err(ReadError::Status(431));
            }
            if read == 0 {
                return Err(ReadError::Gone);
            }
        }
    })
    .await
}

fn parse(raw: &[u8]) -> Result<Option<Head>, ReadError> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    let body_at = match parsed.parse(raw) {
        Ok(httparse::Status::Complete(body_at)) if body_at <= MAX_HEAD => body_at,
        Ok(httparse::Status::Complete(_)) | Err(httparse::Error::TooManyHeaders) => {
            return Err(ReadError::Status(431));
        }
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(_) => return Err(ReadError::Status(400)),
    };
    let mut request = Request {
        method: parsed.method.unwrap_or_default().to_owned(),
        headers: Vec::new(),
        ..target(parsed.path.unwrap_or_default()).ok_or(ReadError::Status(400))?
    };
    let mut length = None;
    for header in parsed.headers.iter() {
        let value = String::from_utf8_lossy(header.value).trim().to_owned();
        if header.name.eq_ignore_ascii_case("content-length") {
            let given: usize = value.parse().map_err(|_| ReadError::Status(400))?;
            if length.is_some_and(|before| before != given) {
                return Err(ReadError::Status(400));
            }
            length = Some(given);
        }
        if header.name.eq_ignore_ascii_case("transfer-encoding") {
            // Clients of a small JSON or XML body know its length.
            return Err(ReadError::Status(411));
        }
        request.headers.push((header.name.to_owned(), value));
    }
    Ok(Some(Head { request, raw: Vec::new(), body_at, length: length.unwrap_or(0) }))
}

/// Path and query of a request target.
fn target(target: &str) -> Option<Request> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    Some(Request {
        segments: segments.map(|segment| decode(segment, false)).collect::<Option<_>>()?,
        query: pairs
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                Some((decode(name, true)?, decode(value, true)?))
            })
            .collect::<Option<_>>()?,
        ..Request::default()
    })
}

fn decode(text: &str, plus_is_space: bool) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let high = char::from(bytes.next()?).to_digit(16)?;
                let low = char::from(bytes.next()?).to_digit(16)?;
                out.push(u8::try_from(high * 16 + low).ok()?);
            }
            b'+' if plus_is_space => out.push(b' '),
            other => out.push(other),
        }
    }
    String::from_utf8(out).ok()
}

/// Reads the body that a head announces, and completes the request.
pub(crate) async fn read_body(
    stream: &mut TcpStream,
    head: Head,
    limit: ReadTime,
) -> Result<Request, ReadError> {
    let Head { mut request, raw, body_at, length } = head;
    if length > MAX_BODY {
        return Err(ReadError::Status(413));
    }
    let expects = request.header("expect").is_some_and(|v| v.eq_ignore_ascii_case("100-continue"));
    let mut body = raw.get(body_at..).unwrap_or_default().to_vec();
    body.truncate(length);
    if expects && body.len() < length {
        let go_on = b"HTTP/1.1 100 Continue\r\n\r\n";
        tokio::io::AsyncWriteExt::write_all(stream, go_on).await.map_err(|_| ReadError::Gone)?;
    }
    let rest = u64::try_from(length - body.len()).unwrap_or(u64::MAX);
    in_time(limit, async {
        let read = (&mut *stream).take(rest).read_to_end(&mut body).await;
        if read.is_ok() && body.len() == length { Ok(()) } else { Err(ReadError::Gone) }
    })
    .await?;
    request.body = body;
    Ok(request)
}

/// The head of a response. Without a length the end of the connection ends the body.
pub(crate) fn response_head(
    status: u16,
    date: &str,
    content_type: &str,
    length: Option<usize>,
    keep_alive: bool,
    location: Option<&str>,
) -> Vec<u8> {
    let reason = match status {
        200 => "OK",
        302 => "Found",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        411 => "Length Required",
        413 => "Content Too Large",
        431 => "Request Header Fields Too Large",
        _ => "Internal Server Error",
    };
    let mut head = format!("HTTP/1.1 {status} {reason}\r\nDate: {date}\r\n");
    head.push_str(&format!("Content-Type: {content_type}\r\n"));
    if let Some(length) = length {
        head.push_str(&format!("Content-Length: {length}\r\n"));
    }
    if let Some(location) = location {
        head.push_str(&format!("Location: {location}\r\n"));
    }
    head.push_str(if keep_alive { "Connection: keep-alive\r\n" } else { "Connection: close\r\n" });
    head.push_str("\r\n");
    head.into_bytes()
}

/// A connection whose first bytes were read already and are given again.
#[derive(Debug)]
pub(crate) struct Rewound {
    first: io::Cursor<Vec<u8>>,
    stream: TcpStream,
}

impl Rewound {
    pub fn new(first: Vec<u8>, stream: TcpStream) -> Self {
        Self { first: io::Cursor::new(first), stream }
    }
}

impl AsyncRead for Rewound {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        match Pin::new(&mut self.first).poll_read(context, buffer) {
            Poll::Ready(Ok(())) if buffer.filled().len() == before => {
                Pin::new(&mut self.stream).poll_read(context, buffer)
            }
            other => other,
        }
    }
}

impl AsyncWrite for Rewound {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_taken_apart_and_decoded() {
        let request = target("/openGateway//query/a%2Fb/1?sign=ab%3A1&x=a+b&y").unwrap();
        assert_eq!(request.segments, ["openGateway", "query", "a/b", "1"]);
        assert_eq!(request.parameter("sign"), Some("ab:1"));
        assert_eq!(request.parameter("x"), Some("a b"));
        assert_eq!(request.parameter("y"), Some(""));
        assert!(target("/%zz").is_none());
        assert!(target("/%f").is_none());
    }

    #[test]
    fn heads_that_lie_about_their_length_are_refused() {
        let status = |head: &str| match parse(head.as_bytes()) {
            Err(ReadError::Status(status)) => status,
            other => panic!("{other:?}"),
        };
        assert_eq!(status("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n"), 400);
        let two = "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n";
        assert_eq!(status(two), 400);
        assert_eq!(status("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"), 411);
        assert_eq!(status("\0\0\0\0\r\n\r\n"), 400);
        let many = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(65));
        assert_eq!(status(&many), 431);
    }
}
