//! What people do about a delivery that ended without success, by its code. The table of codes in docs/api.md says the same.

/// Codes with what to do about them. Another try sends the same content: what has to be changed is a new post.
const REMEDIES: [(&[&str], &str); 40] = [
    (&["no_time"], "Save the same words again."),
    (&["outcome_unknown"], "Look on the platform, and say what is there."),
    (&["account_needs_reauth", "account_invalid"], "Connect the account again, then ask for another try."),
    (&["access_ends_before"], "Connect the account again before then."),
    (&["canceled"], "Ask for another try if the rest is to go out after all."),
    (&["exhausted"], "Look whether the platform, and what the post shows, can be reached, then ask for another try."),
    (&["poison"], "Tell whoever operates Herald: its workers fail at this post."),
    (&["misconfigured"], "Tell whoever operates Herald: the platform app has to be set up otherwise."),
    (&["unsupported"], "Make a new post of what the platform offers."),
    (&["duplicate_content"], "Look whether it is there already; if it is not, say it otherwise in a new post."),
    (
        &["invalid_request"],
        "Make a new post without what the platform names; if it names nothing, tell whoever operates Herald.",
    ),
    (&["forbidden", "access_denied"], "Look on the platform what the account may do there, then ask for another try."),
    (
        &["not_found"],
        "Look whether the account, and what the post answers or quotes, is still there, then ask for another try.",
    ),
    (&["content_too_long"], "Make a new post with a shorter text."),
    (&["reply_refused"], "Look whether what it answers is still there and may be answered, then ask for another try."),
    (&["thread_parent_unknown"], "Look at the part before on the platform, and make a new post of the rest."),
    (
        &["media_not_found", "media_too_large", "media_changed", "url_not_allowed"],
        "Upload the picture, video or document anew, and make a new post with it.",
    ),
    (
        &["media_refused", "media_shape"],
        "Make a new post with another picture or video, or with this one as the platform asks for it.",
    ),
    (
        &["media_unreachable"],
        "Look whether its address opens for everybody, then ask for another try; or upload it, and make a new post with it.",
    ),
    (&["media_processing_failed"], "Export the file anew, and make a new post with it."),
    (&["poll_refused"], "Make a new post with a poll as the server takes it."),
    (&["platform_failed"], "Ask for another try."),
    (&["audience_refused"], "Make a new post for more people, or for everybody."),
    (
        &["link_refused"],
        "Look whether the link opens for everybody, then ask for another try; or make a new post without it.",
    ),
    (
        &["blocked_by_policy"],
        "Read the platform’s words, and look at the account there, before you ask for another try.",
    ),
    (&["merge_tag"], "Make a new post without the code that would be filled in."),
    (&["campaign_not_ready"], "Complete on the platform what it names, then ask for another try."),
    (&["campaign_not_draft"], "Look at the campaign on the platform, and go on with it there."),
    (&["campaign_changed"], "Undo the change on the platform, or delete the campaign there, then ask for another try."),
    (
        &["template_missing", "template_not_approved"],
        "Have the template approved on the platform, then ask for another try.",
    ),
    (&["template_parameters"], "Make a new post that fills the template as it was approved."),
    (&["template_unsupported"], "Make a new post with another template."),
    (&["outside_window"], "Make a new post with a template; or wait until they write, then ask for another try."),
    (&["recipient_unreachable"], "Look whether the number is right and gets messages, then ask for another try."),
    (&["recipient_opted_out"], "Write to them by another way, or not at all."),
    (&["recipient_limit"], "Wait a day, then ask for another try."),
    (&["not_delivered"], "Put right what the platform names, then ask for another try."),
    (&["premium_needed"], "Subscribe on the platform, then ask for another try; or make a new post or thread of it."),
    (&["articles_used_up"], "Ask for another try after the time that is named."),
    (
        &["category_unknown"],
        "Make the category on the site, then ask for another try; or make a new post with one that is there.",
    ),
];

/// What people do about a delivery with this code, in a sentence; none where nobody has said.
pub fn remedy(code: &str) -> Option<&'static str> {
    REMEDIES.iter().find(|(codes, _)| codes.contains(&code)).map(|(_, words)| *words)
}
