//! Whether links answer, asked only when a person wants to know: one request each, to the address itself, without anything of
//! the person in it.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use ureq::{
    Agent, Error,
    tls::{RootCerts, TlsConfig},
};

/// How long one may take, redirects and all.
const PATIENCE: Duration = Duration::from_secs(15);
/// How many are asked at the same time.
const AT_ONCE: usize = 8;
/// What a server says that takes no `HEAD`.
const NO_HEAD: [u16; 3] = [403, 405, 501];

/// What came of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It answered with this status of HTTP (RFC 9110); from 400 on it refused.
    Status(u16),
    /// It did not answer; a sentence why.
    Nothing(String),
    /// It cannot be asked: only `http` and `https` can.
    NotAsked,
}

impl Answer {
    /// Whether it is there. One that wants to know who asks is.
    #[must_use]
    pub fn is_there(&self) -> bool {
        matches!(self, Self::Status(200..=399 | 401 | 403 | 407))
    }
}

/// Asks each address, as [`crate::Schemes::check`] gives it, whether it answers; the answers in their order.
#[must_use]
pub fn ask(addresses: &[String]) -> Vec<Answer> {
    let agent = agent();
    let next = AtomicUsize::new(0);
    let answers = Mutex::new(vec![Answer::NotAsked; addresses.len()]);
    thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(addresses.len()) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(address) = addresses.get(at) else { break };
                    let answer = ask_one(&agent, address);
                    if let Some(place) = answers.lock().unwrap_or_else(PoisonError::into_inner).get_mut(at) {
                        *place = answer;
                    }
                }
            });
        }
    });
    answers.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn agent() -> Agent {
    // What this machine trusts, the authority of a company among it.
    let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
    Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .http_status_as_error(false)
        .max_redirects(5)
        .user_agent("allgood")
        .tls_config(tls)
        .build()
        .into()
}

fn ask_one(agent: &Agent, address: &str) -> Answer {
    if !["http://", "https://"].iter().any(|scheme| address.starts_with(scheme)) {
        return Answer::NotAsked;
    }
    let status = match agent.head(address).call() {
        Ok(response) if NO_HEAD.contains(&response.status().as_u16()) => agent.get(address).call(),
        other => other,
    };
    match status {
        Ok(response) => Answer::Status(response.status().as_u16()),
        Err(error) => Answer::Nothing(why(&error)),
    }
}

fn why(error: &Error) -> String {
    match error {
        Error::Timeout(_) => format!("nothing came within {} seconds", PATIENCE.as_secs()),
        Error::HostNotFound => "its host is not known".to_owned(),
        Error::ConnectionFailed => "nobody takes the connection".to_owned(),
        Error::TooManyRedirects => "it leads on and on".to_owned(),
        Error::Io(error) => error.to_string(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead as _, BufReader, Write as _},
        net::TcpListener,
    };

    use super::*;

    /// A server that answers each request by its path, and the requests that came.
    fn serve(requests: usize) -> (String, thread::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let serving = thread::spawn(move || {
            let answer = |stream: std::net::TcpStream| {
                let mut reader = BufReader::new(&stream);
                let mut first = String::new();
                reader.read_line(&mut first).unwrap();
                let mut head = first.clone();
                loop {
                    let mut line = String::new();
                    if reader.read_line(&mut line).unwrap() == 0 || line == "\r\n" {
                        break;
                    }
                    head.push_str(&line);
                }
                let status = match first.split(' ').nth(1).unwrap() {
                    "/gone" => "404 Not Found",
                    "/who" => "401 Unauthorized",
                    "/moved" => "302 Found\r\nLocation: /here",
                    "/get" if first.starts_with("HEAD") => "405 Method Not Allowed",
                    _ => "200 OK",
                };
                write!(&stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
                head
            };
            listener.incoming().take(requests).map(|stream| answer(stream.unwrap())).collect()
        });
        (address, serving)
    }

    #[test]
    fn a_link_that_answers_is_told_from_one_that_does_not_and_nothing_of_the_person_is_sent() {
        let (server, serving) = serve(7);
        let unused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let addresses: Vec<String> = ["/here", "/gone", "/who", "/moved", "/get"]
            .into_iter()
            .map(|path| format!("{server}{path}"))
            .chain([format!("http://{unused}/"), "mailto:ada@example.org".to_owned()])
            .collect();
        let answers = ask(&addresses);
        assert_eq!(
            answers[..5],
            [200, 404, 401, 200, 200].map(Answer::Status),
            "a redirect is followed, and a server that takes no HEAD is asked with GET"
        );
        assert!(matches!(answers[5], Answer::Nothing(_)), "{:?}", answers[5]);
        assert_eq!(answers[6], Answer::NotAsked);
        let there: Vec<bool> = answers.iter().map(Answer::is_there).collect();
        assert_eq!(there, [true, false, true, true, true, false, false]);
        for head in serving.join().unwrap() {
            let head = head.to_lowercase();
            assert!(!["cookie", "authorization", "referer"].iter().any(|name| head.contains(name)), "{head}");
        }
    }
}
