//! `worker-pack explain`.

use std::process::Output;

use worker_pack::report::Code;

use super::parts;
use crate::support::site::program;

fn explain(arguments: &[&str]) -> Output {
    program().arg("explain").args(arguments).output().unwrap()
}

#[test]
fn explain_prints_the_entry_of_a_code() {
    let (code, stdout, _) = parts(&explain(&["css/lost-declaration"]));
    assert_eq!(code, 0);
    insta::assert_snapshot!("entry", stdout);
}

#[test]
fn explain_lists_all_codes_with_their_first_sentence() {
    let (code, text, _) = parts(&explain(&[]));
    assert_eq!(code, 0);
    let codes: Vec<&str> = text.lines().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(codes, Code::ALL.map(Code::name));
    let is_sentence = |line: &str| line.ends_with('.') && line.split_whitespace().count() > 4;
    assert!(text.lines().all(is_sentence), "{text}");
}

#[test]
fn an_unknown_code_is_a_usage_error_that_suggests_a_similar_one() {
    let (code, stdout, stderr) = parts(&explain(&["css/lost-declarations"]));
    assert_eq!((code, stdout.as_str()), (2, ""));
    insta::assert_snapshot!("unknown_code", stderr);
}
