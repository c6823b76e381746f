//! The shapes of credentials. Those with a fixed beginning follow the rules of gitleaks (MIT licence, Copyright 2019 Zachary
//! Rice, <https://github.com/gitleaks/gitleaks>), written anew for the `regex` crate; those that go by a name are our own.

use super::allowed;

/// How a value is judged once a rule's expression has matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Worth {
    /// The shape alone says it; examples and runs of one letter are left out.
    Shape,
    /// A password at a place for passwords: anything that is no word, variable or placeholder.
    Password,
    /// A value at a telling name: as random as keys are.
    Named,
}

/// One rule.
pub(super) struct Rule {
    /// What it finds, as a person says it.
    pub(super) what: &'static str,
    /// The value is the group `value`, else all of it; the group `name` is the name that it stands at.
    pub(super) expression: &'static str,
    pub(super) worth: Worth,
}

const fn shape(what: &'static str, expression: &'static str) -> Rule {
    Rule { what, expression, worth: Worth::Shape }
}

const PRIVATE_KEY: &str = "a private key";

/// A longer value is data, in bytes.
const LONGEST: usize = 20_000;

/// The most certain first.
pub(super) const RULES: &[Rule] = &[
    shape(
        PRIVATE_KEY,
        r"(?s)-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----[\sA-Za-z0-9+/=:,.\\-]+?-----END",
    ),
    shape("an AWS access key", r"(?-u:\b)(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z2-7]{16}(?-u:\b)"),
    shape("a Google API key", r"(?-u:\b)AIza[A-Za-z0-9_-]{35}(?-u:\b)"),
    shape("a Google OAuth secret", r"(?-u:\b)GOCSPX-[A-Za-z0-9_-]{28}(?-u:\b)|(?-u:\b)ya29\.[A-Za-z0-9_-]{30,}"),
    shape("an Azure client secret", r"(?-u:\b)[A-Za-z0-9_~.]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}"),
    shape("an Azure storage key", r"(?i:AccountKey|SharedAccessKey)=(?P<value>[A-Za-z0-9+/]{42,86}={1,2})"),
    shape("an Azure shared access signature", r"[?&]sig=(?P<value>[A-Za-z0-9%+/]{40,}(?:%3D|=))"),
    shape(
        "a GitHub token",
        r"(?-u:\b)gh[pousr]_[0-9A-Za-z]{36,}(?-u:\b)|(?-u:\b)github_pat_[A-Za-z0-9_]{82}(?-u:\b)",
    ),
    shape("a GitLab token", r"(?-u:\b)gl(?:pat|ptt|dt|cbt|rt|soat|ft|agent|imt|oas)-[A-Za-z0-9_-]{20,}"),
    shape("a Slack token", r"(?-u:\b)xox[abeoprs]-[0-9A-Za-z-]{10,}|(?-u:\b)xapp-[0-9]-[0-9A-Za-z-]{20,}"),
    shape(
        "a Slack webhook",
        r"(?-u:\b)hooks\.slack\.com/(?:services|workflows|triggers)/(?P<value>[A-Za-z0-9+/]{40,60})",
    ),
    shape(
        "a Discord webhook",
        r"(?-u:\b)discord(?:app)?\.com/api/webhooks/[0-9]{17,20}/(?P<value>[A-Za-z0-9_-]{60,72})",
    ),
    shape("a Stripe key", r"(?-u:\b)(?:sk|rk)_(?:live|test|prod)_[0-9A-Za-z]{10,}(?-u:\b)"),
    shape("an npm token", r"(?-u:\b)npm_[0-9A-Za-z]{36}(?-u:\b)"),
    shape("a PyPI token", r"(?-u:\b)pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}"),
    shape("a SendGrid key", r"(?-u:\b)SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}(?-u:\b)"),
    shape("a Twilio key", r"(?-u:\b)SK[0-9a-f]{32}(?-u:\b)"),
    shape("a Mailgun key", r"(?-u:\b)key-[0-9a-f]{32}(?-u:\b)"),
    shape(
        "an OpenAI key",
        r"(?-u:\b)sk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{40,}|(?-u:\b)sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}(?-u:\b)",
    ),
    shape("an Anthropic key", r"(?-u:\b)sk-ant-[a-z0-9]{3,}-[A-Za-z0-9_-]{60,}"),
    shape("a Hugging Face token", r"(?-u:\b)hf_[A-Za-z]{34}(?-u:\b)"),
    shape("a DigitalOcean token", r"(?-u:\b)do[opr]_v1_[0-9a-f]{64}(?-u:\b)"),
    shape("a Vault token", r"(?-u:\b)hv[sbr]\.[A-Za-z0-9_-]{24,}"),
    shape("a Terraform Cloud token", r"(?-u:\b)[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,70}"),
    shape("a Docker token", r"(?-u:\b)dckr_(?:pat|oat)_[A-Za-z0-9_-]{27,}"),
    shape("a Databricks token", r"(?-u:\b)dapi[0-9a-f]{32}(?-u:\b)"),
    shape(
        "a Grafana token",
        r"(?-u:\b)glsa_[A-Za-z0-9]{32}_[0-9A-Fa-f]{8}(?-u:\b)|(?-u:\b)glc_[A-Za-z0-9+/]{32,}={0,2}",
    ),
    shape("a New Relic key", r"(?-u:\b)NRAK-[A-Z0-9]{27}(?-u:\b)"),
    shape("a Linear key", r"(?-u:\b)lin_api_[0-9A-Za-z]{40}(?-u:\b)"),
    shape("a Telegram bot token", r"(?-u:\b)[0-9]{8,10}:AA[A-Za-z0-9_-]{33}(?-u:\b)"),
    shape("a Shopify token", r"(?-u:\b)shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}(?-u:\b)"),
    shape(
        "a DataDog or Sentry key",
        r"(?-u:\b)sntrys_eyJ[A-Za-z0-9_+/=-]{40,}|(?-u:\b)ddp?_[A-Za-z0-9]{34,40}(?-u:\b)",
    ),
    shape("an age key", r"(?-u:\b)AGE-SECRET-KEY-1[0-9A-Z]{58}(?-u:\b)"),
    shape("an OpenShift token", r"(?-u:\b)sha256~[A-Za-z0-9_-]{43}(?-u:\b)"),
    shape("a JSON web token", r"(?-u:\b)ey[A-Za-z0-9_-]{17,}\.ey[A-Za-z0-9_-]{17,}\.[A-Za-z0-9_-]{10,}"),
    shape("a kubeconfig's private key", r"(?-u:\b)client-key-data:\s*(?P<value>LS0t[A-Za-z0-9+/=]{40,})"),
    Rule {
        what: "an AWS secret key",
        expression: r#"(?i:aws_?secret_?(?:access_?)?key)["']?\s*[:=]\s*["']?(?P<value>[A-Za-z0-9/+=]{40})"#,
        worth: Worth::Named,
    },
    Rule {
        what: "a password in an address",
        expression: r#"(?-u:\b)[A-Za-z][A-Za-z0-9+.-]*://[^\s/:@'"`<>(){}\[\]|]+:(?P<value>[^\s/@'"`<>]{3,})@[A-Za-z0-9_\[]"#,
        worth: Worth::Password,
    },
    Rule {
        what: "a bearer token",
        expression: r"(?-u:\b)(?i:bearer)\s+(?P<value>[A-Za-z0-9_.~+/=-]{16,})",
        worth: Worth::Named,
    },
    Rule {
        what: "a user's name and password",
        expression: r"(?-u:\b)(?i:authorization)\s*:\s*(?i:basic)\s+(?P<value>[A-Za-z0-9+/]{12,}={0,2})",
        worth: Worth::Named,
    },
    Rule {
        what: "a password of curl",
        expression: r#"(?-u:\b)curl(?-u:\b)[^\n|;]*?\s(?:-u\s*|--user[ =])["']?[A-Za-z0-9_.@-]+:(?P<value>[^\s"'`<>]{3,})"#,
        worth: Worth::Password,
    },
    Rule {
        what: "a password on a command line",
        expression: r#"(?-u:\b)(?:mysql|mysqldump|mysqladmin|mariadb)(?-u:\b)[^\n|;]*?\s-p(?P<value>[^\s"'`<>$-][^\s"'`<>]{4,})"#,
        worth: Worth::Password,
    },
    Rule {
        what: "a password on a command line",
        expression: r#"(?-u:\b)(?:sshpass\s+-p\s*|redis-cli(?-u:\b)[^\n|;]*?\s-a\s+|docker login(?-u:\b)[^\n|;]*?\s-p\s+|(?:oc|podman|skopeo) login(?-u:\b)[^\n|;]*?\s-p\s+)["']?(?P<value>[^\s"'`<>$-][^\s"'`<>]{3,})"#,
        worth: Worth::Password,
    },
    Rule {
        what: "a password",
        expression: r#"(?P<name>(?i)(?:[A-Za-z0-9_.-]*(?:password|passwd|passphrase|passwort)|(?-u:\b)(?:[A-Za-z0-9_-]*[_-])?(?:pwd|pass|psw)|(?-u:\b)PGPASSWORD|(?-u:\b)MYSQL_PWD|(?-u:\b)REDISCLI_AUTH|(?-u:\b)SSHPASS))\\?["']?(?:[ \t]*(?::=|=>|=)[ \t]*|:[ \t]+|[ \t]+(?:=[ \t]*)?["'])\\?["']?(?P<value>[^\s"'`<>]{6,})"#,
        worth: Worth::Password,
    },
    Rule {
        what: "a token or key",
        expression: r#"(?P<name>(?i)[A-Za-z0-9_.-]*(?:secret|token|api[_-]?key|apikey|access[_-]?key|private[_-]?key|signing[_-]?key|encryption[_-]?key|auth[_-]?key|routing[_-]?key|service[_-]?key|credential)[A-Za-z0-9_.-]*)\\?["']?(?:[ \t]*(?::=|=>|=)[ \t]*|:[ \t]+|[ \t]+(?:is[ \t]+)?["'`])\\?["']?(?P<value>[^\s"'`<>]{12,})"#,
        worth: Worth::Named,
    },
];

/// Whether a value that a rule found is worth a problem.
pub(super) fn is_worth(rule: &Rule, name: Option<&str>, value: &str) -> bool {
    if rule.what == PRIVATE_KEY {
        return value.len() <= LONGEST && holds_a_key(value);
    }
    if value.len() > LONGEST || allowed::is_an_example(value) {
        return false;
    }
    match rule.worth {
        Worth::Shape => true,
        Worth::Password => !name.is_some_and(allowed::is_public_name) && allowed::is_password(name, value),
        Worth::Named => !name.is_some_and(allowed::is_public_name) && allowed::is_key(value),
    }
}

/// Whether a block of a private key holds one, and not dots or words in its place.
fn holds_a_key(block: &str) -> bool {
    let lines = block.split(['\n', '\r', '\\']).map(str::trim);
    lines
        .filter(|line| {
            line.len() >= 32 && line.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
        })
        .count()
        > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_expression_is_valid() {
        for rule in RULES {
            assert!(regex::Regex::new(rule.expression).is_ok(), "{}", rule.what);
        }
        assert_eq!(super::super::SET.len(), RULES.len(), "the set of all rules can be compiled");
    }
}
