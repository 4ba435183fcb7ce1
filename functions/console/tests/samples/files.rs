//! Sample data of posts that come from a file and go into one.

use console::view::{
    Badge, CellProblem, ExportPage, Fact, FieldError, ImportMake, ImportPage, ImportReport, ImportRow, ImportedPage,
    Tone,
};

const ROWS: &str = "text,platforms,scheduled_at,timezone\nSpring menu is here,x,2026-03-12T09:00,Europe/Berlin\n";

fn row(number: usize, excerpt: &str, due: &str) -> ImportRow {
    ImportRow {
        row: number,
        excerpt: excerpt.into(),
        accounts: vec!["Northwind Coffee on X".into(), "Mira Lindqvist on LinkedIn".into()],
        due: due.into(),
        state: Badge::new("Good", Tone::Good),
        ..ImportRow::default()
    }
}

fn wrong(number: usize, problems: &[(Option<&str>, &str)]) -> ImportRow {
    let problem =
        |(column, text): &(Option<&str>, &str)| CellProblem { column: column.map(Into::into), text: (*text).into() };
    ImportRow {
        accounts: Vec::new(),
        problems: problems.iter().map(problem).collect(),
        state: Badge::new("Wrong", Tone::Bad),
        ..row(number, "", "")
    }
}

pub fn import() -> ImportPage {
    let fact = |label: &str, value: &str| Fact { label: label.into(), value: value.into() };
    ImportPage {
        idempotency_key: "key-import".into(),
        limits: "Up to 100 rows and 262 KB in UTF-8, separated by commas, semicolons or tabs. Split what is larger."
            .into(),
        max_bytes: 262_144,
        columns: vec![
            fact("text", "What the post says"),
            fact(
                "scheduled_at, timezone",
                "When: 2027-01-15T09:00 and Europe/Berlin beside it, or 2027-01-15T08:00:00Z alone",
            ),
            fact("pack_id, status, created_at, urls", "What an export tells of its posts; passed over"),
        ],
        ..ImportPage::default()
    }
}

/// A file some of whose rows are good.
pub fn import_checked() -> ImportPage {
    let mut warned = row(2, "The story of who grew them", "Next free slot");
    warned.warnings = vec!["X has no titles: the title is left out.".into()];
    ImportPage {
        csv: ROWS.into(),
        report: Some(ImportReport {
            title: "1 of 3 rows has to be put right".into(),
            text: "Nothing is made yet. Of the good ones, 2 go out at their times.".into(),
            tone: Tone::Warn,
            rows: vec![
                row(1, "Spring menu is here", "Thu 12 Mar 2026, 09:00 Europe/Berlin"),
                warned,
                wrong(3, &[(Some("scheduled_at"), "This time has passed."), (None, "The row cannot be read.")]),
            ],
        }),
        make: Some(ImportMake {
            idempotency_key: "key-make".into(),
            how: "partial".into(),
            csv: ROWS.into(),
            label: "Import the 2 good rows only".into(),
            hint: "The others are left out.".into(),
        }),
        ..import()
    }
}

/// A file that is no table.
pub fn import_refused() -> ImportPage {
    let text = "There is no column \"colour\". Nothing was made.";
    ImportPage {
        csv: "text,colour\na,red\n".into(),
        errors: vec![FieldError { field: "file".into(), text: text.into() }],
        ..import()
    }
}

pub fn imported() -> ImportedPage {
    let made = ImportRow {
        state: Badge::new("Scheduled", Tone::Info),
        href: Some("/console/posts/post_1".into()),
        ..row(1, "Spring menu is here", "Thu 12 Mar 2026, 09:00 Europe/Berlin")
    };
    ImportedPage {
        report: ImportReport {
            title: "2 posts were made".into(),
            text: "1 row was left out: put it right and import that row alone.".into(),
            tone: Tone::Warn,
            rows: vec![
                made.clone(),
                ImportRow { row: 2, excerpt: String::new(), accounts: Vec::new(), due: String::new(), ..made },
                wrong(3, &[(Some("accounts"), "There is no such account.")]),
            ],
        },
    }
}

pub fn export() -> ExportPage {
    ExportPage {
        text: "There are more posts than one file holds. Herald looked at the newest 1000; 312 are in this file."
            .into(),
        take_href: "/console/export?state=failed&until=post_1".into(),
        take: "Download 312 posts".into(),
        further_href: "/console/export?state=failed&after=abc".into(),
    }
}
