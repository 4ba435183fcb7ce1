//! What SendGrid takes and what it does not, as preflight says it.

use super::*;
use crate::tests::rules::{Post, Rules, article, draft, film, many, paper, several, still};

const FIRST: &str = "/parts/0/media/0";

#[test]
fn what_a_single_send_takes_ends_where_its_limits_do_and_the_rest_is_refused_once_with_the_reason() {
    let sendgrid = connector();
    let rules = Rules::of(sendgrid.descriptor(), Post::new("look", &[]).titled("A subject"));
    rules.most(100_000, "content_too_long /parts/0/text", |p, n| p.says(&many("é", n)));
    rules.because("content_empty /parts/0/text", "write a text", |p| p.says(" "));
    rules.most(150, "content_too_long /title", |p, n| p.title = Some(many("é", n)));
    rules.most(75, "content_too_long /title", |p, n| p.title = Some(many("😀", n)));
    rules.refuses("title_missing /title", |p| p.title = None);
    rules.leaves_out("mail programs show how the text begins", |p| p.summary = Some("Short".into()));
    rules.takes(|p| p.links(None));
    for tag in ["{{name}}", "<%name%>", "[%name%]"] {
        let told = "SendGrid fills in what begins with {{, <%, [%";
        rules.because("merge_tag /parts/0/text", told, |p| p.says(&format!("Dear {tag}")));
        rules.refuses("merge_tag /title", |p| p.title = Some(tag.into()));
        rules.refuses("merge_tag /link/title", |p| p.links(Some(tag)));
        rules.takes(|p| p.summary = Some(tag.into()));
    }
    rules.takes(|p| p.says("{ name } <b> [x]"));
    rules.takes(article);
    rules.leaves_out("no tags", |p| p.tags = vec!["a".into()]);
    rules.leaves_out("no categories", |p| p.categories = vec!["News".into()]);

    let (picture, refused) = (still("image/png"), &format!("unsupported {FIRST}"));
    rules.because(refused, "SendGrid's own library", |p| p.shows(std::slice::from_ref(&picture)));
    rules.because(refused, "SendGrid's own library", |p| p.shows(&several(&picture, 5)));
    rules.refuses(refused, |p| p.shows(&[film()]));
    rules.because(refused, "Herald attaches no files to single sends", |p| p.shows(&[paper()]));
    rules.because("unsupported /draft", "what a single send is before it is sent", draft);
    rules.refuse_all_but_a_letter();
    rules.give_every_reason();
}
