//! Where a message may go: the public internet, and hosts that people have named. Whoever may write a configuration must not be able
//! to make this machine talk to its neighbours.
//!
//! The address that was looked at is the one that is connected to: a name that means another one a moment later gains nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs as _};

use reqwest::Url;

/// A place that was looked at.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) url: Url,
    /// The host, if it is a name.
    pub(super) name: Option<String>,
    /// Its addresses, all of which may be talked to.
    pub(super) addresses: Vec<SocketAddr>,
}

/// Looks at an address, and its name up.
///
/// # Errors
/// In words for people: it is none, it is not allowed, nobody knows the name.
pub(super) fn look(url: &str, allow: &[String]) -> Result<Place, String> {
    let url = Url::parse(url).map_err(|error| format!("`url` is no address: {error}"))?;
    let host = url.host_str().ok_or("`url` has no host")?.trim_matches(['[', ']']).to_ascii_lowercase();
    let is_allowed = allow.iter().any(|name| name.trim_matches(['[', ']']).eq_ignore_ascii_case(&host));
    match url.scheme() {
        "https" => (),
        "http" if is_allowed => (),
        "http" => return Err(format!("`http` is not encrypted: use `https`, or name `{host}` in `allow`")),
        other => return Err(format!("`{other}` is not `https`")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("`url` has a password in it; the signature says who we are".into());
    }
    let port = url.port_or_known_default().unwrap_or(443);
    let literal: Option<IpAddr> = host.parse().ok();
    let addresses: Vec<SocketAddr> = match literal {
        Some(address) => vec![SocketAddr::new(address, port)],
        None => (host.as_str(), port)
            .to_socket_addrs()
            .map_err(|error| format!("`{host}` is not known: {error}"))?
            .collect(),
    };
    if let Some(private) = addresses.iter().find(|address| !is_allowed && !is_public(address.ip())) {
        let private = private.ip();
        return Err(format!(
            "`{host}` is {private}, which is not on the public internet; name the host in `allow` if that is meant"
        ));
    }
    if addresses.is_empty() {
        return Err(format!("`{host}` has no address"));
    }
    Ok(Place { url, name: literal.is_none().then_some(host), addresses })
}

/// Whether everybody could reach it. What is reserved for anything is not.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// By the IANA registry of special-purpose addresses.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let reserved = a == 0
        || a >= 224
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && (c == 0 || c == 2))
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19));
    !(reserved
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation())
}

/// Only 2000::/3 is given out; of that, what carries another address within counts as that one.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let inner = |high: u16, low: u16| {
        let [one, two] = high.to_be_bytes();
        let [three, four] = low.to_be_bytes();
        is_public_v4(Ipv4Addr::new(one, two, three, four))
    };
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            inner(high, low)
        }
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_internet_is_public() {
        for public in ["1.1.1.1", "8.8.8.8", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for private in [
            "127.0.0.1",
            "127.9.9.9",
            "0.0.0.0",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "192.0.2.1",
            "198.18.0.1",
            "203.0.113.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::127.0.0.1",
            "2002:7f00:1::",
            "2002:a00:1::",
            "2001::1",
            "2001:db8::1",
            "::127.0.0.1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
    }

    #[test]
    fn a_place_is_refused_unless_it_is_public_or_named() {
        let check = |url: &str, allow: &[&str]| {
            let allow: Vec<String> = allow.iter().map(|&name| name.to_owned()).collect();
            look(url, &allow)
                .map(|place| place.addresses.len())
                .map_err(|words| words.chars().take(30).collect::<String>())
        };
        assert!(check("https://127.0.0.1/x", &[]).unwrap_err().contains("127.0.0.1"));
        assert!(check("https://[::1]/x", &[]).unwrap_err().contains("::1"));
        assert!(check("https://0x7f.1/", &[]).unwrap_err().contains("127.0.0.1"), "other spellings of it");
        assert!(check("https://2130706433/", &[]).unwrap_err().contains("127.0.0.1"));
        assert!(check("https://localhost/", &[]).unwrap_err().contains("localhost"));
        assert!(check("http://8.8.8.8/", &[]).unwrap_err().contains("`http` is not encrypted"));
        assert!(check("https://u:p@8.8.8.8/", &[]).unwrap_err().contains("password"));
        assert!(check("file:///etc/passwd", &["localhost"]).is_err());
        assert_eq!(check("https://8.8.8.8/", &[]), Ok(1));
        assert_eq!(check("http://127.0.0.1:8080/x", &["127.0.0.1"]), Ok(1));
        assert!(check("http://127.0.0.2/x", &["127.0.0.1"]).is_err(), "only the one that was named");
    }
}
