//! Posts from a file, told.

use super::{counted, sentence};

/// What a column holds.
const COLUMNS: [(&str, &str); 13] = [
    ("text", "What the post says"),
    ("platforms", "Where it goes: names of platforms, separated by spaces, where one account is connected"),
    ("accounts", "Where it goes: ids of accounts, as an export has them"),
    (
        "option",
        "scheduled, queue (the next free slot), draft, or immediate (at once). Empty: scheduled where there is a time, else a draft",
    ),
    ("scheduled_at, timezone", "When: 2027-01-15T09:00 and Europe/Berlin beside it, or 2027-01-15T08:00:00Z alone"),
    ("link, link_title", "A link, and the title of its card"),
    ("title, summary", "For platforms whose posts have them"),
    ("hashtags", "With or without #, separated by spaces"),
    ("first_comment", "What is said below the post as soon as it is live"),
    (
        "media, alt_texts",
        "Ids of pictures or videos of the library, separated by spaces, and what they show, separated by |",
    ),
    ("content", "Whatever else a post can have, as JSON like in the API"),
    ("variants", "Other contents for single platforms, as JSON like in the API"),
    ("pack_id, status, created_at, urls", "What an export tells of its posts; passed over"),
];

/// The columns and what they hold.
pub fn columns() -> impl Iterator<Item = (&'static str, &'static str)> {
    COLUMNS.into_iter()
}

/// What rows would be, counted by when they go out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows that are wrong.
    pub wrong: usize,
    /// Good rows that go out at once.
    pub now: usize,
    /// Good rows with a time, or that get one.
    pub later: usize,
    /// Good rows that are kept as drafts.
    pub drafts: usize,
}

impl Tally {
    /// How many are good.
    pub fn good(self) -> usize {
        self.now + self.later + self.drafts
    }

    /// It all in a few words.
    pub fn title(self) -> String {
        let all = self.good() + self.wrong;
        match (self.good(), self.wrong) {
            (1, 0) => "The row is good".into(),
            (_, 0) => format!("All {all} rows are good"),
            (0, 1) => "The row has to be put right".into(),
            (0, _) => format!("All {all} rows have to be put right"),
            (_, 1) => format!("1 of {all} rows has to be put right"),
            (_, wrong) => format!("{wrong} of {all} rows have to be put right"),
        }
    }

    /// What becomes of the good ones.
    pub fn becomes(self) -> String {
        let each = [(self.now, "at once"), (self.later, "at its time"), (self.drafts, "")];
        let told: Vec<String> = each
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, when)| match (count, when) {
                (1, "") => "1 is kept as a draft".into(),
                (_, "") => format!("{count} are kept as drafts"),
                (1, when) => format!("1 goes out {when}"),
                (_, "at its time") => format!("{count} go out at their times"),
                (_, when) => format!("{count} go out {when}"),
            })
            .collect();
        match (told.is_empty(), self.wrong) {
            (true, _) => String::new(),
            (false, 0) => sentence(&told.join(", ")),
            (false, _) => format!("Of the good ones, {}.", told.join(", ")),
        }
    }
}

/// What became of an import: its title, and what it means.
pub fn imported(made: usize, refused: usize) -> (String, String) {
    let title = match made {
        0 => "Nothing was made".to_owned(),
        1 => "1 post was made".to_owned(),
        _ => format!("{made} posts were made"),
    };
    let kept = "This report is kept for a day; the posts are in the queue.";
    let text = match refused {
        0 => kept.to_owned(),
        1 => format!("1 row was left out: put it right and import that row alone. {kept}"),
        _ => format!("{refused} rows were left out: put them right and import those alone. {kept}"),
    };
    (title, text)
}

/// What is said of posts that do not fit into one file.
pub fn too_many_to_export(looked: usize, fitting: usize, from_the_end: bool) -> String {
    let which = if from_the_end { "newest" } else { "next" };
    format!(
        "There are more posts than one file holds. Herald looked at the {which} {looked}; {} of them in this file. Take it, then go on \
         with those after it.",
        if fitting == 1 { "1 is".to_owned() } else { format!("{fitting} are") }
    )
}

/// `Download 12 posts`.
pub fn download(posts: usize) -> String {
    format!("Download {}", counted(posts, "post"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_of_an_import_is_told() {
        let told: Vec<&str> = COLUMNS.iter().flat_map(|(names, _)| names.split(", ")).collect();
        for column in wire::columns::COLUMNS.iter().chain(&wire::columns::TOLD) {
            assert!(told.contains(column), "{column}");
        }
        assert_eq!(told.len(), wire::columns::COLUMNS.len() + wire::columns::TOLD.len());
    }

    #[test]
    fn rows_are_told_in_numbers_that_fit_their_words() {
        let tally = |wrong, now, later, drafts| Tally { wrong, now, later, drafts };
        for (tally, title, becomes) in [
            (tally(0, 1, 0, 0), "The row is good", "1 goes out at once."),
            (
                tally(0, 2, 1, 3),
                "All 6 rows are good",
                "2 go out at once, 1 goes out at its time, 3 are kept as drafts.",
            ),
            (
                tally(1, 0, 2, 1),
                "1 of 4 rows has to be put right",
                "Of the good ones, 2 go out at their times, 1 is kept as a draft.",
            ),
            (tally(2, 0, 0, 0), "All 2 rows have to be put right", ""),
        ] {
            assert_eq!((tally.title().as_str(), tally.becomes().as_str()), (title, becomes));
        }
        assert!(imported(0, 2).0 == "Nothing was made" && imported(1, 0).0 == "1 post was made");
    }
}
