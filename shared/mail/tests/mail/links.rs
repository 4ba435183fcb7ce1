use crate::kit::{BASE, compiled, html, keys, localised, recipient, rendered, token, tracked};
use mail::token::open;
use mail::{Options, RenderError, Template, Tracking, Utm, VariableType};
use serde_json::json;

fn shop() -> Template {
    let body =
        "<a href=\"{{ url }}\">View</a> <a href=\"https://shop.example.com/p/{{ id }}?c={{ id }}&amp;d=1\">Shop</a>";
    Template {
        link_hosts: vec!["Shop.example.com".into()],
        ..html(body, &[("url", VariableType::Url), ("id", VariableType::Text)])
    }
}

/// The hrefs of a mail, as a browser reads them.
fn hrefs(html: &str) -> Vec<String> {
    html.split("href=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().replace("&amp;", "&").replace("&#x2f;", "/"))
        .collect()
}

#[test]
fn an_address_from_data_goes_under_a_seal_only_to_hosts_that_the_template_names() {
    let compiled = compiled(&shop(), &tracked());
    let token = token();
    let of = |url: &str, id: &str| {
        compiled.render(recipient(json!({"url": url, "id": id}), Some(&token))).map(|mail| hrefs(&mail.html))
    };
    let found = of("https://shop.example.com/7?a=1&b=<2>", "8").unwrap();
    for (index, target) in
        ["https://shop.example.com/7?a=1&b=<2>", "https://shop.example.com/p/8?c=8&d=1"].iter().enumerate()
    {
        let sealed = found[index].strip_prefix(&format!("{BASE}/c/{}/{index}/", token.text())).unwrap();
        let target_there = open(&keys(), token.text(), index, sealed).unwrap();
        assert_eq!(target_there, *target);
        assert!(compiled.links()[index].leads_to(&target_there));
    }
    let elsewhere = of("https://evil.example/?x=\"'", "8").unwrap();
    assert_eq!(elsewhere[0], "https://evil.example/?x=%22%27", "straight there: nothing of ours redirects to it");
    for evil in [
        "https://shop.example.com.evil.example/",
        "https://shop.example.com@evil.example/",
        "https://evil.example/?shop.example.com",
        "https://evil.example#shop.example.com",
    ] {
        let found = of(evil, "8");
        assert!(found.is_err() || found.unwrap()[0].starts_with(evil), "{evil}");
        assert!(!compiled.links()[0].leads_to(evil));
    }
}

#[test]
fn an_address_whose_host_the_template_says_cannot_be_led_elsewhere_by_data() {
    let compiled = compiled(&shop(), &tracked());
    let token = token();
    for id in ["../../x", "@evil.example/", "//evil.example", "\\evil.example", "?a#b", "x y"] {
        let mail =
            compiled.render(recipient(json!({"url": "https://shop.example.com/", "id": id}), Some(&token))).unwrap();
        let sealed = hrefs(&mail.html)[1].strip_prefix(&format!("{BASE}/c/{}/1/", token.text())).unwrap().to_owned();
        let target = open(&keys(), token.text(), 1, &sealed).unwrap();
        assert_eq!(url::Url::parse(&target).unwrap().host_str(), Some("shop.example.com"), "{target}");
    }
    let open_host = html("<a href=\"https://shop.example.com{{ id }}/\">x</a>", &[("id", VariableType::Text)]);
    let compiled = crate::kit::compiled(&open_host, &tracked());
    assert_eq!(compiled.links()[0].hosts, [] as [&str; 0], "without a slash data could make the host longer");
    let mail = compiled.render(recipient(json!({"id": ".evil.example"}), Some(&token))).unwrap();
    assert_eq!(hrefs(&mail.html), ["https://shop.example.com.evil.example/"]);
}

#[test]
fn an_address_from_data_that_is_none_for_mails_keeps_the_mail_back() {
    let compiled = compiled(&shop(), &tracked());
    let picture =
        crate::kit::compiled(&html("<img alt=\"\" src=\"{{ url }}\">", &[("url", VariableType::Image)]), &tracked());
    for url in [
        "javascript:alert(1)",
        " JavaScript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "/x",
        "",
        "https://",
        "https://a.ex\nample/",
        "https://u:p@shop.example.com/",
        &format!("https://a.example/{}", "x".repeat(2_000)),
    ] {
        let value = json!({"url": url, "id": "1"});
        assert_eq!(compiled.render(recipient(value.clone(), None)), Err(RenderError::BadAddress), "{url:.60}");
        if !url.ends_with('x') {
            assert_eq!(picture.render(recipient(json!({"url": url}), None)), Err(RenderError::BadAddress), "{url:.60}");
        }
    }
    for url in ["mailto:a@example.com", "tel:+43123"] {
        let mail = compiled.render(recipient(json!({"url": url, "id": "1"}), Some(&token()))).unwrap();
        assert_eq!(hrefs(&mail.html)[0], url);
    }
}

#[test]
fn every_link_is_found_once_and_what_is_none_of_ours_is_left_alone() {
    let body = "<a href='https://a.example/?x=1&amp;y=2'>One</a><a href=\"#top\">Top</a><a href=\"MAILTO:x@example.com\">Mail</a>\
        <area href=\"http://b.example/\"><a href=\"{{ unsubscribe_url }}\">Out</a><a href=\"{{preferences_url}}\">P</a>\
        <!--[if mso]><v:roundrect href=\"https://a.example/?x=1&amp;y=2\"><![endif]--><!-- <a href=\"https://c.example/\"> -->\
        <a href=\"https://a.example/?x=1&amp;y=2\"><img src=\"x.png\" alt=\"Again\"></a>";
    let mut template = html(body, &[]);
    template.text = localised(&[("en", "See https://a.example/?x=1&y=2 and https://d.example/z.")]);
    let compiled = compiled(&template, &tracked());
    let links: Vec<_> =
        compiled.links().iter().map(|link| (link.target.as_deref().unwrap(), link.label.as_str())).collect();
    let expected = [
        ("https://a.example/?x=1&y=2", "One"),
        ("http://b.example/", ""),
        ("https://a.example/?x=1&y=2", "Again"),
        ("https://d.example/z", "https://d.example/z"),
    ];
    assert_eq!(links, expected);
    let token = token();
    let mail = compiled.render(recipient(json!({}), Some(&token))).unwrap();
    let click = |n: u32| format!("{BASE}/c/{}/{n}", token.text());
    assert_eq!(mail.text, format!("See {} and {}.", click(0), click(3)));
    assert_eq!(mail.html.matches(&format!("href=\"{}\"", click(0))).count(), 1, "Outlook's copy is the same link");
    assert!(
        mail.html.contains(&format!("href='{}'", click(0)))
            && mail.html.contains("<!-- <a href=\"https://c.example/\"> -->")
    );
    let preview = compiled.render(recipient(json!({}), None)).unwrap();
    assert_eq!(hrefs(&preview.html)[..5], ["#top", "MAILTO:x@example.com", "http://b.example/", "#", "#"]);
    assert!(
        preview.html.starts_with("<a href='https://a.example/?x=1&amp;y=2'>")
            && !preview.html.contains("<img src=\"\""),
        "{}",
        preview.html
    );
    assert_eq!(preview.text, "See https://a.example/?x=1&y=2 and https://d.example/z.");
    assert!(mail.html.contains(&format!("{BASE}/p/{}", token.text())) && mail.html.contains("MAILTO:x@example.com"));
}

#[test]
fn switches_and_parameters_do_what_they_say() {
    let mut template = html(
        "<body><a href=\"https://a.example/?utm_source=own#x\">A</a><a href=\"{{ u }}\">B</a></BODY>",
        &[("u", VariableType::Url)],
    );
    template.link_hosts = vec!["b.example".into()];
    let utm = Utm { parameters: vec![("utm_source".into(), "news".into()), ("utm_medium".into(), "email".into())] };
    let of = |opens, clicks, trap| {
        let options = Options { tracking: Tracking { opens, clicks, trap }, utm: utm.clone(), ..Options::default() };
        (compiled(&template, &options), rendered(&template, &options, json!({"u": "https://b.example/"})).html)
    };
    let (_, off) = of(false, false, true);
    assert_eq!(
        off,
        "<body><a href=\"https://a.example/?utm_source=own&amp;utm_medium=email#x\">A</a><a href=\"https://b.example/?utm_source=news&amp;utm_medium=email\">B</a></BODY>"
    );
    let (on, html) = of(true, true, true);
    assert_eq!(on.links()[0].target.as_deref(), Some("https://a.example/?utm_source=own&utm_medium=email#x"));
    let token = token();
    let sealed = hrefs(&html)[1].rsplit('/').next().unwrap().to_owned();
    assert_eq!(
        open(&keys(), token.text(), 1, &sealed).as_deref(),
        Some("https://b.example/?utm_source=news&utm_medium=email")
    );
    assert_eq!((html.matches("/t\" style=\"display:none\"").count(), html.matches(".gif\"").count()), (1, 1), "{html}");
    assert!(html.ends_with("style=\"display:block;border:0\"></BODY>"), "{html}");
}
