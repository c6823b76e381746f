//! Requests and queries in the real window: what was asked, what came, and what of it is as expected.

use std::process::Command;

use testkit::{Prometheus, Web};

use crate::{
    page::id,
    run::{begin, item, library, wait_for_output, wait_for_status, within},
    world::in_a_world,
};

#[test]
fn a_request_a_query_and_a_metric_are_asked_and_what_came_stands_beside_what_was_expected() {
    in_a_world(async |world| {
        let (web, prometheus) = (Web::plain(), Prometheus::start());
        let file = world.path("orders.db");
        let made = Command::new("sqlite3")
            .arg(&file)
            .arg(
                "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT, state TEXT, total REAL);
                 INSERT INTO orders VALUES (1042, 'Nordhafen GmbH', 'paid', 199.9), (1043, 'R. Okafor', 'stuck', 20),
                 (1044, NULL, 'stuck', 7.5);",
            )
            .status()
            .expect("sqlite3 is installed (`.ci/setup`)");
        assert!(made.success());
        let address = format!("sqlite:{}", file.display());
        let shop = web.address();
        for (name, kind, address) in
            [("orders-db", "database", address.as_str()), ("metrics", "web", &prometheus.address())]
        {
            let (added, said) = world.allgood(&["access", "add", name, "--kind", kind, "--address", address]);
            assert!(added, "{said}");
        }
        let book = format!(
            "# Orders are stuck\n\n## Diagnosis\n\n### Look at all of it\n\n\
             ```http {{name=health expect_status=200 expect_json='$.status == \"ok\" && $.queue < 5' expect_time=\"< 60s\"}}\nGET {shop}/health\nAccept: application/json\n```\n\n\
             ```promql {{name=busy on=metrics range=30m step=30s expect_number=\"< 50\"}}\nvector(4) + 2 * (vector(time() % 600) > bool 300)\n```\n\n\
             ```sql {{name=stuck on=orders-db expect_rows=0 expect_time=\"< 60s\"}}\nSELECT id, customer, state, total\nFROM orders\nWHERE state = 'stuck'\nORDER BY id\n```\n"
        );
        let page = world.open().await;
        page.resize((1440, 900)).await;
        library(world, &page, "stuck.md", &book).await;
        for name in ["orders-db", "metrics"] {
            let runbooks = world.path("runbooks").display().to_string();
            let (allowed, said) = world.allgood(&["access", "allow", name, &runbooks]);
            assert!(allowed, "{said}");
        }
        page.click("[data-testid='runbook-row'][data-path$='/stuck.md']").await;
        page.wait_for(&id("start-run")).await;
        world.pictures(&page, "measuring-preview").await;
        page.click(&id("start-run")).await;
        begin(&page).await;
        for (name, status, words) in
            [("health", "passed", "200 OK"), ("busy", "passed", "limit"), ("stuck", "failed", "R. Okafor")]
        {
            page.click(&within(name, "item-run")).await;
            wait_for_status(&page, name, status).await;
            if status == "failed" {
                wait_for_output(&page, name, words).await;
            }
            for size in [(1440, 900), (1024, 700)] {
                for light in ["light", "dark"] {
                    page.resize(size).await;
                    page.light(light).await;
                    let block =
                        format!("document.querySelector({:?}).scrollIntoView({{block: 'center'}})", item(name));
                    page.script(&block).await;
                    page.painted().await;
                    world.picture(size, &format!("measuring-{name}-{light}-{}x{}", size.0, size.1));
                }
            }
            page.resize((1440, 900)).await;
        }
        assert_eq!(page.barriers().await, [""; 0]);
    });
}
