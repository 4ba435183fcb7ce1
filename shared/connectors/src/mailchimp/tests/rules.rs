//! What Mailchimp takes and what it does not, as preflight says it.

use super::*;
use crate::tests::rules::{Post, Rules, article, draft, film, many, paper, several, still};

const FIRST: &str = "/parts/0/media/0";

fn titles(post: &mut Post, title: &str) {
    post.title = Some(title.into());
}

fn sums_up(post: &mut Post, summary: &str) {
    post.summary = Some(summary.into());
}

#[test]
fn what_a_campaign_takes_ends_where_its_limits_do_and_the_rest_is_refused_once_with_the_reason() {
    let mailchimp = connector();
    let rules = Rules::of(mailchimp.descriptor(), Post::new("look", &[]).titled("A subject"));
    rules.most(100_000, "content_too_long /parts/0/text", |p, n| p.says(&many("é", n)));
    rules.because("content_empty /parts/0/text", "write a text", |p| p.says(" "));
    rules.most(150, "content_too_long /title", |p, n| p.title = Some(many("é", n)));
    rules.most(75, "content_too_long /title", |p, n| p.title = Some(many("😀", n)));
    rules.refuses("title_missing /title", |p| p.title = None);
    rules.most(150, "content_too_long /summary", |p, n| p.summary = Some(many("é", n)));
    rules.takes(|p| p.links(None));
    for (field, said) in
        [("/parts/0/text", Post::says as fn(&mut Post, &str)), ("/title", titles), ("/summary", sums_up)]
    {
        let told = "Mailchimp fills in what begins with *|";
        rules.because(&format!("merge_tag {field}"), told, |p| said(p, "Dear *|FNAME|*"));
        rules.takes(|p| said(p, "Dear |FNAME| * you"));
    }
    rules.takes(article);
    rules.leaves_out("no tags", |p| p.tags = vec!["a".into()]);
    rules.leaves_out("no categories", |p| p.categories = vec!["News".into()]);

    let (picture, refused) = (still("image/png"), &format!("unsupported {FIRST}"));
    rules.because(refused, "Mailchimp's own file manager", |p| p.shows(std::slice::from_ref(&picture)));
    rules.because(refused, "Mailchimp's own file manager", |p| p.shows(&several(&picture, 5)));
    rules.refuses(refused, |p| p.shows(&[film()]));
    rules.because(refused, "Herald attaches no files to campaigns", |p| p.shows(&[paper()]));
    rules.because("unsupported /draft", "what a campaign is before it is sent", draft);
    rules.refuse_all_but_a_letter();
    rules.give_every_reason();
}
