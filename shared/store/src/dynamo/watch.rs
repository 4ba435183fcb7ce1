//! Watches the attempts of one SDK call: the SDK repeats a call by itself and tells only how the last attempt ended, but
//! what an earlier one may have done decides what that means. It also notes the service's clock.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeDeserializationInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::DateTime;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::Format;
use jiff::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

/// What was seen of one call.
#[derive(Debug, Clone, Default)]
pub(super) struct Watch(Arc<Seen>);

#[derive(Debug, Default)]
struct Seen {
    /// Whether an attempt failed in a way that leaves open whether it was applied.
    doubt: AtomicBool,
    /// `Date` of the last answer in seconds since 1970; 0 for none.
    date_s: AtomicI64,
}

impl Watch {
    /// Whether an attempt may have been applied although it failed.
    pub(super) fn doubt(&self) -> bool {
        self.0.doubt.load(Ordering::Relaxed)
    }

    /// The service's clock, in whole seconds, as its last answer told it (RFC 9110, 6.6.1).
    pub(super) fn date(&self) -> Option<Timestamp> {
        let seconds = self.0.date_s.load(Ordering::Relaxed);
        if seconds == 0 { None } else { Timestamp::from_second(seconds).ok() }
    }
}

impl Intercept for Watch {
    fn name(&self) -> &'static str {
        "HeraldStoreWatch"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        if let Some(date) = date.and_then(|text| DateTime::from_str(text, Format::HttpDate).ok()) {
            self.0.date_s.store(date.secs(), Ordering::Relaxed);
        }
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let failed = context.output_or_error().is_none_or(|result| result.is_err());
        // Only a 4xx says that nothing was applied; a lost answer, a 5xx and an unreadable 200 do not.
        let refused = context.response().is_some_and(|response| response.status().is_client_error());
        if failed && !refused {
            self.0.doubt.store(true, Ordering::Relaxed);
        }
        Ok(())
    }
}
