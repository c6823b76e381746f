//! What the window does not do: it goes nowhere, loads nothing from outside, and grants the page nothing but
//! Allgood's own commands.

use std::process::Stdio;

use serde_json::json;

use crate::{
    display::SCREEN,
    page::{id, until},
    run::library,
    world::{desktop, in_a_world},
};

#[test]
fn the_page_reaches_nothing_but_allgoods_own_commands() {
    in_a_world(async |world| {
        let page = world.open().await;
        assert!(page.ask("app_state", json!({})).await.is_ok(), "its own commands answer");
        for command in [
            "plugin:fs|read_file",
            "plugin:window|create",
            "plugin:window|close",
            "plugin:webview|create_webview_window",
            "plugin:event|listen",
            "plugin:app|version",
            "plugin:path|resolve_directory",
            "plugin:window-state|save_window_state",
            "plugin:dialog|message",
            "no_such_command",
        ] {
            let refused = page.ask(command, json!({})).await.expect_err(command).to_string();
            assert!(refused.contains("not allowed") || refused.contains("not found"), "{command}: {refused}");
        }
        let fault = page.ask("run_view", json!({"run": 7})).await.unwrap_err();
        assert_eq!(fault["code"], "bad_input", "{fault}");
    });
}

#[test]
fn nothing_from_outside_is_loaded_and_no_address_is_gone_to() {
    in_a_world(async |world| {
        let page = world.open().await;
        let home = page.address().await;
        assert!(home.starts_with("tauri://localhost"), "{home}");
        let blocked = page
            .script(
                "const seen = [];
                document.addEventListener('securitypolicyviolation', (event) => seen.push(event.effectiveDirective));
                const script = document.createElement('script');
                script.textContent = 'window.injected = true';
                document.body.append(script);
                document.body.insertAdjacentHTML('beforeend', '<img src=\"https://example.org/pixel.png\">');
                document.body.insertAdjacentHTML('beforeend', '<iframe src=\"https://example.org/\"></iframe>');
                let evaluated = true;
                try { (0, eval)('1') } catch { evaluated = false }
                window.seen = seen;
                return [window.injected ?? false, evaluated];",
            )
            .await;
        assert_eq!(blocked, json!([false, false]), "a script in the page's text, and eval");
        for directive in ["script-src-elem", "img-src", "frame-src"] {
            until(&format!("{directive} was held"), async || {
                page.script("return window.seen").await.as_array().unwrap().contains(&json!(directive))
            })
            .await;
        }
        page.script("window.open('https://example.org/')").await;
        page.script("location.href = 'https://example.org/'").await;
        page.script("location.href = 'file:///etc/passwd'").await;
        page.painted().await;
        assert_eq!(page.address().await, home);
        assert_eq!(page.windows().await, 1);
        page.wait_for("nav").await;
    });
}

#[test]
fn links_open_outside_if_their_scheme_is_allowed() {
    in_a_world(async |world| {
        let page = world.open().await;
        page.resize(SCREEN).await;
        let text = "# Links\n\n## Overview\n\nSee [the dashboard](https://dashboards.example/orders?a=1&b=2).\n\n\
                    [No](javascript:alert(1)) and [no](file:///etc/passwd).\n\n![remote](https://tracker.example/p.png)\n\n\
                    ## Steps\n\n- [ ] Looked\n";
        library(world, &page, "links.md", text).await;
        crate::run::start(&page, "links.md").await;
        assert_eq!(
            page.count("[data-testid='run-page'] a[href^='javascript'], [data-testid='run-page'] img[src^='http']")
                .await,
            0
        );
        page.click("[data-testid='run-page'] a[href^='https://dashboards.example']").await;
        until("the link is opened", async || world.opened_links() == ["https://dashboards.example/orders?a=1&b=2"])
            .await;
        for address in ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,hello", "ssh://host"] {
            let argument = json!({"run": null, "item": null, "url": address});
            let refused = page.ask("link_open", argument).await.unwrap_err();
            assert_eq!(refused["code"], "scheme", "{address}: {refused}");
        }
        assert_eq!(world.opened_links().len(), 1);
        page.wait_for(&id("run-page")).await;
    });
}

#[test]
fn a_second_start_gives_way_to_the_window_that_is_open() {
    in_a_world(async |world| {
        world.with_bus();
        let page = world.open().await;
        let first = world.process();
        let second = world.command(desktop()).stdin(Stdio::null()).output().unwrap();
        assert!(second.status.success(), "{}", String::from_utf8_lossy(&second.stderr));
        assert_eq!(world.process(), first);
        assert_eq!(page.windows().await, 1);
    });
}
