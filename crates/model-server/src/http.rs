//! As much of HTTP/1.1 as agents and their runtimes use: requests with a length or in chunks, connections that are kept, answers
//! with a length or in chunks. Bodies are bounded; what is not understood is refused, and the connection closed.

use std::io::{self, BufRead, Read, Write};

/// Longest body that is taken. Prompts of agents with all their tools are below 1 MB.
const MOST_BODY: usize = 10 * 1024 * 1024;
/// Longest head of a request, and longest line of a chunk's size.
const MOST_HEAD: u64 = 64 * 1024;

/// A request. Names of headers are in lower case, in their order.
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query, as they were sent.
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// Why there is no request.
pub(crate) enum NoRequest {
    /// The other side closed, or never said anything sensible to answer.
    Closed,
    /// To be answered with this status and text, and closed.
    Refused(u16, &'static str),
}

impl From<io::Error> for NoRequest {
    fn from(_: io::Error) -> NoRequest {
        NoRequest::Closed
    }
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// Whether the other side will send more on this connection.
    pub(crate) fn keeps(&self) -> bool {
        !self.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }
}

/// Reads the next request; `out` is for the word that some clients wait for before they send a large body.
pub(crate) fn read(from: &mut impl BufRead, out: &mut impl Write) -> Result<Request, NoRequest> {
    let mut head = from.take(MOST_HEAD);
    let first = line(&mut head)?;
    let mut words = first.split(' ');
    let (Some(method), Some(target), Some(version)) = (words.next(), words.next(), words.next()) else {
        return Err(if first.is_empty() { NoRequest::Closed } else { NoRequest::Refused(400, "not a request line") });
    };
    if !version.starts_with("HTTP/1.") {
        return Err(NoRequest::Refused(505, "only HTTP/1.1 is spoken here"));
    }
    let mut request =
        Request { method: method.to_owned(), target: target.to_owned(), headers: Vec::new(), body: Vec::new() };
    loop {
        let text = line(&mut head)?;
        if text.is_empty() {
            break;
        }
        let Some((name, value)) = text.split_once(':') else {
            return Err(NoRequest::Refused(400, "a header without a colon"));
        };
        request.headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
    }
    let chunked = request.header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked"));
    let length = match request.header("content-length").map(str::parse::<usize>) {
        Some(Ok(length)) if length > MOST_BODY => return Err(NoRequest::Refused(413, "the body is too large")),
        Some(Ok(length)) => length,
        Some(Err(_)) => return Err(NoRequest::Refused(400, "content-length is not a number")),
        None => 0,
    };
    if request.header("expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue")) {
        out.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        out.flush()?;
    }
    if chunked {
        request.body = chunks(from)?;
    } else {
        request.body = vec![0; length];
        from.read_exact(&mut request.body)?;
    }
    Ok(request)
}

fn chunks(from: &mut impl BufRead) -> Result<Vec<u8>, NoRequest> {
    let mut body = Vec::new();
    loop {
        let text = line(&mut from.take(MOST_HEAD))?;
        let size = text.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16).map_err(|_| NoRequest::Refused(400, "not the size of a chunk"))?;
        let before = body.len();
        if size > MOST_BODY - before {
            return Err(NoRequest::Refused(413, "the body is too large"));
        }
        body.resize(before + size, 0);
        from.read_exact(body.get_mut(before..).unwrap_or_default())?;
        // After a chunk its end of line; after the last one, headers that nobody needs, up to an empty line.
        while !line(&mut from.take(MOST_HEAD))?.is_empty() && size == 0 {}
        if size == 0 {
            return Ok(body);
        }
    }
}

/// A line without its end.
fn line(from: &mut impl BufRead) -> Result<String, NoRequest> {
    let mut bytes = Vec::new();
    from.read_until(b'\n', &mut bytes)?;
    if bytes.pop() != Some(b'\n') {
        return Err(NoRequest::Closed);
    }
    if bytes.last() == Some(&b'\r') {
        bytes.pop();
    }
    String::from_utf8(bytes).map_err(|_| NoRequest::Refused(400, "a head that is not text"))
}

/// The head of an answer whose body comes in chunks.
pub(crate) fn begin(out: &mut impl Write, status: u16, headers: &[(String, String)]) -> io::Result<()> {
    head(out, status, headers)?;
    out.write_all(b"transfer-encoding: chunked\r\n\r\n")?;
    out.flush()
}

/// A piece of a body that comes in chunks. An empty one would end it, and is left out.
pub(crate) fn chunk(out: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    if bytes.is_empty() {
        return Ok(());
    }
    write!(out, "{:x}\r\n", bytes.len())?;
    out.write_all(bytes)?;
    out.write_all(b"\r\n")?;
    out.flush()
}

/// The end of a body that comes in chunks.
pub(crate) fn end(out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"0\r\n\r\n")?;
    out.flush()
}

/// A whole answer. `sent` bytes of its body are written, which is less than it announces where it is to be cut.
pub(crate) fn whole(
    out: &mut impl Write,
    status: u16,
    headers: &[(String, String)],
    body: &[u8],
    sent: usize,
) -> io::Result<()> {
    head(out, status, headers)?;
    write!(out, "content-length: {}\r\n\r\n", body.len())?;
    out.write_all(body.get(..sent).unwrap_or(body))?;
    out.flush()
}

fn head(out: &mut impl Write, status: u16, headers: &[(String, String)]) -> io::Result<()> {
    write!(out, "HTTP/1.1 {status} {}\r\n", reason(status))?;
    headers.iter().try_for_each(|(name, value)| write!(out, "{name}: {value}\r\n"))
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        408 => "Request Timeout",
        413 => "Payload Too Large",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        529 => "Overloaded",
        _ => "Status",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(request: &str) -> Result<String, u16> {
        match read(&mut request.as_bytes(), &mut Vec::new()) {
            Ok(request) => Ok(String::from_utf8(request.body).unwrap()),
            Err(NoRequest::Refused(status, _)) => Err(status),
            Err(NoRequest::Closed) => Err(0),
        }
    }

    #[test]
    fn a_body_comes_with_a_length_or_in_chunks() {
        assert_eq!(body("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcd"), Ok("abc".into()));
        let chunked =
            "POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n2;x=1\r\nab\r\n1\r\nc\r\n0\r\nTrailer: x\r\n\r\n";
        assert_eq!(body(chunked), Ok("abc".into()));
        assert_eq!(body("GET / HTTP/1.1\r\n\r\n"), Ok(String::new()));
    }

    #[test]
    fn what_is_not_a_request_is_refused() {
        assert_eq!(body(""), Err(0));
        assert_eq!(body("GET / HTTP/1.1\r\nno colon\r\n\r\n"), Err(400));
        assert_eq!(body("GET / HTTP/2\r\n\r\n"), Err(505));
        assert_eq!(body("POST / HTTP/1.1\r\ncontent-length: 10485761\r\n\r\n"), Err(413));
        assert_eq!(body("POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nfffffff\r\n"), Err(413));
        assert_eq!(body("POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n"), Err(400));
        assert_eq!(body("POST / HTTP/1.1\r\ncontent-length: 9\r\n\r\nshort"), Err(0));
    }

    #[test]
    fn a_client_that_waits_for_leave_gets_it() {
        let mut out = Vec::new();
        let request = "POST / HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 1\r\n\r\na";
        assert!(read(&mut request.as_bytes(), &mut out).is_ok());
        assert_eq!(out, b"HTTP/1.1 100 Continue\r\n\r\n");
    }
}
