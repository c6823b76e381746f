//! A real server of HTTP on the loopback, with and without TLS, that answers by path and remembers what it was asked.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead as _, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    thread,
};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::{ServerConfig, ServerConnection, StreamOwned, crypto::ring};

/// What is wrong with the certificate of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// Nothing: the authority of [`Web::ca`] made it for 127.0.0.1.
    Right,
    /// Nobody but itself says who it is.
    SelfSigned,
    /// It was right until 2020.
    Expired,
    /// The authority made it for another name.
    WrongName,
}

/// The server. Its thread lives as long as the test.
pub struct Web {
    folder: tempfile::TempDir,
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
    said: Arc<Mutex<BTreeMap<String, String>>>,
}

impl Web {
    /// One without TLS.
    #[must_use]
    pub fn plain() -> Self {
        Self::start(None)
    }

    /// One with TLS and such a certificate.
    #[must_use]
    pub fn secure(certificate: Certificate) -> Self {
        Self::start(Some(certificate))
    }

    fn start(certificate: Option<Certificate>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let tls = certificate.map(|certificate| Arc::new(configured(folder.path(), certificate)));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let address = format!("{scheme}://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let said = Arc::<Mutex<BTreeMap<String, String>>>::default();
        let (log, says) = (Arc::clone(&asked), Arc::clone(&said));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (tls, log, says) = (tls.clone(), Arc::clone(&log), Arc::clone(&says));
                thread::spawn(move || match tls {
                    None => serve(stream, &log, &says),
                    Some(tls) => serve(StreamOwned::new(ServerConnection::new(tls).unwrap(), stream), &log, &says),
                });
            }
        });
        Self { folder, address, asked, said }
    }

    /// From now on it says so at a path, as plain text.
    pub fn says(&self, path: &str, text: &str) {
        self.said.lock().unwrap().insert(path.to_owned(), text.to_owned());
    }

    /// Where it is, without a path: `http://127.0.0.1:4711`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The certificate of the authority.
    #[must_use]
    pub fn ca(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// What it was asked, head and body, in order.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// Writes `ca.pem`, and `cert.pem` and `key.pem` of a server, into a folder.
pub(crate) fn issue(folder: &Path, certificate: Certificate) -> (rcgen::Certificate, KeyPair) {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.distinguished_name.push(DnType::CommonName, "An authority of tests");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    fs::write(folder.join("ca.pem"), authority.self_signed(&authority_key).unwrap().pem()).unwrap();
    let authority = Issuer::new(authority, authority_key);
    let name = if certificate == Certificate::WrongName { "shop.example" } else { "127.0.0.1" };
    let mut own = CertificateParams::new(vec![name.to_owned()]).unwrap();
    if certificate == Certificate::Expired {
        (own.not_before, own.not_after) = (date_time_ymd(2019, 1, 1), date_time_ymd(2020, 1, 1));
    }
    let key = KeyPair::generate().unwrap();
    let own = match certificate {
        Certificate::SelfSigned => own.self_signed(&key),
        _ => own.signed_by(&key, &authority),
    };
    let own = own.unwrap();
    fs::write(folder.join("cert.pem"), own.pem()).unwrap();
    fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
    (own, key)
}

fn configured(folder: &Path, certificate: Certificate) -> ServerConfig {
    let (own, key) = issue(folder, certificate);
    ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.der().clone()], key.serialize_der().try_into().unwrap())
        .unwrap()
}

/// Answers one request.
fn serve(mut stream: impl Read + Write, log: &Mutex<Vec<String>>, said: &Mutex<BTreeMap<String, String>>) {
    let Some((head, body)) = request(&mut stream) else { return };
    log.lock().unwrap().push(format!("{head}\r\n{body}"));
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let json = "Content-Type: application/json";
    let bare = path.split('?').next().unwrap_or_default();
    let told = said.lock().unwrap().get(bare).cloned();
    let (status, header, text) = match bare {
        _ if told.is_some() => ("200 OK", "Content-Type: text/plain".to_owned(), told.unwrap_or_default()),
        "/health" => ("200 OK", json.to_owned(), r#"{"status":"ok","queue":3}"#.to_owned()),
        "/broken" => ("503 Service Unavailable", json.to_owned(), r#"{"status":"down"}"#.to_owned()),
        "/text" => ("200 OK", "Content-Type: text/plain".to_owned(), "plain text\n".to_owned()),
        "/moved" => ("302 Found", "Location: /health".to_owned(), String::new()),
        "/round" => ("302 Found", "Location: /round".to_owned(), String::new()),
        "/away" => {
            let to = path.split("to=").nth(1).unwrap_or_default();
            ("302 Found", format!("Location: http://{to}/echo"), String::new())
        }
        "/echo" => ("200 OK", "Content-Type: text/plain".to_owned(), format!("{head}\n{body}")),
        "/large" => ("200 OK", json.to_owned(), format!("\"{}\"", "x".repeat(3 * 1024 * 1024))),
        "/begins" => {
            let _ = write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of it");
            let _ = stream.flush();
            let _ = stream.read(&mut [0; 1]);
            return;
        }
        "/never" => {
            // Until whoever asked is gone.
            let _ = stream.read(&mut [0; 1]);
            return;
        }
        path if path.starts_with("/private/") => {
            ("401 Unauthorized", "WWW-Authenticate: Basic realm=\"private\"".to_owned(), String::new())
        }
        _ => ("404 Not Found", json.to_owned(), "{}".to_owned()),
    };
    let length = text.len();
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\n{header}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{text}"
    );
    let _ = stream.flush();
}

/// The head of a request, and its body.
fn request(stream: &mut impl Read) -> Option<(String, String)> {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((head, String::from_utf8_lossy(&body).into_owned()))
}

/// An address of the loopback where nothing listens.
#[must_use]
pub fn nobody() -> String {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    // Held by nobody from here on; what connects to it is refused.
    let _ = TcpStream::connect(address);
    format!("http://{address}")
}
