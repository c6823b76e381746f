//! The words that tell a command from text, and a thing to do from an enumeration (FORMAT-CASES.md).

/// Commands that a block without a language may begin with, sorted. `host` is left out on purpose: it begins
/// configuration lines.
#[rustfmt::skip]
const COMMANDS: &[&str] = &[
    "alias", "ansible", "ansible-galaxy", "ansible-playbook", "ansible-vault", "apk", "apt", "apt-get", "apt-key",
    "argocd", "awk", "aws", "az", "base64", "bosh", "bq", "brew", "buildah", "bundle", "cargo", "cat", "cd", "ceph",
    "certbot", "cf", "chef-client", "chgrp", "chmod", "chown", "cmake", "cmctl", "composer", "consul", "cp",
    "createdb", "crictl", "crontab", "ctr", "curl", "cut", "date", "dd", "df", "diff", "dig", "dmesg", "dnf", "doas",
    "docker", "docker-compose", "doctl", "dotnet", "dpkg", "dropdb", "du", "echo", "egrep", "eksctl", "env",
    "etcdctl", "export", "fdisk", "find", "flux", "fly", "for", "free", "gcloud", "gem", "gh", "git", "git-crypt",
    "glab", "go", "gpg", "gradle", "grep", "growpart", "gsutil", "gunzip", "gzip", "head", "helm", "heroku",
    "hostname", "htop", "ibmcloud", "id", "if", "ifconfig", "initctl", "iostat", "iotop", "ip", "istioctl", "java",
    "journalctl", "jq", "k", "k9s", "keytool", "kill", "killall", "kind", "kinit", "knife", "kops", "kubectl",
    "kubectx", "kubens", "kustomize", "launchctl", "less", "linode-cli", "ln", "ls", "lsblk", "lsof", "lvextend",
    "lvs", "make", "md5sum", "minikube", "mkdir", "mkfs", "mongo", "mongodump", "mongosh", "more", "mount", "mv",
    "mvn", "mysql", "mysqldump", "nano", "nc", "nerdctl", "netstat", "nginx", "nmap", "node", "nohup", "nomad", "npm",
    "npx", "nslookup", "oc", "ocm", "op", "openssl", "packer", "pacman", "pass", "perf", "perl", "pg_dump",
    "pg_dumpall", "pg_restore", "php", "ping", "pip", "pip3", "pipenv", "pkill", "pnpm", "podman", "poetry", "printf",
    "ps", "psql", "pulumi", "puppet", "pvcreate", "pvs", "python", "python3", "rados", "rails", "rake", "rbd", "read",
    "reboot", "redis-cli", "resize2fs", "rm", "rmdir", "rosa", "rpm", "rsync", "ruby", "rustc", "salt", "sar", "scp",
    "screen", "sed", "service", "sftp", "sha256sum", "shutdown", "skopeo", "snap", "sort", "source", "sqlite3", "ss",
    "ssh", "ssh-add", "ssh-keygen", "ssh-keyscan", "stern", "strace", "su", "sudo", "supervisorctl", "sv", "sysctl",
    "systemctl", "tail", "tar", "tcpdump", "tee", "telnet", "terraform", "terragrunt", "test", "tf", "time",
    "timeout", "tmux", "tofu", "top", "touch", "tr", "traceroute", "umount", "uname", "uniq", "unset", "until",
    "unzip", "uv", "vagrant", "vault", "velero", "vgextend", "vgs", "vi", "vim", "virtctl", "vmstat", "watch", "wc",
    "wget", "while", "whoami", "xargs", "yarn", "yq", "yum", "zcat", "zgrep", "zip", "zypper",
];

/// Verbs that an ordered list's entry begins with when it is something to do, sorted.
#[rustfmt::skip]
const VERBS: &[&str] = &[
    "accept", "access", "acknowledge", "activate", "add", "adjust", "allow", "append", "apply", "approve", "archive",
    "ask", "assemble", "assign", "attach", "audit", "authenticate", "authorise", "authorize", "back", "backup",
    "begin", "block", "book", "boot", "bring", "build", "bump", "call", "cancel", "change", "check", "choose",
    "claim", "clean", "cleanup", "clear", "click", "clone", "close", "collect", "commit", "communicate", "compare",
    "compile", "complete", "configure", "confirm", "connect", "consider", "contact", "contain", "continue", "convert",
    "copy", "create", "deactivate", "debug", "decide", "declare", "decommission", "decrease", "delete", "deploy",
    "describe", "destroy", "detach", "detect", "determine", "diagnose", "disable", "discard", "disconnect", "divide",
    "document", "download", "drain", "drop", "dump", "edit", "eject", "enable", "end", "ensure", "enter", "eradicate",
    "escalate", "establish", "examine", "execute", "exit", "expand", "export", "extend", "extract", "fetch", "file",
    "fill", "filter", "find", "fix", "flush", "follow", "force", "gather", "generate", "get", "give", "go", "grant",
    "identify", "implement", "import", "increase", "inform", "initialise", "initialize", "initiate", "inspect",
    "install", "invalidate", "invite", "invoke", "isolate", "issue", "join", "keep", "kill", "label", "launch",
    "leave", "link", "list", "load", "locate", "lock", "log", "login", "look", "lower", "make", "manage", "mark",
    "measure", "merge", "migrate", "mitigate", "modify", "monitor", "mount", "move", "name", "navigate", "note",
    "notify", "observe", "obtain", "open", "order", "page", "paste", "patch", "pause", "perform", "pick", "pin",
    "place", "plan", "poll", "post", "prepare", "press", "prevent", "promote", "propose", "provision", "publish",
    "pull", "purge", "push", "put", "raise", "re-run", "read", "rebase", "reboot", "rebuild", "recompute",
    "reconfigure", "record", "recover", "recreate", "recycle", "redeploy", "redirect", "reduce", "refresh",
    "regenerate", "register", "release", "reload", "remediate", "remind", "remove", "rename", "renew", "reopen",
    "reorder", "repair", "repeat", "replace", "replicate", "reply", "report", "request", "rerun", "reset", "resize",
    "resolve", "respond", "restart", "restore", "resume", "retire", "retrieve", "retry", "return", "revert", "review",
    "revoke", "right-click", "rotate", "route", "run", "save", "scale", "schedule", "search", "secure", "select",
    "send", "set", "setup", "share", "shut", "sign", "silence", "skip", "spin", "split", "ssh", "start", "stop",
    "store", "submit", "subscribe", "suspend", "switch", "sync", "take", "talk", "tell", "terminate", "test", "tidy",
    "toggle", "trace", "track", "transfer", "trigger", "troubleshoot", "try", "turn", "type", "unblock", "undo",
    "uninstall", "unlock", "unmount", "unpause", "unpublish", "unseal", "untick", "update", "upgrade", "upload",
    "use", "validate", "verify", "view", "visit", "wait", "watch", "wipe", "write",
];

/// Words that may stand before the verb of an entry.
const BEFORE_A_VERB: &[&str] = &["also", "finally", "first", "next", "now", "optional", "please", "then"];

/// Whether the word is a command that is known to everyone.
pub(crate) fn is_known_command(word: &str) -> bool {
    COMMANDS.binary_search(&word).is_ok()
}

/// Whether a text begins with a verb of [`VERBS`], after the words that may stand before it.
pub(crate) fn begins_with_a_verb(text: &str) -> bool {
    for word in text.split_whitespace() {
        let bare = word.trim_matches(|letter: char| !letter.is_alphanumeric()).to_lowercase();
        if bare.is_empty() || BEFORE_A_VERB.contains(&bare.as_str()) {
            continue;
        }
        return VERBS.binary_search(&bare.as_str()).is_ok();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted_so_that_searching_them_works() {
        for list in [COMMANDS, VERBS, BEFORE_A_VERB] {
            assert!(list.is_sorted(), "{list:?}");
        }
        assert!(!is_known_command("host"));
    }

    #[test]
    fn an_entry_that_begins_with_a_verb_is_something_to_do() {
        for (text, expected) in [
            ("Restart the job", true),
            ("(Optional) Then restart the job", true),
            ("Next, check the queue", true),
            ("Right-click the tile", true),
            ("status: the code", false),
            ("The pod restarts", false),
            ("", false),
        ] {
            assert_eq!(begins_with_a_verb(text), expected, "{text}");
        }
    }
}
