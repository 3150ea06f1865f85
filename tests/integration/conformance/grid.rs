//! Every HTML handling with every spelling of a path.

use serde::Deserialize;
use serde_json::Value;
use worker_pack_runtime::behaviour::{Compat, HtmlHandling, NotFoundHandling};

use super::comparison::Comparison;
use super::site::{Asked, Site, decoded, text};
use crate::support::recorded::recorded;

#[derive(Deserialize)]
struct Grid {
    manifests: Vec<Vec<String>>,
    rows: Vec<Vec<Value>>,
}

#[test]
fn grid_responses_equal_those_of_workers_static_assets() {
    let Some(mut grid) = recorded("grid.json") else { return };
    let Grid { manifests, rows } = serde_json::from_value(grid["workers"].take()).unwrap();
    let mut comparison = Comparison::default();
    for row in &rows {
        let manifest = &manifests[usize::try_from(row[0].as_u64().unwrap()).unwrap()];
        let mut site = Site::new(Compat::Workers).with_files(manifest.iter().map(String::as_str));
        site.behaviour.html_handling = text(&row[1]).parse::<HtmlHandling>().unwrap();
        site.behaviour.not_found_handling = text(&row[2]).parse::<NotFoundHandling>().unwrap();
        let answer = site.answer(&Asked::get(&text(&row[3])));
        let found = (u64::from(answer.status), answer.location(), answer.served.clone());
        let expected = (
            row[4].as_u64().unwrap(),
            row[5].as_str().map(str::to_owned),
            row[6].as_str().map(str::to_owned),
        );
        comparison.check(found == expected, || format!("{row:?} of {manifest:?}: {found:?}"));
    }
    comparison.finish(10_584);
}

#[test]
fn grid_responses_equal_those_of_pages() {
    let Some(mut grid) = recorded("grid.json") else { return };
    let Grid { manifests, rows } = serde_json::from_value(grid["pages"].take()).unwrap();
    let mut comparison = Comparison::default();
    for row in &rows {
        let manifest = &manifests[usize::try_from(row[0].as_u64().unwrap()).unwrap()];
        let site = Site::new(Compat::Pages).with_files(manifest.iter().map(String::as_str));
        let answer = site.answer(&Asked::get(&text(&row[1])));
        let location = answer.location().map(|location| decoded(&location));
        let found = (u64::from(answer.status), location, answer.served.clone());
        let expected = (
            row[2].as_u64().unwrap(),
            row[3].as_str().map(decoded),
            row[4].as_str().map(str::to_owned),
        );
        comparison.check(found == expected, || format!("{row:?} of {manifest:?}: {found:?}"));
    }
    comparison.finish(882);
}

#[test]
fn html_handling_matches_cloudflare() {
    let Some(recorded) = recorded("html-handling.json") else { return };
    let mut comparison = Comparison::default();
    for case in recorded["cases"].as_array().unwrap() {
        let files = case["files"].as_array().unwrap().iter().filter_map(Value::as_str);
        let mut site = Site::new(Compat::Workers).with_files(files);
        site.behaviour.html_handling = text(&case["html_handling"]).parse().unwrap();
        site.behaviour.not_found_handling = text(&case["not_found_handling"]).parse().unwrap();
        let answer = site.answer(&Asked::read(&case["request"]));
        let hop = &case["first_hop"];
        let found = (u64::from(answer.status), answer.location(), answer.served.clone());
        let expected = (
            hop["status"].as_u64().unwrap(),
            hop["location"].as_str().map(str::to_owned),
            hop["served"].as_str().map(str::to_owned),
        );
        comparison
            .check(found == expected, || format!("{}: {found:?}, not {expected:?}", case["id"]));
    }
    comparison.finish(196);
}
