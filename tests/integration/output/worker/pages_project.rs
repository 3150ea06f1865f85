//! Projects of Pages, of which a packed Worker has no Functions and deploys another environment.

use worker_pack::report::Code;

use super::bundle;
use crate::support::site::Site;

const FUNCTION: (&str, &str) = ("../functions/api.js", "export const onRequest = () => {};");

fn codes(files: &[(&str, &str)]) -> Vec<Code> {
    let site = Site::new(&[&[("index.html", "<p>")], files].concat());
    let packed = bundle(&site);
    packed.report().diagnostics.iter().map(|found| found.code).collect()
}

#[test]
fn functions_that_no_longer_answer_are_a_warning() {
    assert!(codes(&[FUNCTION]).contains(&Code::WorkerPagesFunctions));
    let config = ("../wrangler.toml", "pages_build_output_dir = 'dist'\n");
    assert!(codes(&[FUNCTION, config]).contains(&Code::WorkerPagesFunctions));
    let worker = ("_worker.js", "export default { fetch() { return new Response('') } }");
    let of_workers = ("../wrangler.toml", "assets = { directory = 'dist' }\n");
    for files in [[FUNCTION, worker], [FUNCTION, of_workers]] {
        assert!(!codes(&files).contains(&Code::WorkerPagesFunctions));
    }
}

#[test]
fn the_environment_that_pages_deploys_is_noted() {
    let with = |text: &'static str| codes(&[("../wrangler.toml", text)]);
    let noted = Code::WorkerPagesEnvironment;
    assert!(
        with("pages_build_output_dir = 'dist'\n[env.production.vars]\nA = '1'\n").contains(&noted)
    );
    for text in [
        "pages_build_output_dir = 'dist'\n[env.preview.vars]\nA = '1'\n",
        "assets = { directory = 'dist' }\n[env.production.vars]\nA = '1'\n",
    ] {
        assert!(!with(text).contains(&noted), "{text}");
    }
}
