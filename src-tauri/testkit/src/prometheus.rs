//! A real Prometheus on the loopback.

use std::{fs, path::PathBuf};

use crate::{
    served::{Served, folder, hand_over, program},
    web::{Certificate, Web, issue},
};

/// The server. Ends when dropped.
pub struct Prometheus {
    served: Served,
    secure: bool,
}

impl Prometheus {
    /// One that everybody may ask.
    #[must_use]
    pub fn start() -> Self {
        Self::configured(None, "")
    }

    /// One that everybody may ask, and that asks `/metrics` of a web server every second.
    #[must_use]
    pub fn scraping(web: &Web) -> Self {
        let target = web.address().trim_start_matches("http://");
        Self::configured(
            None,
            &format!("scrape_configs: [{{job_name: shop, static_configs: [{{targets: [\"{target}\"]}}]}}]\n"),
        )
    }

    /// One with TLS and such a certificate.
    #[must_use]
    pub fn secure(certificate: Certificate) -> Self {
        Self::configured(Some(certificate), "")
    }

    fn configured(certificate: Option<Certificate>, scrapes: &str) -> Self {
        let folder = folder();
        let at = |name: &str| folder.path().join(name).display().to_string();
        fs::write(at("prometheus.yml"), format!("global: {{scrape_interval: 1s}}\n{scrapes}")).unwrap();
        let mut web = String::new();
        if let Some(certificate) = certificate {
            drop(issue(folder.path(), certificate));
            hand_over(&folder.path().join("key.pem"));
            web = format!("tls_server_config: {{cert_file: {}, key_file: {}}}\n", at("cert.pem"), at("key.pem"));
        }
        fs::write(at("web.yml"), web).unwrap();
        let files = [
            format!("--config.file={}", at("prometheus.yml")),
            format!("--web.config.file={}", at("web.yml")),
            format!("--storage.tsdb.path={}", at("data")),
        ];
        let served = Served::start(folder, "Server is ready to receive web requests", |port| {
            let mut command = program("prometheus");
            command.args(&files).arg(format!("--web.listen-address=127.0.0.1:{port}"));
            command
        });
        Self { served, secure: certificate.is_some() }
    }

    /// Its address.
    #[must_use]
    pub fn address(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://127.0.0.1:{}", self.served.port)
    }

    /// The certificate of the authority.
    #[must_use]
    pub fn ca(&self) -> PathBuf {
        self.served.path("ca.pem")
    }
}
