//! What a site remembers beside what is live: drafts, and the terms its posts are sorted by. Bounded.

use std::collections::BTreeMap;

/// Posts kept in every state; the oldest leaves first.
const MAX_POSTS: usize = 10_000;
/// Terms kept.
const MAX_TERMS: usize = 1_000;

/// A post in any state.
#[derive(Clone, Default)]
pub(crate) struct Article {
    pub(crate) id: u64,
    /// Id of its user.
    pub(crate) author: String,
    pub(crate) status: String,
    pub(crate) slug: String,
    pub(crate) title: String,
    pub(crate) content: String,
    pub(crate) excerpt: String,
    pub(crate) featured_media: u64,
    pub(crate) tags: Vec<u64>,
    pub(crate) categories: Vec<u64>,
    pub(crate) created_ms: i64,
}

/// A tag or a category.
#[derive(Clone)]
pub(crate) struct Term {
    pub(crate) id: u64,
    /// `tags` or `categories`.
    pub(crate) kind: &'static str,
    /// As WordPress keeps it: without tags, and with entities.
    pub(crate) name: String,
}

/// A file's name in addresses, and the texts the library keeps of it.
#[derive(Clone)]
pub(crate) struct Filed {
    pub(crate) id: u64,
    pub(crate) slug: String,
    pub(crate) alt_text: String,
    pub(crate) title: String,
}

/// A comment.
#[derive(Clone)]
pub(crate) struct Said {
    pub(crate) id: u64,
    pub(crate) post: u64,
    /// The comment that it answers; 0 is none.
    pub(crate) parent: u64,
    /// Id of its user.
    pub(crate) author: String,
    pub(crate) status: String,
    pub(crate) content: String,
    pub(crate) created_ms: i64,
}

/// The site.
#[derive(Default)]
pub(crate) struct Blog {
    posts: BTreeMap<u64, Article>,
    pub(crate) terms: Vec<Term>,
    pub(crate) files: Vec<Filed>,
    pub(crate) said: Vec<Said>,
}

impl Blog {
    pub(crate) fn keep(&mut self, post: Article) {
        self.posts.insert(post.id, post);
        if self.posts.len() > MAX_POSTS {
            self.posts.pop_first();
        }
    }

    pub(crate) fn file(&mut self, file: Filed) {
        self.files.push(file);
        if self.files.len() > MAX_POSTS {
            self.files.remove(0);
        }
    }

    pub(crate) fn say(&mut self, said: Said) {
        self.said.push(said);
        if self.said.len() > MAX_POSTS {
            self.said.remove(0);
        }
    }

    /// Adds a term; false when there are too many.
    pub(crate) fn sort_by(&mut self, term: Term) -> bool {
        let fits = self.terms.len() < MAX_TERMS;
        if fits {
            self.terms.push(term);
        }
        fits
    }

    pub(crate) fn get(&self, id: u64) -> Option<&Article> {
        self.posts.get(&id)
    }

    pub(crate) fn remove(&mut self, id: u64) {
        self.posts.remove(&id);
    }

    /// The post of this name, the bin left out.
    pub(crate) fn named(&self, slug: &str) -> Option<&Article> {
        self.posts.values().find(|post| post.slug == slug && post.status != "trash")
    }

    /// A name that no other post or file has.
    pub(crate) fn unique(&self, slug: &str, of: u64) -> String {
        let taken = |name: &str| {
            self.posts.values().any(|post| post.id != of && post.slug == name)
                || self.files.iter().any(|file| file.id != of && file.slug == name)
        };
        let numbered = (2..).map(|n| format!("{slug}-{n}"));
        std::iter::once(slug.to_owned()).chain(numbered).find(|name| !taken(name)).unwrap_or_default()
    }
}
