//! Why nothing was measured, in words that name the thing and what to do.

use rustls::{CertificateError, Error as Tls};
use ureq::Error;

/// One sentence about a request that had no answer.
pub(crate) fn why(error: &Error, host: &str, limit: Option<u64>) -> String {
    match error {
        Error::Timeout(_) => {
            let within = limit.map_or_else(String::new, |limit| format!(" within {}", seconds(limit)));
            format!("{host} did not answer{within}: look whether it runs, or allow more by `timeout`")
        }
        Error::HostNotFound => unknown(host),
        Error::ConnectionFailed => no_connection(host),
        Error::Rustls(error) => certificate(error, host),
        Error::Io(error) => match error.get_ref().and_then(|inner| inner.downcast_ref::<Tls>()) {
            Some(error) => certificate(error, host),
            // What the system's resolver says has no kind of its own.
            None if error.to_string().contains("failed to lookup address") => unknown(host),
            None if error.kind() == std::io::ErrorKind::ConnectionRefused => {
                format!("{host} takes no connection: nothing listens there; look whether it runs, and at the port")
            }
            None => format!("{host} did not answer: {error}"),
        },
        other => format!("{host} gave no answer that can be read: {other}"),
    }
}

/// Milliseconds in words.
pub(crate) fn seconds(limit: u64) -> String {
    match limit / 1000 {
        1 => "1 second".to_owned(),
        more => format!("{more} seconds"),
    }
}

/// The reason in terms of TLS of an error that holds one.
pub(crate) fn tls_of<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e Tls> {
    let mut next = Some(error);
    while let Some(one) = next {
        let within = one.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if let Some(found) = one.downcast_ref().or_else(|| within?.downcast_ref()) {
            return Some(found);
        }
        next = one.source();
    }
    None
}

/// A server that speaks in the open where its entry wants TLS.
pub(crate) fn no_tls(host: &str) -> String {
    format!(
        "{host} offers no TLS: turn it on there; or, if what is asked may pass the network in the open, write `?sslmode=disable` into the address of the entry"
    )
}

pub(crate) fn no_connection(host: &str) -> String {
    format!("{host} takes no connection: look whether it runs, and at the port")
}

pub(crate) fn unknown(host: &str) -> String {
    format!("the host {host} is not known: look at the name, and at this machine's DNS")
}

pub(crate) fn certificate(error: &Tls, host: &str) -> String {
    if matches!(error, Tls::InvalidMessage(_)) {
        return format!(
            "{host} speaks no TLS at that port: look at the port, and whether its address is to ask for TLS (`https`) at all"
        );
    }
    let Tls::InvalidCertificate(wrong) = error else {
        return format!("no secure connection to {host} can be made: {error}");
    };
    match wrong {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            format!("the certificate of {host} has expired: renew it there; nothing was sent")
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            format!(
                "the certificate of {host} is not valid yet: look at it, and at this machine's clock; nothing was sent"
            )
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => format!(
            "the certificate of {host} is for another name: use the name that it is for, or have it made for this one; nothing was sent"
        ),
        CertificateError::Revoked => {
            format!("the certificate of {host} was revoked: renew it there; nothing was sent")
        }
        CertificateError::UnknownIssuer | CertificateError::BadSignature => format!(
            "the certificate of {host} comes from nobody whom this machine trusts: add its authority to this machine, or name a file with it by `ca`; nothing was sent"
        ),
        other => format!("the certificate of {host} is not accepted ({other:?}): look at it there; nothing was sent"),
    }
}
