//! A Worker for tests. The request names the table that answers; other paths have responses of every kind.

mod memory;
mod own;

use worker::web_sys::{Request, Response};
use worker::{Context, Env, Result, event};
use worker_pack_runtime::{FetchEvent, Table};

mod site {
    worker_pack_runtime::include_site!();
}

/// Includes a table that the build script wrote into a folder.
macro_rules! tables {
    ($($module:ident in $folder:literal),*) => {
        $(mod $module { include!(concat!(env!("OUT_DIR"), "/", $folder, "/assets.rs")); })*

        /// Returns a table by its name.
        fn table(name: Option<&str>) -> &'static Table<'static> {
            match name {
                $(Some($folder) => &$module::TABLE,)*
                _ => &site::TABLE,
            }
        }
    };
}

tables!(
    workers in "workers",
    workers_strict in "workers-strict",
    pages in "pages",
    pages_strict in "pages-strict",
    film in "film"
);

#[event(fetch)]
async fn fetch(request: Request, env: Env, context: Context) -> Result<Response> {
    let table = table(request.headers().get("x-table")?.as_deref());
    let mut event = FetchEvent::new(table, request, env, context);
    if let Some(response) = event.asset().await? {
        memory::grow_before_sending(&event)?;
        return Ok(response);
    }
    let path = event.path();
    // Only the latter have policies in the rules by path.
    let own = path.strip_prefix("/own/").or_else(|| path.strip_prefix("/policy/"));
    if let Some(kind) = own {
        return event.finish(own::answer(kind, &event).await?);
    }
    if let Some(action) = path.strip_prefix("/memory/") {
        return memory::answer(action, &event).await;
    }
    event.server_or_not_found().await
}
