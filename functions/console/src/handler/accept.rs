//! A composer's form becomes a post, or another post than it was, or a series.

use super::Console;
use super::form::{Posted, goes};
use super::sent::Sent;
use super::series;
use super::trouble::Trouble;
use crate::map::{Book, Draft, Wall, WrongTime};
use crate::view::{FieldError, When as Chosen};
use crate::words::Said;
use app::Reply;
use app::publishing::{Accepted, Edit, NewSeries, PostView, PublishCommand, Range, RecurrenceSpec, When};
use domain::publishing::{Post, Schedule};
use domain::time::OnGap;
use jiff::Timestamp;

/// When a form wants to be sent.
enum Time {
    Once(When),
    Again(RecurrenceSpec),
}

impl Sent {
    /// Hands the post over. When it is refused, all that is wrong stands in `errors`, and the answer is the status.
    pub(super) async fn accept(
        &mut self,
        console: &Console,
        posted: &Posted,
        book: &Book,
        old: Option<&PostView>,
    ) -> Result<Result<Reply, u16>, Trouble> {
        let platforms = self.platforms(book);
        let (content, variants, targets) = self.says(&platforms);
        let time = match old.and_then(|old| self.shown_time(&old.post)) {
            Some(at) => Time::Once(When::At(at)),
            None => self.time(old.is_none()),
        };
        if !self.is_sound(console, posted, &platforms).await? {
            return Ok(Err(422));
        }
        let (deps, caller, once) = (&console.deps, &posted.session.caller, posted.once()?);
        let done = match (old, time) {
            (_, Time::Again(recurrence)) => {
                let new = NewSeries { content, variants, targets, recurrence, missed: self.draft.often.missed };
                series::make(console, caller, &new, once).await
            }
            (None, Time::Once(when)) => {
                let command = PublishCommand { content, variants, targets, when, max_lateness_s: None };
                let encode = |accepted: &Accepted| goes(&address(accepted), said(accepted));
                app::publishing::request(deps, caller, &command, once, &encode).await
            }
            (Some(old), Time::Once(when)) => {
                let rev = posted.form.get("rev").parse().map_err(|_| Trouble::Status(400))?;
                let stays = matches!(
                    (&old.post.schedule, &when),
                    (Schedule::Draft, When::Draft)
                        | (Schedule::At { .. }, When::At(_))
                        | (Schedule::Queue { best: None, .. }, When::Queue)
                        | (Schedule::Queue { best: Some(_), .. }, When::Best(_))
                );
                let edit = Edit {
                    content: Some(content),
                    variants: Some(variants),
                    targets: old.post.is_draft().then_some(targets),
                    when: (!stays).then_some(when),
                };
                let waits =
                    |accepted: &Accepted| if accepted.approval.is_some() { Said::SavedWaits } else { Said::Saved };
                let encode = |accepted: &Accepted| goes(&address(accepted), waits(accepted));
                app::publishing::edit(deps, caller, old.post.id, rev, &edit, once, &encode).await
            }
        };
        match done {
            Ok(reply) => Ok(Ok(reply)),
            Err(error) => self.refused(error).map(Err),
        }
    }

    /// The instant of a post whose form comes back with the time that it showed. Read anew, the second of an hour that comes twice
    /// would be the first, and what a run was moved over a gap for would be no time at all.
    fn shown_time(&self, post: &Post) -> Option<Timestamp> {
        let Schedule::At { at, .. } = &post.schedule else { return None };
        let shown = Draft::of(post, &self.draft.zone, *at);
        let told = |draft: &Draft| (draft.when, [&draft.date, &draft.time, &draft.zone].map(String::clone));
        (told(&shown) == told(&self.draft)).then_some(*at)
    }

    /// The chosen time; one that is none becomes an error beside its field.
    fn time(&mut self, is_new: bool) -> Time {
        if self.draft.when != Chosen::Series {
            return Time::Once(self.when());
        }
        let Draft { date, time, zone, often, .. } = &self.draft;
        let errors = match often.spec(date, time, zone) {
            Ok(spec) if is_new => return Time::Again(spec),
            Ok(_) => {
                let text = "A post that is there already becomes no series: compose a new one.".into();
                vec![FieldError { field: "when".into(), text }]
            }
            Err(errors) => errors,
        };
        self.errors.extend(errors);
        Time::Once(When::Draft)
    }

    fn when(&mut self) -> When {
        match self.draft.when {
            Chosen::Now => When::Now,
            Chosen::Queue => When::Queue,
            // In the organisation's zone, within a week.
            Chosen::Best => When::Best(Range::default()),
            Chosen::Draft | Chosen::Series => When::Draft,
            Chosen::At => {
                let Draft { date, time, zone, .. } = &self.draft;
                match (Wall { date, time, zone }).read() {
                    Ok(wall) => When::Wall(wall, OnGap::Reject),
                    Err(WrongTime { field, text }) => {
                        self.errors.push(FieldError { field: field.into(), text });
                        When::Draft
                    }
                }
            }
        }
    }
}

fn address(accepted: &Accepted) -> String {
    format!("/console/posts/{}", accepted.post.id)
}

fn said(accepted: &Accepted) -> Said {
    if accepted.approval.is_some() {
        return Said::Waits;
    }
    match accepted.post.schedule {
        Schedule::Now { .. } => Said::Posted,
        Schedule::At { .. } => Said::Scheduled,
        Schedule::Queue { best: Some(_), .. } => Said::Best,
        Schedule::Queue { best: None, .. } => Said::Queued,
        Schedule::Draft => Said::Draft,
    }
}
