//! What each page shows, as plain data.
//!
//! Handlers turn entities into these; templates turn these into HTML. Texts are ready for people (states are in words,
//! moments in their zone), so that no template needs a rule and no handler needs markup.

mod accounts;
mod approvals;
mod attention;
mod brand;
mod calendar;
mod common;
mod composer;
mod egress;
mod endpoint;
mod event_types;
mod extras;
mod gate;
mod home;
mod import;
mod inbox;
mod library;
mod post;
mod series;
mod slots;
mod sources;
mod team;
mod webhooks;
mod zones;

pub use accounts::{
    AccountCard, AccountsPage, Choice, ChoosePage, ConnectOption, KeyInput, KeyPage, PostLink, PostsAtRisk,
};
pub use approvals::{ApprovalItem, ApprovalView, ApprovalsPage, Said};
pub use attention::{AttentionPage, UnknownOutcome};
pub use brand::{BrandForm, BrandList};
pub use calendar::{CalendarPage, Day, DayPost, Hour, ListedPost, Mover, Moves, QueuePage, StateFilter, ViewLink};
pub use common::{
    AccountRef, Action, ActionStyle, Badge, FieldError, Flash, Hidden, Moment, Notice, Platform, PostRow, Section,
    Shell, Tone,
};
pub use composer::{ComposerPage, Count, MediaFields, MediaRow, PlatformBlock, Target, TrackRow, When};
pub use egress::EgressForm;
pub use endpoint::{
    AgainForm, EndpointPage, LogForm, Matter, MessagePage, MessageRow, RecoveryRow, RotateForm, Snippet, TryRow,
    TryView,
};
pub use event_types::{EventTypePage, EventTypeRow, EventTypesPage};
pub use extras::{ExtraFields, ListField, Offered, Pick, PollFields, Select, TemplateFields};
pub use gate::{ErrorPage, SignInPage};
pub use home::{Figure, HomePage, SetupStep};
pub use import::{CellProblem, ExportPage, ImportMake, ImportPage, ImportReport, ImportRow, ImportedPage};
pub use inbox::{AnswerItem, ConversationPage, GiveForm, InboxFilters, InboxItem, InboxPage};
pub use library::{LibraryItem, LibraryPage, Uploader};
pub use post::{DeliveryView, Fact, MediaView, PostPage, TimelineEntry};
pub use series::{
    Meanwhile, PastRunView, RecurrenceFields, RecurrenceForm, RunView, SeriesListPage, SeriesPage, SeriesRow,
};
pub use slots::{SlotDay, SlotsLink, SlotsPage};
pub use sources::{
    IncomingRow, MadeSource, SecretInput, ShownOnce, SourceFormPage, SourceOption, SourcePage, SourceRow, SourcesPage,
};
pub use team::{KeyRow, MemberRow, NewKey, RoleForm, SelectOption, TeamPage};
pub use webhooks::{
    AccountTick, EndpointEditPage, EndpointForm, EndpointRow, EventOption, NewSecret, WayForm, WebhooksPage,
};
pub use zones::{ZoneGroup, zone_groups};
