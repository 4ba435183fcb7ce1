//! Sample data of the composer.

use console::view::{ComposerPage, Count, FieldError, MediaRow, PlatformBlock, Target, When, zone_groups};

use super::content::{linkedin, mira, on_x, page, x};

/// A picture without a network.
pub fn picture() -> Option<String> {
    console::assets::href("icon.svg").map(str::to_owned)
}

fn count(slug: &str, words: &str, parts: &[&str]) -> Count {
    let parts = parts.iter().map(|part| (*part).to_owned()).collect();
    Count { slug: slug.into(), words: words.into(), parts, ..Count::default() }
}

pub fn composer() -> ComposerPage {
    let target = |id: &str, account, checked, blocked: Option<&str>| Target {
        id: id.into(),
        account,
        checked,
        fixed: blocked.is_some(),
        blocked: blocked.map(Into::into),
    };
    let text = "Our new single-origin from Huila lands on Thursday ☕\n\nWashed, bright, with a finish like red apple. 240 bags only: https://northwind.example/huila\n\n#specialtycoffee #huila";
    ComposerPage {
        action: "/console/compose".into(),
        idempotency_key: "7d1f0c7e".into(),
        text: text.into(),
        targets: vec![
            target("acc_1", on_x(), true, None),
            target("acc_2", page(), true, None),
            target("acc_3", mira(), false, Some("Reconnect this account first.")),
        ],
        platforms: vec![
            PlatformBlock {
                platform: x(),
                limit: 280,
                url_length: Some(23),
                separator: Some("---".into()),
                variant: String::new(),
                author: "Northwind Coffee".into(),
                handle: Some("@northwindcoffee".into()),
                count: count("x", "164 / 280", &[text]),
            },
            PlatformBlock {
                platform: linkedin(),
                limit: 3000,
                url_length: None,
                separator: None,
                variant: "On Thursday, 240 bags of a single-origin from Huila leave our roastery in Gothenburg.\n\nWhat makes it special is the people behind it: eleven families who share one washing station.\n\n#specialtycoffee".into(),
                author: "Northwind Coffee".into(),
                handle: None,
                count: count("linkedin", "198 / 3000", &["On Thursday, 240 bags of a single-origin from Huila leave our roastery."]),
            },
        ],
        media: vec![
            MediaRow { id: Some("med_1".into()), label: Some("huila-bag.jpg · JPEG, 412 KB".into()), alt: "A brown coffee bag on a wooden table".into(), thumbnail: picture(), ..MediaRow::default() },
            MediaRow::default(),
        ],
        library: super::posts::library().items,
        max_media: 4,
        accept: "image/jpeg,image/png,image/gif,image/webp".into(),
        upload_note: "JPEG, PNG, GIF or WebP, up to 4 MB".into(),
        when: When::At,
        date: "2026-03-12".into(),
        time: "09:00".into(),
        zone: "Europe/Berlin".into(),
        again: Some(super::planning::recurrence()),
        zones: zone_groups(),
        queue_note: Some("Thu 12 Mar 2026, 12:30 Europe/Berlin".into()),
        ..ComposerPage::default()
    }
}

pub fn composer_with_errors() -> ComposerPage {
    let error = |field: &str, text: &str| FieldError { field: field.into(), text: text.into() };
    let mut page = ComposerPage {
        rev: Some(3),
        link: "northwind.example".into(),
        date: "2026-03-29".into(),
        time: "02:30".into(),
        ..composer()
    };
    page.errors = vec![
        error("targets", "Choose at least one account."),
        error("variant_x", "The text for X counts 312; at most 280 fit. Shorten it by 32, or split it into a thread."),
        error("link", "A link starts with https:// or http://."),
        error("media_1", "The address does not answer with a picture."),
        error(
            "time",
            "On 29 March 2026 clocks in Europe/Berlin jump from 02:00 to 03:00, so 02:30 does not exist. Choose another time.",
        ),
    ];
    page.platforms[0].variant = "Our new single-origin from Huila lands on Thursday. ".repeat(6);
    page.platforms[0].count =
        Count { over: true, ..count("x", "312 + 40 of 280 each (2 parts)", &["Our new single-origin", "from Huila"]) };
    page.media[1].url = "https://northwind.example/huila.html".into();
    page
}

/// The content of a series, an account of which must be connected again and another is gone.
pub fn series_content() -> ComposerPage {
    let mut page = ComposerPage {
        action: "/console/series/ser_1/content".into(),
        rev: Some(3),
        series_href: Some("/console/series/ser_1".into()),
        note: Some("Mira Lindqvist on LinkedIn was disconnected: saving leaves it out of the series.".into()),
        again: None,
        ..composer()
    };
    page.targets[1].blocked = Some("Reconnect this account first, or leave it out.".into());
    page.errors =
        vec![FieldError { field: "composer".into(), text: "Somebody else changed this at the same moment.".into() }];
    page
}

/// The words of a post that is live, on one platform where they can be changed and on one where they cannot.
pub fn live_words() -> ComposerPage {
    let mut page = ComposerPage {
        action: "/console/posts/post_1/words".into(),
        rev: Some(4),
        live_href: Some("/console/posts/post_1".into()),
        note: Some("What is live on X cannot be changed: it stays there as it is.".into()),
        again: None,
        ..composer()
    };
    page.targets.truncate(1);
    page.targets[0].fixed = true;
    page.platforms.truncate(1);
    page
}
