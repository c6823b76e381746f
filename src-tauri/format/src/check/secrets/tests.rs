use super::spans;

fn found(text: &str) -> Vec<(String, &'static str)> {
    spans(text).into_iter().map(|(span, what)| (text[span.start..span.end].to_owned(), what)).collect()
}

/// Written in pieces, so that this file holds none itself.
fn joined(parts: &[&str]) -> String {
    parts.concat()
}

#[test]
fn the_expressions_are_valid() {
    assert!(super::NOT_A_SECRET.get().is_some() && super::PUBLIC.get().is_some());
}

#[test]
fn known_shapes_are_found() {
    let random = "q8Zr3kV0nXw5Lt7Yb2Hc9Jd4Mf6Pg1Ss";
    for (parts, what) in [
        (vec!["AKIA", "QYLPMN5HFIQR7XYA"], "an AWS access key"),
        (vec!["AIza", "SyD4x9kQ2mW7eR1tY8uI3oP6aS5dF0gH2jK"], "a Google API key"),
        (vec!["ghp", "_q8Zr3kV0nXw5Lt7Yb2Hc9Jd4Mf6Pg1SsAbCd"], "a GitHub token"),
        (vec!["glpat", "-q8Zr3kV0nXw5Lt7Yb2Hc"], "a GitLab token"),
        (vec!["xoxb", "-1748392065-8q3k0nw5t7y"], "a Slack token"),
        (vec!["sk_live", "_q8Zr3kV0nXw5Lt7Yb2Hc9Jd4"], "a Stripe key"),
        (vec!["npm", "_q8Zr3kV0nXw5Lt7Yb2Hc9Jd4Mf6Pg1SsAbCd"], "an npm token"),
        (vec!["SG", ".q8Zr3kV0nXw5Lt7Yb2Hc9J.d4Mf6Pg1Ssq8Zr3kV0nXw5Lt7Yb2Hc9Jd4Mf6Pg1SsA"], "a SendGrid key"),
        (vec!["hvs", ".CAESIJq8Zr3kV0nXw5Lt7Yb2Hc9Jd4"], "a Vault token"),
        (vec!["sha256", "~q8Zr3kV0nXw5Lt7Yb2Hc9Jd4Mf6Pg1Ssq8Zr3kV0nXw"], "an OpenShift token"),
        (vec!["SK", "9f3a1c7e5b2d8046af13c957e2b4d680"], "a Twilio key"),
        (
            vec!["ey", "JhbGciOiJIUzI1NiJ9q", ".ey", "JpYXQiOjE3NDgzOTIwNjV9", ".q8Zr3kV0nXw5Lt7Yb2Hc"],
            "a JSON web token",
        ),
    ] {
        let secret = joined(&parts);
        assert_eq!(found(&format!("use {secret} here")), [(secret.clone(), what)], "{what}");
        assert_eq!(found(&format!("```sh\nX='{secret}'\n```\n")).len(), 1, "{what}");
    }
    let key =
        format!("-----BEGIN RSA {}-----\n{random}{random}\n{random}{random}\n-----END RSA {0}-----", "PRIVATE KEY");
    assert_eq!(found(&key).len(), 1);
}

#[test]
fn values_at_telling_places_are_found() {
    let secret = joined(&["kT9xV2", "mQ7rLw"]);
    for line in [
        format!("PGPASSWORD={secret} ./repoint"),
        format!("export DB_PASSWORD=\"{secret}\""),
        format!("password: {secret}"),
        format!("mysql -u root -p{secret} orders"),
        format!("sshpass -p {secret} ssh web1"),
        format!("curl -u admin:{secret} https://x.test"),
        format!("psql postgres://orders:{secret}@db-1:5432/orders"),
        format!("curl -H 'Authorization: Bearer {secret}{secret}'"),
        format!("API_TOKEN={secret}{secret}"),
        format!("\"client_secret\": \"{secret}{secret}\""),
        format!("Server=db;User Id=sa;Password={secret};"),
        format!("tool --password {secret}").replace("--password ", "--password="),
    ] {
        let hits = found(&line);
        assert_eq!(hits.len(), 1, "{line}: {hits:?}");
        assert!(hits[0].0.starts_with(&secret), "{line}: {hits:?}");
    }
}

#[test]
fn what_only_stands_where_secrets_do_is_none() {
    for line in [
        "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "PGPASSWORD=$DB_PASSWORD psql",
        "PGPASSWORD=\"${DB_PASSWORD}\" psql",
        "password: <password>",
        "password={{password}}",
        "PASSWORD=$(cat /run/secrets/db)",
        "password=changeme",
        "password: xxxxxxxxxx",
        "password: ********",
        "password: required",
        "mysql -u root -p orders",
        "secretName: etcd-metric-client-2",
        "secret: router-certs-default",
        "imagePullSecrets: regcred",
        "token: /var/run/secrets/kubernetes.io/serviceaccount/token",
        "api_key: 123e4567-e89b-12d3-a456-426614174000",
        "image: web@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
        "password: cGFzc3dvcmQ=",
        "https://user:password@example.org",
        "oc get secret aggregator-client-signer -o yaml",
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDq8Zr3kV0nXw5Lt7Yb2Hc9Jd4",
        "kubectl create token build-robot --duration 1h",
        "The token is valid for 24 hours.",
        "Image pull secrets:  prometheus-k8s-dockercfg-6wl6b",
        "Tokens:              prometheus-k8s-token-nwtrf",
        "secret: web-front-7f9c6d8b54-x2x9z",
        "password-file: /etc/app/pw",
    ] {
        assert_eq!(found(line), [], "{line}");
    }
}
