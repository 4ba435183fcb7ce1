//! Lost answers: what reading the platform back may conclude, and what it may not. Each is tried with a post, with the later part of a
//! thread, with a first comment and with an answer that is a comment, as far as the platform has them: they may stand in different lists.
//! Where an account cannot be read, all that reading does is to ask a person.

use super::lost::Lost;
use super::{Case, Duplicates, Fault, Harness, Picture, Texts};
use domain::publishing::{Part, Receipt, Variant};
use ports::AllRoles;

/// What is in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Post,
    Reply,
    Comment,
    /// A comment that answers a comment.
    Answer,
}

/// Where the doubts are tried: everything that is published there stands below the same post, or is one.
struct Place<'a> {
    connector: &'a dyn AllRoles,
    harness: &'a dyn Harness,
    picture: &'a Picture,
    texts: &'a Texts,
    step: Step,
    /// What it stands below.
    first: Variant,
    before: Vec<Receipt>,
}

/// Runs every doubt at every place.
pub(super) async fn are_settled(connector: &dyn AllRoles, harness: &dyn Harness, picture: &Picture, texts: &Texts) {
    let limits = &connector.descriptor().limits;
    let (replies, comments) = (limits.thread_parts > 1, limits.first_comment.is_some() && harness.shows_comments());
    let steps = [
        (Step::Post, true),
        (Step::Reply, replies),
        (Step::Comment, comments),
        (Step::Answer, limits.answer.is_some() && harness.shows_answers()),
    ];
    for (step, _) in steps.into_iter().filter(|(_, there)| *there) {
        let first = texts.next();
        let mut place = Place { connector, harness, picture, texts, step, first, before: Vec::new() };
        if step == Step::Answer {
            place.first = texts.answering(&super::replies::comment(connector, harness, picture, texts).await);
        } else if step != Step::Post {
            let below = place.case("", place.first.clone()).publish().await.expect("what it stands below is published");
            place.before.push(below.receipt);
        }
        doubt_is_settled_by_reading(&place).await;
        a_late_commit_is_not_there_until_it_comes_and_then_is_the_one(&place).await;
        a_list_that_lags_proves_nothing_and_shows_it_in_the_end(&place).await;
        of_two_that_look_alike_it_takes_its_own_or_none(&place).await;
    }
}

impl<'a> Place<'a> {
    /// Another content to publish here.
    fn next(&self) -> Variant {
        let next = self.texts.next();
        let text = next.parts[0].text.clone();
        match self.step {
            Step::Post => next,
            Step::Answer => Variant { reply_to: self.first.reply_to.clone(), ..Variant::text(text) },
            Step::Reply => {
                let parts = self.first.parts.iter().cloned().chain([Part { text, media: Vec::new() }]).collect();
                Variant { parts, ..self.first.clone() }
            }
            Step::Comment => Variant { first_comment: Some(text), ..self.first.clone() },
        }
    }

    /// The same content, with so many spaces at its first gap where the platform refuses the very same text twice: people see no
    /// difference, and no reading does.
    fn alike(&self, content: &Variant, spaces: usize) -> Variant {
        let below = matches!(self.step, Step::Comment | Step::Answer);
        let refused = self.harness.duplicates() != Duplicates::Taken || below && !self.harness.repeats_comments();
        let mut alike = content.clone();
        let last = alike.parts.last_mut().map(|part| &mut part.text);
        if let Some(text) = alike.first_comment.as_mut().or(last)
            && refused
        {
            *text = text.replacen(' ', &" ".repeat(spaces), 1);
        }
        alike
    }

    /// A delivery whose last step is next.
    fn case(&self, name: &str, content: Variant) -> Case<'a> {
        // They all begin alike, and are deliveries of their own.
        let key = format!("{}{name}", content.full_text(content.steps() - 1, false));
        let mut case = Case::new(self.connector, self.harness, content, self.picture);
        case.key = key;
        case.before.clone_from(&self.before);
        case
    }

    /// The id of one that is published, and that nobody doubts.
    async fn published(&self, name: &str, content: Variant) -> String {
        let published = self.case(name, content).publish().await.expect("it is published");
        published.receipt.id.expect("an id")
    }

    /// One whose answer is lost. Every post that is live by then is another delivery's.
    async fn lost(&self, name: &str, content: Variant, fault: Fault) -> Lost<'a> {
        let mut case = self.case(name, content);
        case.elsewhere = self.live().await;
        Lost::new(case, fault).await
    }

    /// The ids of all posts.
    async fn live(&self) -> Vec<String> {
        self.harness.posts().await.into_iter().map(|post| post.id).collect()
    }

    /// The id of the only post that is live besides these.
    async fn besides(&self, known: &[String]) -> String {
        let mut fresh = self.live().await;
        fresh.retain(|id| !known.contains(id));
        let [own] = fresh.as_slice() else { panic!("one is new: {fresh:?}") };
        own.clone()
    }
}

async fn doubt_is_settled_by_reading(place: &Place<'_>) {
    let mut lost = place.lost("", place.next(), Fault::CommitThenDrop).await;
    let own = place.besides(&lost.case.elsewhere).await;
    lost.read().await.names(&own);

    let mut lost = place.lost("", place.next(), Fault::DropBeforeCommit).await;
    lost.read().await.leaves_it_open("it never arrived");
}

async fn a_late_commit_is_not_there_until_it_comes_and_then_is_the_one(place: &Place<'_>) {
    let mut lost = place.lost("", place.next(), Fault::LateCommit).await;
    let mut known = lost.case.elsewhere.clone();
    assert_eq!(place.live().await.len(), known.len(), "it takes effect later");
    lost.read().await.leaves_it_open("it is not there yet");
    // What is published meanwhile, and by whom nobody says, is not the one.
    known.push(place.published("", place.next()).await);
    lost.read().await.takes_no_other("another was published meanwhile");
    place.harness.release().await;
    let late = place.besides(&known).await;
    lost.read().await.names(&late);
}

async fn a_list_that_lags_proves_nothing_and_shows_it_in_the_end(place: &Place<'_>) {
    let listed = place.published("", place.next()).await;
    place.harness.lists_lag(true).await;
    let mut lost = place.lost("", place.next(), Fault::CommitThenDrop).await;
    let own = place.besides(&lost.case.elsewhere).await;
    let early = lost.read().await;
    // An answer has no id before it is made, so that a list has to show it.
    if place.harness.reads_lists() || place.step == Step::Answer {
        early.leaves_it_open("no list shows it yet");
        // Nor is what lists show the one, if nobody says whose it is.
        lost.case.elsewhere.retain(|id| *id != listed);
        lost.read().await.takes_no_other("lists show another");
    } else {
        early.names(&own);
    }
    place.harness.lists_lag(false).await;
    lost.read().await.names(&own);
}

async fn of_two_that_look_alike_it_takes_its_own_or_none(place: &Place<'_>) {
    let content = place.next();
    let twin = place.published(" twin", place.alike(&content, 1)).await;

    // Ours never arrived, and the twin is another delivery's.
    let mut lost = place.lost(" lost", place.alike(&content, 2), Fault::DropBeforeCommit).await;
    lost.read().await.leaves_it_open("the twin is not ours");

    // Ours is live, too, and nobody says whose the twin is; then somebody does.
    let mut lost = place.lost(" live", place.alike(&content, 3), Fault::CommitThenDrop).await;
    let own = place.besides(&lost.case.elsewhere).await;
    lost.case.elsewhere.retain(|id| *id != twin);
    lost.read().await.does_not_guess(&own);
    lost.case.elsewhere.push(twin);
    lost.read().await.names(&own);
}
