//! Writing a post, and changing one that still waits.

use super::form::{Form, Posted, follow, goes};
use super::session::Session;
use super::trouble::Trouble;
use super::{Answer, Console, Shared};
use crate::map::{Book, Draft, Row, composer, post_errors};
use crate::view::{FieldError, MediaRow, When as Chosen};
use crate::words::{Said, sentence, told};
use app::publishing::{Accepted, Edit, PostView, PublishCommand, TargetSpec, When};
use app::{Error, Reply};
use axum::extract::{Query, State};
use domain::PostId;
use domain::access::Permission;
use domain::platform::Descriptor;
use domain::publishing::{Media, MediaRef, PostStatus, Schedule, Violation, check};
use domain::time::{OnGap, WallTimeError};
use serde::Deserialize;

/// Rows of media a form is read for; every platform takes fewer.
const MAX_ROWS: usize = 50;

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    post: Option<String>,
    date: Option<String>,
}

/// `GET /console/compose`; with `post`, the form of that post.
pub(super) async fn page(State(console): State<Shared>, Query(asked): Query<Asked>, session: Session) -> Answer {
    writes(&session)?;
    let frame = session.frame(&console).await?;
    let Some(post) = asked.post else {
        let day = asked.date.as_deref().and_then(|day| day.parse().ok());
        let book = frame.book().await?;
        let mut draft = Draft::fresh(day, &frame.zone, frame.now);
        // With one account there is nothing to choose.
        let mut usable = book.connected().filter(|account| account.is_active());
        if let (Some(only), None) = (usable.next(), usable.next()) {
            draft.targets.push(only.id.to_string());
        }
        return frame.page(200, &composer(&frame.reader(), &book, &draft, &[], Vec::new(), false));
    };
    let view = editable(&console, &session, &post).await?;
    let media = super::posts::media_of(&console, &session.caller, &view.post).await?;
    let draft = Draft::of(&view.post, &frame.zone, frame.now);
    let fixed = !view.post.is_draft();
    let book = frame.book().await?;
    let mut page = composer(&frame.reader(), &book, &draft, &media, Vec::new(), fixed);
    page.action = format!("/console/compose?post={}", view.post.id);
    page.rev = Some(view.rev);
    frame.page(200, &page)
}

fn writes(session: &Session) -> Result<(), Trouble> {
    if session.caller.may(Permission::Publish) { Ok(()) } else { Err(Error::Forbidden("publish").into()) }
}

/// A post this form can change.
async fn editable(console: &Console, session: &Session, id: &str) -> Result<PostView, Trouble> {
    let id: PostId = id.parse().map_err(|_| Trouble::Status(404))?;
    let view = app::publishing::status(&console.deps, &session.caller, id).await?;
    if !matches!(view.status, PostStatus::Draft | PostStatus::Scheduled) || view.post.archived {
        return Err(Error::conflict("too_late", "the post has left").into());
    }
    if !Draft::can_show(&view.post) {
        let detail = "it was written through the API and holds more than this form can show: change it there";
        return Err(Error::conflict("more_than_the_form", detail).into());
    }
    Ok(view)
}

/// `POST /console/compose`.
pub(super) async fn submit(State(console): State<Shared>, Query(asked): Query<Asked>, posted: Posted) -> Answer {
    let session = &posted.session;
    writes(session)?;
    if let Some(earlier) = posted.once()?.earlier(&console.deps, session.caller.tenant).await.unwrap_or_default() {
        return Ok(follow(&earlier));
    }
    let frame = session.frame(&console).await?;
    let book = frame.book().await?;
    let old = match &asked.post {
        Some(id) => Some(editable(&console, session, id).await?),
        None => None,
    };
    let fixed = old.as_ref().is_some_and(|old| !old.post.is_draft());
    let mut sent = Sent::read(&posted.form, &book);
    if let Some(old) = old.as_ref().filter(|_| fixed) {
        sent.draft.targets = old.post.targets.iter().map(|t| t.account.to_string()).collect();
    }
    sent.gather(&console, &posted).await?;
    let asks_for_a_row = posted.form.get("action") == "add_media";
    let mut status = 200;
    if !asks_for_a_row {
        match sent.accept(&console, &posted, &book, old.as_ref()).await? {
            Ok(reply) => return Ok(follow(&reply)),
            Err(refused) => status = refused,
        }
    }
    let mut page = composer(&frame.reader(), &book, &sent.draft, &sent.media, sent.errors, fixed);
    if asks_for_a_row && page.media.len() < page.max_media as usize && page.media.len() == sent.draft.rows.len() {
        page.media.push(MediaRow::default());
    }
    if let Some(old) = old {
        page.action = format!("/console/compose?post={}", old.post.id);
        page.rev = posted.form.get("rev").parse().ok().or(Some(old.rev));
    }
    frame.page(status, &page)
}

/// A form that was sent, while it becomes a post.
struct Sent {
    draft: Draft,
    /// For each row of the draft, its number in the form.
    numbers: Vec<usize>,
    /// The media of the rows, as they are stored.
    media: Vec<Media>,
    references: Vec<MediaRef>,
    /// For each reference, its row.
    rows: Vec<usize>,
    errors: Vec<FieldError>,
}

impl Sent {
    fn read(form: &Form, book: &Book) -> Self {
        let mut draft = Draft {
            text: form.get("text").to_owned(),
            link: form.get("link").trim().to_owned(),
            link_title: form.get("link_title").to_owned(),
            targets: form.all("target").map(str::to_owned).collect(),
            when: match form.get("when") {
                "at" => Chosen::At,
                "queue" => Chosen::Queue,
                "draft" => Chosen::Draft,
                _ => Chosen::Now,
            },
            date: form.get("date").to_owned(),
            time: form.get("time").to_owned(),
            zone: form.get("zone").to_owned(),
            ..Draft::default()
        };
        for descriptor in &book.platforms {
            let own = form.get(&format!("variant_{}", descriptor.id));
            if !own.trim().is_empty() {
                draft.variants.insert(descriptor.id.to_string(), own.to_owned());
            }
        }
        let mut numbers = Vec::new();
        for i in 0..MAX_ROWS {
            let field = |name: &str| form.get(&format!("media_{i}_{name}")).trim();
            let row = Row { id: field("id").parse().ok(), url: field("url").into(), alt: field("alt").into() };
            let file = form.file(&format!("media_{i}_file")).is_some();
            let empty = row == Row::default() && !file;
            if !empty && !form.has(&format!("media_{i}_remove")) {
                numbers.push(i);
                draft.rows.push(row);
            }
        }
        Self { draft, numbers, media: vec![], references: vec![], rows: vec![], errors: vec![] }
    }

    /// Stores what was uploaded and registers what has an address, so that neither is asked for again.
    async fn gather(&mut self, console: &Console, posted: &Posted) -> Result<(), Trouble> {
        let (deps, caller) = (&console.deps, &posted.session.caller);
        for (i, row) in self.draft.rows.iter_mut().enumerate() {
            let file = posted.form.file(&format!("media_{}_file", self.numbers[i]));
            let found = match (row.id, file) {
                (Some(id), _) => app::publishing::media(deps, caller, id).await.map_err(|error| match error {
                    Error::NotFound(_) => Error::invalid("media_not_found", "", "this picture was deleted: remove it"),
                    other => other,
                }),
                (None, Some(bytes)) => app::publishing::upload_media(deps, caller, bytes.clone(), "").await,
                (None, None) if row.url.is_empty() => {
                    Err(Error::invalid("media_missing", "", "choose a picture or give its address"))
                }
                (None, None) => match app::publishing::named_media(deps, caller, &row.url, "").await {
                    Ok(id) => app::publishing::media(deps, caller, id).await,
                    Err(error) => Err(error),
                },
            };
            match found {
                Ok(medium) => {
                    row.id = Some(medium.id);
                    row.url.clear();
                    let alt_text = Some(row.alt.clone()).filter(|alt| !alt.is_empty());
                    self.references.push(MediaRef { id: medium.id, alt_text });
                    self.rows.push(i);
                    self.media.push(medium);
                }
                Err(Error::Invalid(violations)) => {
                    let texts = violations.iter().map(|v| sentence(&v.detail)).collect::<Vec<_>>().join(" ");
                    self.errors.push(FieldError { field: format!("media_{i}"), text: texts });
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// The platforms of the ticked accounts, and those with a text of their own.
    fn platforms(&self, book: &Book) -> Vec<Descriptor> {
        let ticked = |d: &Descriptor| {
            book.accounts.iter().any(|a| a.platform == d.id && self.draft.targets.contains(&a.id.to_string()))
        };
        let own = |d: &Descriptor| self.draft.variants.contains_key(d.id.as_str());
        book.platforms.iter().filter(|d| ticked(d) || own(d)).cloned().collect()
    }

    /// Hands the post over. When it is refused, all that is wrong stands in `errors`, and the answer is the status.
    async fn accept(
        &mut self,
        console: &Console,
        posted: &Posted,
        book: &Book,
        old: Option<&PostView>,
    ) -> Result<Result<Reply, u16>, Trouble> {
        let platforms = self.platforms(book);
        let (content, variants) = self.draft.content(&platforms, &self.references);
        let targets = self.draft.targets.iter().filter_map(|id| id.parse().ok().map(TargetSpec::Account)).collect();
        let when = self.when();
        if !self.errors.is_empty() {
            self.check(&platforms);
            return Ok(Err(422));
        }
        let (deps, caller, once) = (&console.deps, &posted.session.caller, posted.once()?);
        let done = match old {
            None => {
                let command = PublishCommand { content, variants, targets, when, max_lateness_s: None };
                let encode = |accepted: &Accepted| goes(&address(accepted), said(accepted));
                app::publishing::request(deps, caller, &command, once, &encode).await
            }
            Some(old) => {
                let rev = posted.form.get("rev").parse().map_err(|_| Trouble::Status(400))?;
                let stays = matches!(
                    (&old.post.schedule, &when),
                    (Schedule::Draft, When::Draft) | (Schedule::Queue { .. }, When::Queue)
                );
                let edit = Edit {
                    content: Some(content),
                    variants: Some(variants),
                    targets: old.post.is_draft().then_some(targets),
                    when: (!stays).then_some(when),
                };
                let encode = |accepted: &Accepted| goes(&address(accepted), Said::Saved);
                app::publishing::edit(deps, caller, old.post.id, rev, &edit, once, &encode).await
            }
        };
        match done {
            Ok(reply) => Ok(Ok(reply)),
            Err(error) => self.refused(error).map(Err),
        }
    }

    /// The chosen time; a wall time that is none becomes an error beside its field.
    fn when(&mut self) -> When {
        match self.draft.when {
            Chosen::Now => When::Now,
            Chosen::Queue => When::Queue,
            Chosen::Draft => When::Draft,
            Chosen::At => {
                let mut wrong = |field: &str, text: String| {
                    self.errors.push(FieldError { field: field.into(), text });
                    When::Draft
                };
                match self.draft.wall() {
                    Err(field) => wrong(field, format!("Give a {field}.")),
                    Ok(wall) => match wall.resolve(OnGap::Reject) {
                        Ok(_) => When::Wall(wall, OnGap::Reject),
                        Err(error @ WallTimeError::UnknownZone(_)) => wrong("zone", sentence(&error.to_string())),
                        Err(error @ WallTimeError::Gap(..)) => {
                            wrong("time", format!("{error}. Choose another time."))
                        }
                        Err(error) => wrong("date", sentence(&error.to_string())),
                    },
                }
            }
        }
    }

    /// Adds what else is wrong, so that a person who mends one field does not meet the next error only then.
    fn check(&mut self, platforms: &[Descriptor]) {
        let (content, variants) = self.draft.content(platforms, &self.references);
        let mut violations = Vec::new();
        if self.draft.targets.is_empty() && self.draft.when != Chosen::Draft {
            violations.push(Violation::new("targets_missing", "/targets", "choose at least one account"));
        }
        for descriptor in platforms {
            let own = variants.get(descriptor.id.as_str());
            let at = own.map_or_else(|| "/content".to_owned(), |_| format!("/variants/{}", descriptor.id));
            violations.extend(check(own.unwrap_or(&content), descriptor, &self.media, &at));
        }
        self.errors.extend(post_errors(&violations, &self.draft, &self.rows));
    }

    fn refused(&mut self, error: Error) -> Result<u16, Trouble> {
        let field = match &error {
            Error::Invalid(violations) => {
                self.errors.extend(post_errors(violations, &self.draft, &self.rows));
                return Ok(422);
            }
            Error::Conflict { code: "account_needs_reauth", .. } => "targets",
            Error::Conflict { code: "queue_full", .. } => "when",
            Error::Conflict { .. } | Error::Unavailable(_) => "composer",
            Error::KeyReused => {
                let text = "This form was sent before with other content, and that counted. If you mean a second post, \
                            press the button once more.";
                self.errors.push(FieldError { field: "composer".into(), text: text.into() });
                return Ok(409);
            }
            _ => return Err(error.into()),
        };
        let told = told(&error);
        self.errors.push(FieldError { field: field.into(), text: told.text });
        Ok(told.status)
    }
}

fn address(accepted: &Accepted) -> String {
    format!("/console/posts/{}", accepted.post.id)
}

fn said(accepted: &Accepted) -> Said {
    match accepted.post.schedule {
        Schedule::Now { .. } => Said::Posted,
        Schedule::At { .. } => Said::Scheduled,
        Schedule::Queue { .. } => Said::Queued,
        Schedule::Draft => Said::Draft,
    }
}
