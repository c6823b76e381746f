//! Where a server of HTTP is, as a target of a playbook says it (section 7.7).

use std::{
    net::{Ipv4Addr, Ipv6Addr},
    sync::LazyLock,
};

use regex::Regex;
use serde_json::{Map, Value, json};

/// A use of a variable, at the beginning of a text.
static VARIABLE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^__[A-Za-z][A-Za-z0-9_-]*?__:value").ok());

/// The target that is the server which an address begins with, such as `https://shop.example:8443`. Variables in it are those of
/// the playbook.
pub(super) fn target(base: &str) -> Map<String, Value> {
    let mut target = Map::new();
    target.insert("type".to_owned(), json!("http-api"));
    target.insert("name".to_owned(), json!(base));
    let Some((scheme, authority)) = base.split_once("://") else {
        // The variable that it begins with holds the scheme: only a whole address can stand here.
        target.insert("address".to_owned(), json!({ "url": [base] }));
        return target;
    };
    let (host, port) = host_and_port(authority);
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let address = if is_plain_url(host) {
        json!({ "url": [base] })
    } else if host.parse::<Ipv4Addr>().is_ok() {
        json!({ "ipv4": [host] })
    } else if bare.parse::<Ipv6Addr>().is_ok() {
        json!({ "ipv6": [bare] })
    } else {
        json!({ "dname": [host] })
    };
    target.insert("address".to_owned(), address);
    target.insert("port".to_owned(), json!(port.unwrap_or(if scheme == "https" { "443" } else { "80" })));
    target
}

/// Whether a playbook says of this server by which scheme it is asked.
pub(super) fn says_scheme(base: &str) -> bool {
    let Some((scheme, authority)) = base.split_once("://") else { return true };
    let (host, port) = host_and_port(authority);
    is_plain_url(host) || port.is_none() || matches!((scheme, port), ("http", Some("80")) | ("https", Some("443")))
}

/// Whether OASIS's schema of a playbook takes an address of this host as a URL: it wants a last part of two to six letters. The
/// specification does not; what a schema refuses is of no use to whoever reads by one.
fn is_plain_url(host: &str) -> bool {
    let parts: Vec<&str> = host.split('.').collect();
    let ends = |part: &&str| (2..=6).contains(&part.len()) && part.bytes().all(|letter| letter.is_ascii_lowercase());
    parts.len() > 1 && parts.last().is_some_and(ends) && !parts[0].is_empty()
}

/// `host:port`, where either may be a variable, which has a colon too.
fn host_and_port(authority: &str) -> (&str, Option<&str>) {
    if let Some((host, rest)) = authority.starts_with('[').then(|| authority.split_once(']')).flatten() {
        return (&authority[..=host.len()], rest.strip_prefix(':').filter(|port| !port.is_empty()));
    }
    let mut at = 0;
    while at < authority.len() {
        let rest = &authority[at..];
        if let Some(variable) = VARIABLE.as_ref().and_then(|variable| variable.find(rest)) {
            at += variable.end();
        } else if let Some(port) = rest.strip_prefix(':') {
            return (&authority[..at], Some(port).filter(|port| !port.is_empty()));
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    (authority, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_of_the_kind_that_it_is_and_has_its_port() {
        for (base, address, port) in [
            ("https://shop.example.com", json!({ "url": ["https://shop.example.com"] }), "443"),
            ("http://shop.example.org:8080", json!({ "url": ["http://shop.example.org:8080"] }), "8080"),
            ("https://shop.example", json!({ "dname": ["shop.example"] }), "443"),
            ("http://localhost:9090", json!({ "dname": ["localhost"] }), "9090"),
            ("http://127.0.0.1", json!({ "ipv4": ["127.0.0.1"] }), "80"),
            ("http://[::1]:9090", json!({ "ipv6": ["::1"] }), "9090"),
            ("http://__HOST__:value:__PORT__:value", json!({ "dname": ["__HOST__:value"] }), "__PORT__:value"),
            ("https://__HOST__:value.example.com", json!({ "url": ["https://__HOST__:value.example.com"] }), "443"),
        ] {
            let made = target(base);
            assert_eq!((&made["address"], &made["port"]), (&address, &json!(port)), "{base}");
        }
    }

    #[test]
    fn a_variable_that_begins_an_address_is_all_of_it_and_nothing_is_guessed() {
        let made = target("__API__:value");
        assert_eq!((&made["address"], made.get("port")), (&json!({ "url": ["__API__:value"] }), None));
    }

    #[test]
    fn a_scheme_is_said_by_an_address_or_by_the_port_that_it_has() {
        let said: Vec<bool> =
            ["http://localhost:9090", "https://localhost:8443", "http://localhost", "https://a.com:1", "__A__:value"]
                .iter()
                .map(|base| says_scheme(base))
                .collect();
        assert_eq!(said, [false, false, true, true, true]);
    }
}
