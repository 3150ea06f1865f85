//! Cache policies of rules by path in the table of a Worker, for responses of the server.

use std::fs;

use worker_pack::Options;
use worker_pack::options::{HeadersOnSsr, WorkerOptions};
use worker_pack::report::Code;
use worker_pack_runtime::packer::{BinaryTable, Modules};
use worker_pack_runtime::{HeaderChange, Method, Request, Table};

use super::{emit, server_site};

/// Packs a site with rules by path. Returns the codes of the diagnostics about rules, with their subjects, and
/// the changes of the table to a response at `/api/a`.
fn pack(headers_on_ssr: HeadersOnSsr) -> (Vec<(Code, String)>, Vec<String>) {
    let site = server_site();
    let rules = ["/api/{a,b} cache=no-cache", "/api/* minify=off", "/api/[ab] cache=no-store"];
    let rule = rules.map(|rule| rule.parse().unwrap()).into();
    let worker = WorkerOptions { headers_on_ssr, ..WorkerOptions::default() };
    let packed = emit(&site, Options { rule, ..Options::default() }, &worker).unwrap();
    let of_rules = [Code::IngestRuleMatchesNothing, Code::WorkerPolicyForFiles];
    let diagnostics = packed.report().diagnostics.iter();
    let found = diagnostics.filter(|it| of_rules.contains(&it.code));
    let found = found.map(|it| (it.code, it.file.clone())).collect();
    let bytes = fs::read(site.out().join("bundle/worker/table.bin")).unwrap();
    let table = Table::from_binary(BinaryTable::read(&bytes, Modules::Host).unwrap());
    let changes = table.header_changes(&Request::new(Method::Get, "/api/a"), 200);
    let defaults = changes.iter().filter_map(|change| match change {
        HeaderChange::Default(name, value) => Some(format!("{name}: {value}")),
        _ => None,
    });
    (found, defaults.collect())
}

#[test]
fn policies_reach_responses_of_the_server_only_by_option() {
    let nothing = |paths: &str| (Code::IngestRuleMatchesNothing, paths.to_owned());
    for choice in [HeadersOnSsr::Off, HeadersOnSsr::On] {
        let (found, defaults) = pack(choice);
        let all = ["/api/*", "/api/[ab]", "/api/{a,b}"].map(nothing);
        assert_eq!(found, all, "{choice}");
        assert!(defaults.is_empty(), "{choice}: {defaults:?}");
    }
    let (found, defaults) = pack(HeadersOnSsr::WithPolicies);
    assert_eq!(defaults, ["cache-control: no-cache"]);
    // A rule with a policy may be for the server alone.
    let for_files = (Code::WorkerPolicyForFiles, "rule".to_owned());
    assert_eq!(found, [nothing("/api/*"), nothing("/api/[ab]"), for_files]);
}
