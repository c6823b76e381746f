//! Sends a request and takes its answer.

use std::{
    io::Read as _,
    path::Path,
    time::{Duration, Instant},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use format::{Order, measure::http::Request};
use ureq::{
    Agent,
    http::{self, Uri},
    tls::{Certificate, RootCerts, TlsConfig},
};

use crate::{
    answer::{Answer, LARGEST},
    said::why,
    trust,
};

/// How often an answer may lead elsewhere.
const REDIRECTS: usize = 10;

/// Sends it and follows where it leads, if it only reads.
///
/// # Errors
/// One sentence: why there is no answer.
pub(crate) fn ask(request: &Request, order: &Order) -> Result<Answer, String> {
    let agent = agent(order)?;
    let began = Instant::now();
    let until = order.limit_ms.map(|limit| began + Duration::from_millis(limit));
    let mut here = address(&request.address)?;
    let mut method = request.method.as_str();
    let mut own = true;
    let mut asked = vec![format!("{method} {here}")];
    loop {
        let host = host(&here);
        let wrong = |error: &ureq::Error| why(error, &host, order.limit_ms);
        let mut building = http::Request::builder().method(method).uri(here.clone());
        // What was written for one server is not shown to another.
        for (name, value) in request.headers.iter().filter(|_| own) {
            building = building.header(name, authorization(name, value));
        }
        let body = request.body.as_deref().filter(|_| own).unwrap_or_default().as_bytes().to_vec();
        let built = building.body(body).map_err(|error| format!("the request cannot be sent: {error}"))?;
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        let built = agent.configure_request(built).timeout_global(left).build();
        let mut response = agent.run(built).map_err(|error| wrong(&error))?;
        let first = began.elapsed();
        let status = response.status();
        let leads = leads_to(&here, &response).filter(|_| !request.stays && request.is_safe());
        if let Some(next) = leads {
            if asked.len() > REDIRECTS {
                return Err(format!("{host} leads on and on: it was followed {REDIRECTS} times"));
            }
            let next = next?;
            own &= origin(&next) == origin(&here);
            asked.push(format!("{status} leads to {next}"));
            if status == 303 && method != "HEAD" {
                method = "GET";
            }
            here = next;
            continue;
        }
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
        let headers = headers.collect();
        let version = format!("{:?}", response.version());
        let mut body = Vec::new();
        let most = u64::try_from(LARGEST).unwrap_or(u64::MAX).saturating_add(1);
        response.body_mut().as_reader().take(most).read_to_end(&mut body).map_err(|error| match error.into() {
            ureq::Error::Io(error) => format!("the answer of {host} broke off: {error}"),
            other => wrong(&other),
        })?;
        let cut = body.len() > LARGEST;
        body.truncate(LARGEST);
        let reason = status.canonical_reason().unwrap_or_default().to_owned();
        let all = began.elapsed();
        return Ok(Answer { asked, version, status: status.as_u16(), reason, headers, body, cut, first, all });
    }
}

fn agent(order: &Order) -> Result<Agent, String> {
    let roots = match &order.measured.ca {
        // What this machine trusts, the authority of a company among it.
        None => RootCerts::PlatformVerifier,
        Some(file) => {
            let found = trust::certificates(&Path::new(&order.folder).join(file))?;
            RootCerts::from(found.iter().map(|one| Certificate::from_der(one).to_owned()).collect::<Vec<_>>())
        }
    };
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .allow_non_standard_methods(true)
        .user_agent("allgood")
        .tls_config(TlsConfig::builder().root_certs(roots).build());
    Ok(config.build().into())
}

fn address(written: &str) -> Result<Uri, String> {
    // A fragment is the reader's, not the server's.
    let bare = written.split('#').next().unwrap_or_default();
    let uri: Uri = bare.parse().map_err(|error| format!("the address cannot be read: {error}"))?;
    match uri.scheme_str() {
        Some("http" | "https") if uri.host().is_some_and(|host| !host.is_empty()) => {}
        _ => return Err("the address begins with neither http:// nor https:// and a host: look at the variable that it begins with".to_owned()),
    }
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err("the address holds a user or a password: write a header `Authorization: Basic {{USER}} {{PASSWORD}}` instead".to_owned());
    }
    Ok(uri)
}

/// The host, with its port where one is named.
fn host(uri: &Uri) -> String {
    uri.authority().map_or_else(String::new, ToString::to_string)
}

fn origin(uri: &Uri) -> (Option<&str>, Option<&str>, u16) {
    let usual = if uri.scheme_str() == Some("https") { 443 } else { 80 };
    (uri.scheme_str(), uri.host(), uri.port_u16().unwrap_or(usual))
}

/// Where an answer leads, if it leads elsewhere.
fn leads_to<B>(here: &Uri, response: &http::Response<B>) -> Option<Result<Uri, String>> {
    if ![301, 302, 303, 307, 308].contains(&response.status().as_u16()) {
        return None;
    }
    let written = response.headers().get("location")?;
    let joined = || {
        let written = written.to_str().ok()?;
        let next = url::Url::parse(&here.to_string()).ok()?.join(written).ok()?;
        address(next.as_str()).ok()
    };
    Some(joined().ok_or_else(|| {
        format!("{} leads to an address that cannot be followed: look at its header `location`", host(here))
    }))
}

/// `Basic user password` and `Basic user:password`, as REST clients take them; everything else goes as it is.
fn authorization(name: &str, value: &str) -> String {
    let plain = || value.to_owned();
    if !name.eq_ignore_ascii_case("authorization") {
        return plain();
    }
    let Some((scheme, rest)) = value.split_once(' ') else { return plain() };
    let rest = rest.trim();
    let pair = rest.split_once(' ').or_else(|| rest.split_once(':'));
    match pair.filter(|_| scheme.eq_ignore_ascii_case("basic")) {
        Some((user, password)) => {
            format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{}", password.trim_start())))
        }
        None => plain(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_and_a_password_become_what_the_server_reads() {
        for (value, sent) in [
            ("Basic ann pass word", "Basic YW5uOnBhc3Mgd29yZA=="),
            ("Basic ann:pw", "Basic YW5uOnB3"),
            ("Basic YW5uOnB3", "Basic YW5uOnB3"),
            ("Bearer a:b", "Bearer a:b"),
        ] {
            assert_eq!(authorization("Authorization", value), sent, "{value}");
        }
        assert_eq!(authorization("X-Key", "Basic ann:pw"), "Basic ann:pw");
    }
}
