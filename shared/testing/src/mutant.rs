//! Guards taken away from outside, one at a time, to show that the simulator would notice. Nothing of this reaches the
//! code under test: a mutant is a store, a platform client or a bystander that does the wrong thing.

/// One list makes the type and [`Mutant::ALL`], so that no mutant can be missing from those that are tried.
macro_rules! mutants {
    ($($(#[$doc:meta])+ $name:ident,)+) => {
        /// A guard that is missing.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub enum Mutant {
            /// All guards stand.
            #[default]
            None,
            $($(#[$doc])+ $name,)+
        }

        impl Mutant {
            /// Every mutant.
            pub const ALL: &[Self] = &[$(Self::$name),+];
        }
    };
}

mutants! {
    /// Writes of deliveries ignore the revision.
    NoRevisions,
    /// A write whose answer was lost counts as done.
    DoubtfulIsDone,
    /// A write whose answer was lost counts as not done, without looking.
    DoubtfulIsNotDone,
    /// DISPATCHING is said to be stored and is not.
    DispatchingNotDurable,
    /// The result of an old claim counts.
    NoFence,
    /// Δ is measured on our own clock.
    SettleOnOwnClock,
    /// The platform's Δ is said to be 0.
    SettleAtOnce,
    /// The gate of an account stands open.
    NoGate,
    /// Idempotency records are not seen.
    NoIdempotency,
    /// The HTTP client repeats a POST that got no answer.
    PostTwice,
    /// No answer, 5xx and garbage count as "not committed".
    SilenceIsRefusal,
    /// "This exists already" counts as an ordinary refusal.
    DuplicateIsRefusal,
    /// An expired DISPATCHING goes back to the queue.
    ReaperRequeues,
    /// An unknown outcome counts as absent after the first listing without it.
    AbsentAtOnce,
    /// Cancel takes effect whatever the state.
    BlindCancel,
    /// What waits for its account to be connected again is not in the due index.
    ParkedForgotten,
    /// That an access ends is not seen: it is used until the platform refuses it.
    EndUnseen,
    /// That an account must be connected again is not seen: what is due through it is sent.
    DisconnectUnseen,
    /// A first comment is called said and never sent.
    CommentForgotten,
    /// That a post has other words, or another time, is said to be stored and is not.
    EditNotDurable,
    /// The bus is believed whatever it answers.
    BusBelieved,
    /// The message of a webhook is said to be stored and is not.
    MessageNotDurable,
    /// That a worker is at a webhook's message is said to be stored and is not.
    SendingNotDurable,
    /// A tenth of the wait that an endpoint asks for is kept.
    RetryAfterCut,
    /// A webhook's message that waits is seen as due.
    DueAtOnce,
    /// What an endpoint's limit let through is written whatever others wrote meanwhile.
    TurnstileOpen,
    /// A lane is seen as one in which nobody stands.
    LaneSkipsHead,
    /// Whoever ends the head of a lane does not wake the next.
    EndWakesNobody,
    /// A recovery is called over after its first step.
    RecoveryForgets,
    /// An event's queue message is done with, whether or not its endpoints have a record of it.
    DeletedBeforeRecorded,
    /// A webhook's endpoint is believed to have taken what it did not answer.
    SilenceIsTaken,
}
