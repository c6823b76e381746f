//! Links of a person, and files that bring them, some of which were written to break in.

use proptest::prelude::*;

use super::*;

fn values(pairs: &[(&str, &str)]) -> Values {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn rows(file: &str) -> Vec<String> {
    let show = |link: Bookmark| {
        format!("{} <{}> [{}] {}", link.title, link.address, link.group.unwrap_or_default(), link.tags.join(","))
    };
    read_links(file.as_bytes()).unwrap().into_iter().map(show).collect()
}

#[test]
fn parameters_are_filled_in_percent_encoded() {
    let address = "https://g.example/d?region={{region}}&from={{run.start_ms}}&x={{region}}#{{ part }}";
    assert_eq!(parameters(address), ["region", "run.start_ms", "part"]);
    let known = values(&[("region", "eu 1&x=/ü"), ("run.start_ms", "1000"), ("part", "javascript:alert(1)")]);
    assert_eq!(
        filled(address, &known, &Schemes::default()).unwrap(),
        "https://g.example/d?region=eu%201%26x%3D%2F%C3%BC&from=1000&x=eu%201%26x%3D%2F%C3%BC#javascript%3Aalert%281%29"
    );
    let missing = filled(address, &values(&[("region", "eu")]), &Schemes::default()).unwrap_err();
    assert_eq!(missing, BookmarkRefusal::Missing(vec!["run.start_ms".to_owned(), "part".to_owned()]));
}

#[test]
fn no_value_decides_where_a_link_leads() {
    for (address, value) in [
        ("{{x}}", "https://example.org"),
        ("{{x}}://example.org", "https"),
        ("{{x}}example.org", "javascript:"),
        ("java{{x}}", "script:alert(1)"),
        ("java{{x}}:alert(1)", "script"),
    ] {
        let schemes = Schemes::default();
        assert!(check_address(address, &schemes).is_err(), "{address}");
        assert!(filled(address, &values(&[("x", value)]), &schemes).is_err(), "{address}");
    }
    // In the place of a host nothing but a part of its name can stand.
    for value in
        ["evil.example/", "evil.example#", "evil.example?", "evil.example:80", "u@evil.example", "evil.example\\"]
    {
        let filled = filled("https://{{host}}.corp.example/", &values(&[("host", value)]), &Schemes::default());
        assert!(filled.is_err(), "{value}: {filled:?}");
    }
}

#[test]
fn an_address_that_hides_where_it_leads_is_not_kept() {
    let long = format!("https://example.org/{}", "a".repeat(9000));
    for address in [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "  javascript:alert(1)",
        "java\tscript:alert(1)",
        "java\nscript:alert(1)",
        "\u{1}javascript:alert(1)",
        "java%73cript:alert(1)",
        "java&#115;cript:alert(1)",
        "\u{200b}javascript:alert(1)",
        "java\u{ad}script:alert(1)",
        "data:text/html;base64,PHNjcmlwdD4=",
        "DATA:text/html,<script>alert(1)</script>",
        "file:///etc/passwd",
        "view-source:https://example.org",
        "vbscript:x",
        "blob:https://example.org/x",
        "https://example.org/\u{202e}gpj.exe",
        "https://exa\u{200b}mple.org/",
        "https://example.org/\u{2066}x",
        "https://example.org/\u{e0041}",
        "https://example.org/\r\nHost: evil.example",
        "\\\\server\\share",
        "C:\\Windows\\notepad.exe",
        "--version",
        "",
        &long,
    ] {
        let refused = check_address(address, &Schemes::default()).unwrap_err().to_string();
        assert!(!refused.is_empty(), "{address:?}");
    }
    assert_eq!(
        check_address(" https://example.org/{{x}} ", &Schemes::default()).unwrap(),
        "https://example.org/{{x}}"
    );
    let mut schemes = Schemes::default();
    schemes.allow("ssh").unwrap();
    assert!(check_address("ssh://{{user}}@web1", &schemes).is_ok());
    assert!(check_address("ssh://web1", &Schemes::default()).is_err());
}

#[test]
fn a_title_is_one_line_in_which_nothing_is_hidden() {
    assert_eq!(check_text("title", "  Orders ", 200).unwrap().as_deref(), Some("Orders"));
    assert_eq!(check_text("title", " ", 200).unwrap(), None);
    for text in ["a\nb", "a\u{202e}b", "a\u{200b}", &"x".repeat(201)] {
        assert!(check_text("title", text, 200).is_err(), "{text:?}");
    }
}

#[test]
fn the_files_of_browsers_are_read_with_folders_as_groups() {
    let file = r#"<!DOCTYPE NETSCAPE-Bookmark-file-1>
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">
<TITLE>Bookmarks</TITLE><H1>Bookmarks</H1>
<DL><p>
    <DT><H3 ADD_DATE="1" PERSONAL_TOOLBAR_FOLDER="true">Bookmarks bar</H3>
    <DL><p>
        <DT><A HREF="https://a.example/?x=1&amp;y=2" ADD_DATE="1" ICON="data:image/png;base64,x" TAGS="prod, eu">A &amp; B &lt;3</A>
        <DD>A note
        <DT><H3>On call</H3>
        <DL><p>
            <DT><A HREF="https://b.example/">B
            two</A>
            <DT><H3>Deep</H3><DL><p><DT><A HREF=https://c.example>C</A></DL><p>
        </DL><p>
        <DT><A HREF="https://d.example/"></A>
    </DL><p>
    <HR>
    <DT><A HREF="place:sort=8">Most visited</A>
</DL>"#;
    assert_eq!(
        rows(file),
        [
            "A & B <3 <https://a.example/?x=1&y=2> [] eu,prod",
            "B two <https://b.example/> [On call] ",
            "C <https://c.example> [On call / Deep] ",
            "https://d.example/ <https://d.example/> [] ",
            "Most visited <place:sort=8> [] ",
        ]
    );
}

#[test]
fn tables_are_read_by_their_headings() {
    let file =
        "\u{feff}URL, Name ,Folder,Labels,pinned\nhttps://a.example,\"A, \"\"b\"\"\",On call,\"eu;prod\",yes\n,,,,\n";
    assert_eq!(rows(file), ["A, \"b\" <https://a.example> [On call] eu,prod"]);
    assert!(read_links(file.as_bytes()).unwrap()[0].pinned);
    for text in ["", "hello\n", "a,b\n1,2\n"] {
        assert!(read_links(text.as_bytes()).unwrap_err().to_string().contains("address or url"), "{text:?}");
    }
    assert!(read_links(b"title,url\n\xff\xfe,x\n").is_err());
}

#[test]
fn what_was_written_to_break_in_is_read_as_text_and_its_addresses_are_refused() {
    let file = r#"<!DOCTYPE NETSCAPE-Bookmark-file-1><DL><p>
<DT><A HREF="java&#x09;script:alert(1)">tab</A>
<DT><A HREF="&#106;&#97;vascript&colon;alert(1)">entities</A>
<DT><A HREF=" &#1; javascript:alert(1)">control</A>
<DT><A HREF="data:text/html,x">data</A>
<DT><A HREF="file:///etc/passwd">file</A>
<DT><A HREF="https://example.org/&#x202e;gpj.exe">bidi</A>
<DT><A HREF="https://example.org/" onclick="alert(1)" HREF="javascript:x">&#x202e;&#27;]0;title&#7;<script>alert(1)</script><img src=x onerror=alert(1)>end</A>
<script><A HREF="https://in-a-script.example/">x</A></script>
<!-- <A HREF="https://in-a-comment.example/">x</A> -->
<DT><A HREF="https://open.example/?a="#;
    let links = read_links(file.as_bytes()).unwrap();
    let kept: Vec<&Bookmark> =
        links.iter().filter(|link| check_address(&link.address, &Schemes::default()).is_ok()).collect();
    assert_eq!(links.len(), 7, "{links:?}");
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!((kept[0].title.as_str(), kept[0].address.as_str()), ("]0;title alert(1)end", "https://example.org/"));
    assert!(check_text("title", &kept[0].title, LONGEST_TITLE).is_ok());
}

#[test]
fn a_huge_and_deeply_nested_file_is_read_in_bounds() {
    let deep = format!(
        "{}<DT><A HREF=\"https://a.example\">x</A>{}",
        "<DT><H3>folder</H3><DL><p>".repeat(50_000),
        "</DL><p>".repeat(60_000)
    );
    let links = read_links(deep.as_bytes()).unwrap();
    assert_eq!(links.len(), 1);
    assert!(links[0].group.as_ref().unwrap().chars().count() <= LONGEST_GROUP);
    let many = "<A HREF=https://a.example>x</A>".repeat(MOST_LINKS + 1);
    assert!(read_links(many.as_bytes()).unwrap_err().to_string().contains("10000"));
    let table = format!("url\n{}", "https://a.example\n".repeat(MOST_LINKS + 1));
    assert!(read_links(table.as_bytes()).is_err());
    let long =
        format!("<A HREF=https://a.example>{}</A><A HREF=\"{}\">y</A>", "x".repeat(1 << 20), "a".repeat(1 << 20));
    let links = read_links(long.as_bytes()).unwrap();
    assert_eq!((links.len(), links[0].title.len()), (1, LONGEST_TITLE));
}

fn some_link() -> impl Strategy<Value = Bookmark> {
    let word = "[ -~äé日]{0,12}";
    let group = prop::option::of(("[a-z&<\"]{1,8}", prop::option::of("[a-z>']{1,8}")));
    (word, "[!-~]{1,30}", group, prop::collection::btree_set("[a-z&]{1,6}", 0..3), any::<bool>()).prop_filter_map(
        "a link",
        |(title, address, group, tags, pinned)| {
            let group = group.map(|(one, within)| within.map_or(one.clone(), |two| format!("{one}{WITHIN}{two}")));
            let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
            taken(&title, &address, group, &tags, pinned)
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(mut links in prop::collection::vec(some_link(), 0..8)) {
        let table = write_links_table(&links).unwrap();
        prop_assert_eq!(&read_links(table.as_bytes()).unwrap(), &links);
        let mut back = read_links(write_html(&links).as_bytes()).unwrap();
        // A browser knows no pins, and its folders stand together.
        links.iter_mut().for_each(|link| link.pinned = false);
        let order = |link: &Bookmark| (link.title.clone(), link.address.clone(), link.group.clone(), link.tags.clone());
        back.sort_by_key(order);
        links.sort_by_key(order);
        prop_assert_eq!(back, links);
    }

    #[test]
    fn any_bytes_are_read_and_whatever_opens_of_them_is_safe(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for link in read_links(&bytes).into_iter().flatten() {
            prop_assert!(check_text("title", &link.title, LONGEST_TITLE).is_ok());
            prop_assert!(!link.address.is_empty());
        }
    }

    #[test]
    fn any_markup_is_read(text in "(<(DL|/DL|A HREF=|H3|/H3|/A|DT|script|!--)[ >\"']?|&[a-z#0-9]{0,6};?|[ -~]{0,8}){0,40}") {
        for link in read_html(text.as_bytes()).unwrap() {
            prop_assert!(check_text("title", &link.title, LONGEST_TITLE).is_ok());
        }
    }
}
