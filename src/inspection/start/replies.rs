//! The replies of a started Worker, compared with what the table says.

use std::collections::BTreeMap;

use worker_pack_runtime::packer::path::encode;
use worker_pack_runtime::packer::{BinaryTable, Modules};
use worker_pack_runtime::request::{Method, Request};
use worker_pack_runtime::{Answer, Table};

use super::bindings::Bindings;
use super::links::Links;
use super::place::located;
use super::requests::{Client, Replied};
use super::stack::Thrown;
use crate::asset::media_type::Language;
use crate::feedback::code::Code;
use crate::feedback::diagnostic::Diagnostic;
use crate::inspection::code::routes::ServerRoutes;
use crate::inspection::subject::Subject;
use crate::output::table_binary::render_with_bodies;
use crate::project::astro_routes::{Rendering, RouteKind, ServerRoute};
use crate::tabulate::{AssetEntry, AssetTable};

/// Maximum number of pages that are asked for. Of more, every second, third and so on is.
const MAX_PAGES: usize = 200;

/// Maximum number of routes of the server that are asked for.
const MAX_ROUTES: usize = 50;

/// A path that no site has.
const MISSING: &str = "/worker-pack-check/a-missing-page";

/// Number of routes that may give no answer. More are not waited for.
const MAX_SILENT: usize = 2;

/// Maximum number of findings of a kind.
const MAX_FINDINGS: usize = 20;

/// Asks a Worker for pages, for a missing one, and for the routes of its server.
pub(super) fn find(subject: &Subject, client: &Client, bindings: &Bindings) -> Vec<Diagnostic> {
    let Some(assets) = &subject.examined.table else { return Vec::new() };
    let (bytes, _) = render_with_bodies(assets);
    let Ok(binary) = BinaryTable::read(&bytes, Modules::Host) else { return Vec::new() };
    let table = Table::from_binary(binary);
    let mut found = pages(subject, client, assets, table);
    found.truncate(MAX_FINDINGS);
    found.extend(server(subject, client, bindings, table));
    found
}

/// Compares the pages of the table with the replies.
fn pages(
    subject: &Subject,
    client: &Client,
    assets: &AssetTable,
    table: Table<'_>,
) -> Vec<Diagnostic> {
    let behaviour = table.behaviour();
    let is_page = |entry: &&AssetEntry| entry.media_type.language() == Some(Language::Html);
    let pages: Vec<&AssetEntry> = assets.entries().iter().filter(is_page).collect();
    let step = pages.len().div_ceil(MAX_PAGES).max(1);
    let mut found = Vec::new();
    for entry in pages.into_iter().step_by(step) {
        let path = encode(&entry.route.url_path_in(behaviour));
        let expected = match table.answer(&Request::new(Method::Get, &path)) {
            Answer::Reply(reply) => reply.status(),
            // The routes of the server follow.
            Answer::Server { .. } => continue,
        };
        let reply = client.ask(&path);
        let is_silent = reply.is_err();
        let message = match reply {
            Err(error) => format!("is not answered at `{path}` by the packed Worker: {error}"),
            Ok(reply) if reply.status != expected => format!(
                "is answered at `{path}` with the status {} by the packed Worker, and not with \
                 {expected}",
                reply.status
            ),
            Ok(reply) if expected == 200 && reply.body != entry.identity.hash() => {
                format!("has other bytes at `{path}` in the packed Worker")
            }
            Ok(_) => continue,
        };
        let finding =
            Diagnostic::error(Code::StartOtherReply, subject.dist_name(&entry.name), message);
        found.push(finding.with_help(
            "run `npx wrangler dev` on the packed Worker to see more; please report it, if no code of \
             yours answers this path",
        ));
        if is_silent {
            // Others would only take as long.
            break;
        }
    }
    found
}

/// Asks for routes of the server, and for a page that is missing.
fn server(
    subject: &Subject,
    client: &Client,
    bindings: &Bindings,
    table: Table<'_>,
) -> Vec<Diagnostic> {
    let routes = ServerRoutes::all(subject);
    let mut asked: BTreeMap<String, Option<&ServerRoute>> = BTreeMap::new();
    for route in &routes {
        let is_asked = route.rendering == Rendering::OnDemand && route.kind != RouteKind::Other;
        if let (true, Some(path)) = (is_asked, &route.path) {
            asked.insert(encode(path), Some(route));
        }
    }
    let links = Links::of(subject);
    // Links lead to the routes with parameters.
    for path in links.0.keys() {
        let is_asked = |route: &&ServerRoute| {
            route.rendering == Rendering::OnDemand
                && route.kind != RouteKind::Other
                && route.path.is_none()
                && route.matches(path)
        };
        if let Some(route) = routes.iter().find(is_asked)
            && !asked.values().flatten().any(|one| one.route == route.route)
        {
            asked.insert(path.clone(), Some(route));
        }
    }
    asked.insert(MISSING.to_owned(), None);
    let mut found = Vec::new();
    let (mut is_any, mut silent) = (false, 0);
    for (path, route) in asked.into_iter().take(MAX_ROUTES) {
        let is_of_server =
            matches!(table.answer(&Request::new(Method::Get, &path)), Answer::Server { .. });
        if !is_of_server {
            continue;
        }
        is_any |= route.is_some();
        match client.ask(&path) {
            Ok(reply) if reply.status < 500 => {}
            Ok(reply) => found.push(server_error(subject, &path, route, &reply, bindings)),
            Err(error) => {
                silent += 1;
                let message = format!("`{path}` is not answered by the server: {error}");
                let name = source_name(subject, route);
                found.push(
                    Diagnostic::warning(Code::StartServerError, name, message)
                        .with_help("look whether the route waits for something that never comes"),
                );
                if silent == MAX_SILENT {
                    return found;
                }
            }
        }
    }
    // A middleware may answer any path, so only the server tells which links are broken.
    if let (ServerRoutes::Unknown, false) = (ServerRoutes::of(subject), routes.is_empty()) {
        let is_routed = |path: &String| routes.iter().any(|route| route.matches(path));
        let is_of_server = |path: &String| {
            matches!(table.answer(&Request::new(Method::Get, path)), Answer::Server { .. })
        };
        found.extend(links.broken(client, |path| !is_routed(path) && is_of_server(path)));
    }
    if is_any && !bindings.absent.is_empty() {
        found.extend(absent(subject, bindings));
    }
    found
}

/// Returns the source of a route, if it is in the project.
fn source_name(subject: &Subject, route: Option<&ServerRoute>) -> String {
    match route {
        Some(route) if subject.root.join(&route.component).is_file() => route.component.clone(),
        _ => subject.dist_name(""),
    }
}

fn server_error(
    subject: &Subject,
    path: &str,
    route: Option<&ServerRoute>,
    reply: &Replied,
    bindings: &Bindings,
) -> Diagnostic {
    let error = reply.told.errors.first().map(|error| Thrown::of_stack(error));
    let what = match &error {
        Some(thrown) if !thrown.message.is_empty() => format!(": {}", thrown.message),
        _ => String::new(),
    };
    let outside = match reply.told.outside.as_slice() {
        [] => String::new(),
        hosts => {
            let hosts: Vec<String> = hosts.iter().map(|host| format!("`{host}`")).collect();
            format!("; it asked {}, which nothing reaches from here", hosts.join(", "))
        }
    };
    let message = format!("`{path}` is answered with the status {}{what}{outside}", reply.status);
    // What is missing here may be there on Cloudflare.
    let is_endpoint = route.is_some_and(|route| route.kind == RouteKind::Endpoint);
    // An endpoint may need a query, or a field that a client sends.
    let is_doubtful = is_endpoint || !reply.told.outside.is_empty() || !bindings.absent.is_empty();
    let at = |file: Option<&crate::inspection::subject::text::TextFile>, offset| match (
        file,
        is_doubtful,
    ) {
        (Some(file), false) => file.warning(Code::StartServerError, offset, &message),
        (Some(file), true) => file.note(Code::StartServerError, offset, &message),
        (None, false) => {
            Diagnostic::warning(Code::StartServerError, source_name(subject, route), &message)
        }
        (None, true) => {
            Diagnostic::note(Code::StartServerError, source_name(subject, route), &message)
        }
    };
    let thrown = error.unwrap_or(Thrown { message: String::new(), frames: Vec::new() });
    located(subject, &thrown, at).with_help(
        "correct the code of the route; bindings and hosts that are missing here are no fault of it",
    )
}

/// Tells which bindings a started Worker did without.
fn absent(subject: &Subject, bindings: &Bindings) -> Option<Diagnostic> {
    let names: Vec<String> = bindings.absent.iter().map(|name| format!("`{name}`")).collect();
    let config = subject.config.as_ref().or(subject.adapter_config.as_ref())?;
    let message = format!(
        "the Worker was started without {}, which workerd alone does not have",
        names.join(", ")
    );
    Some(
        Diagnostic::note(Code::StartBindingAbsent, &config.file.name, message)
            .with_help("ask for the routes that use them in `npx wrangler dev`"),
    )
}
