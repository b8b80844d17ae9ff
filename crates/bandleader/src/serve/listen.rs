//! The door to the street: takes connections, so many at a time, and gives up on those that send or take nothing.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_io_timeout::TimeoutStream;
use tower::Service as _;

/// The head of a request must be there within this time.
const HEAD: Duration = Duration::from_secs(10);
/// A client that takes nothing of what was sent for so long is gone.
const UNTAKEN: Duration = Duration::from_secs(30);
/// The longest head of a request.
const LONGEST_HEAD: usize = 32 << 10;
/// One who is turned away has this long to go.
const PARTING: Duration = Duration::from_secs(1);
/// After the word to end, requests that are at work have this long.
const FAREWELL: Duration = Duration::from_secs(3);

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub SocketAddr);

/// Serves until `closing` says so.
pub(super) async fn serve(listener: TcpListener, router: Router, most: usize, mut closing: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(most));
    loop {
        let taken = tokio::select! {
            taken = listener.accept() => taken,
            _ = closing.wait_for(|closing| *closing) => break,
        };
        match taken {
            Ok((stream, from)) => match Arc::clone(&places).try_acquire_owned() {
                Ok(place) => {
                    let (router, closing) = (router.clone(), closing.clone());
                    tokio::spawn(async move {
                        talk(stream, from, router, closing).await;
                        drop(place);
                    });
                }
                Err(_) => drop(tokio::spawn(turn_away(stream))),
            },
            // No descriptors are left, or the client has gone already: whoever waits is taken a moment later.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
    let all = u32::try_from(most).unwrap_or(u32::MAX);
    let _ = tokio::time::timeout(FAREWELL, places.acquire_many(all)).await;
}

async fn talk(stream: TcpStream, from: SocketAddr, router: Router, mut closing: watch::Receiver<bool>) {
    // Events are small and wanted at once.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(UNTAKEN));
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut router = router.clone();
        async move {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(Peer(from));
            Ok::<_, Infallible>(router.call(request).await.unwrap_or_else(|never| match never {}))
        }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(LONGEST_HEAD);
    let connection = builder.serve_connection(TokioIo::new(Box::pin(stream)), service);
    tokio::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = closing.wait_for(|closing| *closing) => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

/// One too many: told so, and closed.
async fn turn_away(mut stream: TcpStream) -> io::Result<()> {
    const BODY: &str = "{\"type\":\"urn:bandleader:problem:full\",\"title\":\"Too many connections\",\"status\":503,\
        \"detail\":\"the server has as many connections as it takes; try again in a while\"}";
    let head = "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\nRetry-After: 5\r\nConnection: close";
    let words = format!("{head}\r\nContent-Length: {}\r\n\r\n{BODY}", BODY.len());
    let _ = tokio::time::timeout(HEAD, stream.write_all(words.as_bytes())).await;
    stream.shutdown().await?;
    // What it has sent is taken: to close before that would take the answer away from it.
    let mut unread = [0; 4096];
    let _ = tokio::time::timeout(PARTING, async { while matches!(stream.read(&mut unread).await, Ok(1..)) {} }).await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use axum::routing::get;

    use super::*;

    /// What a connection is that sends this and then takes nothing, until it is given up; and how long that takes. The clock goes on
    /// by itself whenever nothing else can.
    async fn given_up(words: &[u8]) -> Duration {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        client.write_all(words).await.unwrap();
        let (stream, from) = listener.accept().await.unwrap();
        let router = Router::new().route("/", get(async || vec![b'x'; 64 << 20]));
        let (_open, closing) = watch::channel(false);
        let begun = tokio::time::Instant::now();
        talk(stream, from, router, closing).await;
        begun.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_takes_nothing_or_sends_nothing_is_cut_off() {
        let whole = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";
        assert!(given_up(whole).await >= UNTAKEN, "it takes nothing of a large answer");
        assert!(given_up(b"").await >= HEAD, "it says nothing");
        assert!(given_up(&whole[..20]).await >= HEAD, "it does not end its head");
    }
}
