//! `worker-pack report`: what pages cost, and budgets.

mod browser;
mod budget;
mod page;

use serde_json::Value;

use super::{parts, run};
use crate::support::site::Site;

/// Reports on a site, and returns the JSON.
fn report(site: &Site, arguments: &[&str]) -> Value {
    let arguments = [&["report", "--format", "json", "--quiet"], arguments].concat();
    let (_, stdout, stderr) = parts(&run(site.project(), &arguments));
    serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stdout}{stderr}"))
}

/// Returns what a page loads: when, as what, and its path.
fn loads(report: &Value, url: &str) -> Vec<String> {
    let pages = report["pages"].as_array().unwrap();
    let page = pages.iter().find(|page| page["url"] == url).unwrap();
    let text = |load: &Value, name: &str| load[name].as_str().unwrap().to_owned();
    let loads = page["loads"].as_array().unwrap().iter();
    loads.map(|load| ["time", "kind", "url"].map(|name| text(load, name)).join(" ")).collect()
}
