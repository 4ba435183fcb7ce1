//! How a platform's rules are written down in its tests: a post that is fine, one change to it, and what preflight says of it. Each
//! limit is shown at its edge. `rules.rs` in each platform's folder is the table.

use domain::platform::Descriptor;
use domain::publishing::{
    Audio, CaptionTrack, ContentKind, LinkCard, Media, MediaRef, MediaSource, Part, Poll, Probe, ReplyRestriction,
    Variant, Violation, Visibility, check, check_amend, left_out, may_be_refused,
};
use domain::{MediaId, MemberId, TenantId};
use std::cell::RefCell;
use std::fmt::Debug;
use std::ops::{Deref, DerefMut};
use uuid::Uuid;

/// A content and its media.
#[derive(Debug, Clone)]
pub(crate) struct Post {
    variant: Variant,
    media: Vec<Media>,
}

impl Post {
    /// Of this text and these media.
    pub(crate) fn new(text: &str, media: &[Probe]) -> Self {
        let mut post = Self { variant: Variant::text(text), media: Vec::new() };
        post.shows(media);
        post
    }

    /// The same with a title.
    pub(crate) fn titled(mut self, title: &str) -> Self {
        self.title = Some(title.into());
        self
    }

    /// With another text.
    pub(crate) fn says(&mut self, text: &str) {
        text.clone_into(&mut self.variant.parts[0].text);
    }

    /// With these media instead.
    pub(crate) fn shows(&mut self, media: &[Probe]) {
        let medium = |(n, probe): (usize, &Probe)| Media {
            id: MediaId::from_uuid(Uuid::from_u128(n as u128)),
            tenant: TenantId::from_uuid(Uuid::nil()),
            created_by: MemberId::from_uuid(Uuid::nil()),
            created_at: jiff::Timestamp::UNIX_EPOCH,
            source: MediaSource::Url { url: "https://example.com/it".into() },
            probe: Some(probe.clone()),
            alt_text: None,
        };
        self.media = media.iter().enumerate().map(medium).collect();
        self.variant.parts[0].media = self.media.iter().map(|medium| MediaRef::new(medium.id)).collect();
    }

    /// With this alternative text of its first medium.
    pub(crate) fn describes(&mut self, alt_text: &str) {
        self.parts[0].media[0].alt_text = Some(alt_text.into());
    }

    /// With this title of its first medium.
    pub(crate) fn names(&mut self, title: &str) {
        self.parts[0].media[0].title = Some(title.into());
    }

    /// With these files of captions of its first medium, each in a language of its own, unless they are named.
    pub(crate) fn speaks(&mut self, files: &[(Probe, &str)]) {
        for (probe, language) in files {
            let id = MediaId::from_uuid(Uuid::from_u128(1_000 + self.media.len() as u128));
            self.media.push(Media { id, probe: Some(probe.clone()), ..self.media[0].clone() });
            let track = CaptionTrack { id, language: (*language).into(), name: None };
            self.parts[0].media[0].captions.push(track);
        }
    }

    /// With so many parts.
    pub(crate) fn thread(&mut self, parts: u64) {
        self.parts = (0..parts).map(|n| Part { text: n.to_string(), media: Vec::new() }).collect();
    }

    /// With a poll: its question where it stands apart, so many answers of so many characters, so many minutes.
    pub(crate) fn asks(&mut self, question: Option<&str>, options: u64, chars: u64, minutes: u64) {
        let option = |n: u64| format!("{}{n}", many("x", chars - 1));
        self.poll = Some(Poll {
            question: question.map(str::to_owned),
            options: (0..options).map(option).collect(),
            duration_minutes: u32::try_from(minutes).unwrap_or(u32::MAX),
            multiple: false,
        });
    }

    /// With a link, and this title of its card.
    pub(crate) fn links(&mut self, title: Option<&str>) {
        let url = "https://example.com/more".to_owned();
        self.link = Some(LinkCard { url, title: title.map(str::to_owned), description: None });
    }
}

impl Post {
    /// What breaks a platform's rules.
    pub(crate) fn violations(&self, descriptor: &Descriptor) -> Vec<Violation> {
        check(&self.variant, descriptor, &self.media, "")
    }
}

impl Deref for Post {
    type Target = Variant;
    fn deref(&self) -> &Variant {
        &self.variant
    }
}

impl DerefMut for Post {
    fn deref_mut(&mut self) -> &mut Variant {
        &mut self.variant
    }
}

/// How a sentence begins that says nothing but what to do. Any other says it behind a colon.
const MENDS: [&str; 4] = ["ask ", "give ", "name ", "write "];

/// What preflight says of one platform's posts.
pub(crate) struct Rules<'a> {
    descriptor: &'a Descriptor,
    fine: Post,
    /// Every sentence that it said.
    said: RefCell<Vec<String>>,
}

impl<'a> Rules<'a> {
    /// Of this platform, which takes this post.
    pub(crate) fn of(descriptor: &'a Descriptor, fine: Post) -> Self {
        let rules = Self { descriptor, fine, said: RefCell::default() };
        rules.takes(|_| {});
        rules
    }

    /// `code field` of each broken rule of a changed post, and what is said of it.
    fn told(&self, post: &Post) -> (String, String) {
        let found = check(&post.variant, self.descriptor, &post.media, "");
        let sentences: Vec<String> = found.iter().map(|v| v.detail.clone()).collect();
        for told in &sentences {
            let mends = told.contains(": ") || MENDS.iter().any(|verb| told.starts_with(verb));
            assert!(mends, "{}: {told:?} does not say how to mend it", self.descriptor.id);
        }
        self.said.borrow_mut().extend(sentences.iter().cloned());
        let codes: Vec<String> = found.iter().map(|v| format!("{} {}", v.code, v.field)).collect();
        (codes.join(", "), sentences.join("\n"))
    }

    fn changed(&self, change: impl FnOnce(&mut Post)) -> Post {
        let mut post = self.fine.clone();
        change(&mut post);
        post
    }

    /// The changed post is taken.
    pub(crate) fn takes(&self, change: impl FnOnce(&mut Post)) {
        let post = self.changed(change);
        assert_eq!(self.told(&post).0, "", "{}: {}", self.descriptor.id, brief(&post));
    }

    /// The changed post is refused: `code field`, several with a comma between them.
    pub(crate) fn refuses(&self, expected: &str, change: impl FnOnce(&mut Post)) {
        self.because(expected, "", change);
    }

    /// It is refused in words that have these among them: the reason, and the date where there is one.
    pub(crate) fn because(&self, expected: &str, words: &str, change: impl FnOnce(&mut Post)) {
        let post = self.changed(change);
        let (codes, sentences) = self.told(&post);
        assert_eq!(codes, expected, "{}: {}", self.descriptor.id, brief(&post));
        assert!(sentences.contains(words), "{}: {words:?} is not in {sentences:?}", self.descriptor.id);
    }

    /// So many are taken, and one more is refused.
    pub(crate) fn most(&self, last: u64, expected: &str, change: impl Fn(&mut Post, u64)) {
        self.takes(|post| change(post, last));
        self.refuses(expected, |post| change(post, last + 1));
    }

    /// So many are taken, and one less is refused.
    pub(crate) fn least(&self, first: u64, expected: &str, change: impl Fn(&mut Post, u64)) {
        self.takes(|post| change(post, first));
        self.refuses(expected, |post| change(post, first - 1));
    }

    /// The changed post is taken without what it cannot carry, and these words say so.
    pub(crate) fn leaves_out(&self, words: &str, change: impl FnOnce(&mut Post)) {
        let post = self.changed(change);
        assert_eq!(self.told(&post).0, "", "{}: {}", self.descriptor.id, brief(&post));
        let left = left_out(&post.variant, self.descriptor, &post.media);
        assert!(left.iter().any(|told| told.contains(words)), "{}: {words:?} is not in {left:?}", self.descriptor.id);
        self.said.borrow_mut().extend(left);
    }

    /// The changed post is taken, these words warn that the platform may refuse it, and nothing warns of the post without the change.
    pub(crate) fn may_refuse(&self, words: &str, change: impl FnOnce(&mut Post)) {
        let post = self.changed(change);
        assert_eq!(self.told(&post).0, "", "{}: {}", self.descriptor.id, brief(&post));
        let warned = |post: &Post| may_be_refused(&post.variant, self.descriptor, &post.media);
        assert!(warned(&post).is_some_and(|told| told.contains(words)), "{}: {:?}", self.descriptor.id, warned(&post));
        assert_eq!(warned(&self.fine), None, "{}", self.descriptor.id);
    }

    /// What is sent to a list has one part and one kind of reader: nothing else that a post may ask for is taken.
    pub(crate) fn refuse_all_but_a_letter(&self) {
        for visibility in [Visibility::Connections, Visibility::LoggedIn, Visibility::Unlisted, Visibility::Private] {
            self.refuses("unsupported /visibility", |p| p.visibility = visibility);
        }
        for restriction in [ReplyRestriction::Following, ReplyRestriction::Mentioned] {
            self.refuses("unsupported /reply_restriction", |p| p.reply_restriction = restriction);
        }
        self.most(1, "too_many_parts /parts", Post::thread);
        self.refuses("unsupported /poll", poll);
        self.refuses("unsupported /kind", story);
        self.refuses("unsupported /kind", reel);
        self.refuses("unsupported /quote", quote);
        self.refuses("unsupported /reply_to", reply);
        self.refuses("unsupported /first_comment", comment);
    }

    /// Every reason that the descriptor gives was said of some post of the table: one that nothing asks for is never read.
    pub(crate) fn give_every_reason(&self) {
        let other = self.changed(|post| post.says("other words"));
        let amended = check_amend(&self.fine.variant, &other.variant, self.descriptor, "");
        let said: Vec<String> =
            amended.into_iter().map(|v| v.detail).chain(self.said.borrow().iter().cloned()).collect();
        let limits = &self.descriptor.limits;
        let of_articles = limits.article.iter().flat_map(|own| &own.reasons);
        for (feature, reason) in limits.reasons.iter().chain(of_articles) {
            assert!(said.iter().any(|told| told.contains(reason)), "{}: {feature:?} is never said", self.descriptor.id);
        }
    }
}

/// What an answer is held to where it is a comment: words, so many units of them, and nothing beside them, which is refused in the words
/// `alone`.
pub(crate) fn answers_are_words(descriptor: &Descriptor, most: u64, alone: &str) {
    let mut fine = Post::new("so it is", &[]);
    reply(&mut fine);
    let rules = Rules::of(descriptor, fine);
    rules.takes(|p| p.links(Some("a title")));
    rules.most(most, "content_too_long /parts/0/text", |p, n| p.says(&many("é", n)));
    rules.refuses("content_empty /parts/0/text", |p| p.says(" "));
    rules.most(1, "too_many_parts /parts", Post::thread);
    for probe in [still("image/jpeg"), film(), paper()] {
        rules.because("unsupported /parts/0/media/0", alone, |p| p.shows(&[probe]));
    }
    for (field, change) in [
        ("kind", story as fn(&mut Post)),
        ("kind", reel),
        ("kind", article),
        ("poll", poll),
        ("quote", quote),
        ("draft", draft),
        ("targeting", target),
        ("visibility", |p| p.visibility = Visibility::Private),
    ] {
        rules.because(&format!("unsupported /{field}"), alone, change);
    }
    rules.because("unsupported /first_comment", alone, comment);
    rules.because("unsupported /reply_restriction, unsupported /reply_to", "somebody else's thread", |p| {
        p.reply_restriction = ReplyRestriction::Following;
    });
    rules.leaves_out(alone, |p| p.title = Some("a title".into()));
    rules.leaves_out(alone, |p| p.made_for_kids = true);
}

/// A post in a message, without a text of a hundred thousand characters.
fn brief(post: &impl Debug) -> String {
    format!("{post:?}").chars().take(1_500).collect()
}

/// A text so many times.
pub(crate) fn many(text: &str, times: u64) -> String {
    text.repeat(usize::try_from(times).unwrap_or(0))
}

/// So many media of this kind.
pub(crate) fn several(probe: &Probe, count: u64) -> Vec<Probe> {
    vec![probe.clone(); usize::try_from(count).unwrap_or(0)]
}

/// A picture of this type with a thousand pixels along each side.
pub(crate) fn still(media_type: &str) -> Probe {
    Probe::picture(media_type, 1_000, 1_000, 1_000)
}

/// An upright video of ten seconds.
pub(crate) fn film() -> Probe {
    Probe {
        duration_ms: Some(10_000),
        codec: Some("h264".into()),
        ..Probe::picture("video/mp4", 1_000_000, 1_080, 1_920)
    }
}

/// A document.
pub(crate) fn paper() -> Probe {
    Probe::picture("application/pdf", 1_000, 0, 0)
}

/// A file of captions.
pub(crate) fn captions(media_type: &str) -> Probe {
    Probe::picture(media_type, 1_000, 0, 0)
}

/// A medium of so many bytes.
pub(crate) fn sized(probe: &Probe, bytes: u64) -> Probe {
    Probe { bytes, ..probe.clone() }
}

/// A medium of so many pixels; more than there can be are as many as there can be.
pub(crate) fn shaped(probe: &Probe, width: u64, height: u64) -> Probe {
    let pixels = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    Probe { width: pixels(width), height: pixels(height), ..probe.clone() }
}

/// A video of so many milliseconds.
pub(crate) fn playing(probe: &Probe, ms: u64) -> Probe {
    Probe { duration_ms: Some(ms), ..probe.clone() }
}

/// A video that is coded like this.
pub(crate) fn coded(probe: &Probe, codec: &str) -> Probe {
    Probe { codec: Some(codec.into()), ..probe.clone() }
}

/// A video that shows so many pictures in a second.
pub(crate) fn moving(probe: &Probe, frames: u64) -> Probe {
    Probe { frame_rate_milli: Some(u32::try_from(frames * 1_000).unwrap_or(u32::MAX)), ..probe.clone() }
}

/// A video whose sound is coded like this, with so many samples in a second.
pub(crate) fn sounding(probe: &Probe, codec: &str, hertz: u64) -> Probe {
    Probe { audio: Some(Audio { codec: codec.into(), sample_rate_hz: u32::try_from(hertz).ok() }), ..probe.clone() }
}

/// A medium of another type.
pub(crate) fn typed(probe: &Probe, media_type: &str) -> Probe {
    Probe { media_type: media_type.into(), ..probe.clone() }
}

/// The post as an article.
pub(crate) fn article(post: &mut Post) {
    post.kind = ContentKind::Article;
}

/// The post as a story.
pub(crate) fn story(post: &mut Post) {
    post.kind = ContentKind::Story;
}

/// The post as a reel.
pub(crate) fn reel(post: &mut Post) {
    post.kind = ContentKind::Reel;
}

/// The post as an answer to somebody's.
pub(crate) fn reply(post: &mut Post) {
    post.reply_to = Some("1".into());
}

/// The post with somebody's below it.
pub(crate) fn quote(post: &mut Post) {
    post.quote = Some("1".into());
}

/// The post as a draft there.
pub(crate) fn draft(post: &mut Post) {
    post.draft = true;
}

/// The post with a comment below it.
pub(crate) fn comment(post: &mut Post) {
    post.first_comment = Some("first".into());
}

/// The post for some of those who follow its author.
pub(crate) fn target(post: &mut Post) {
    post.targeting.regions = vec!["urn:li:geo:1".into()];
}

/// The post with a plain poll.
pub(crate) fn poll(post: &mut Post) {
    post.asks(None, 2, 3, 1_440);
}
