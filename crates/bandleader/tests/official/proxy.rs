//! A door in front of `band serve` that says who comes: for clients that cannot send a token. Everything else passes as it is.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;

/// Listens until the test's process ends; where.
pub(crate) fn with_token(server: &str, token: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (server, token) = (server.to_owned(), token.to_owned());
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let (server, token) = (server.clone(), token.clone());
            // A client that leaves in the middle is none of our business.
            thread::spawn(move || drop(pass(client, &server, &token)));
        }
    });
    address
}

fn pass(client: TcpStream, server: &str, token: &str) -> std::io::Result<()> {
    let mut there = TcpStream::connect(server)?;
    let (mut back, mut to_client) = (there.try_clone()?, client.try_clone()?);
    thread::spawn(move || {
        let _ = std::io::copy(&mut back, &mut to_client);
        let _ = to_client.shutdown(Shutdown::Both);
    });
    let mut from = BufReader::new(client);
    loop {
        let (mut head, mut length) = (String::new(), 0);
        while !head.ends_with("\r\n\r\n") {
            if from.read_line(&mut head)? == 0 {
                return there.shutdown(Shutdown::Write);
            }
        }
        for line in head.lines() {
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        let mut body = vec![0; length];
        from.read_exact(&mut body)?;
        let head = head.trim_end();
        write!(there, "{head}\r\nAuthorization: Bearer {token}\r\n\r\n")?;
        there.write_all(&body)?;
    }
}
