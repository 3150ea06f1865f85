//! The rules on the Worker that is started in workerd.

use std::os::unix::fs::symlink;
use std::path::PathBuf;

use worker_pack::Target;
use worker_pack::check::Start;
use worker_pack::report::{Code, Diagnostic, Severity};
use worker_pack::target::{Engine, WorkerTarget};

use crate::cli::check::project::{PAGE, Project, SERVER, STATIC};
use crate::hosts::packed_site::{ENGINE, SERVERS};

const ENTRY: &str = "dist/server/entry.mjs";

/// A manifest of Astro with a route that the server renders, and code for it.
fn entry(code: &str) -> String {
    format!(
        "const manifest = deserializeManifest({{\"routes\":[{{\"routeData\":{{\"type\":\"page\",\"route\":\"/now\",\
         \"pathname\":\"/now\",\"pattern\":\"^\\\\/now\\\\/?$\",\"component\":\"src/pages/now.astro\",\
         \"prerender\":false,\"origin\":\"project\"}}}}],\"base\":\"/\"}});\n\
         function deserializeManifest(it) {{ return it }}\n{code}\n"
    )
}

/// Returns the folder of packages that contains workerd.
fn packages() -> PathBuf {
    SERVERS[0].parent().unwrap().join("node_modules")
}

/// Links workerd into a project, as package managers do.
fn install(project: &Project) {
    let own = project.folder().join("node_modules");
    std::fs::create_dir_all(&own).unwrap();
    symlink(packages().join("workerd"), own.join("workerd")).unwrap();
}

fn started(project: &Project, start: Start) -> Vec<Diagnostic> {
    let target = WorkerTarget {
        out: project.folder().join("dist-worker"),
        engine: Engine::from_file(&*ENGINE).unwrap(),
        options: <_>::default(),
    };
    project.inspection().target(Target::Worker(target)).start(start).run().unwrap().findings
}

/// Starts a server with this code.
fn server(code: &str) -> Vec<Diagnostic> {
    let project = Project::new(SERVER, &[]);
    project.write(ENTRY, entry(code));
    install(&project);
    started(&project, Start::Require)
}

pub(crate) fn broken(code: Code) -> Vec<Diagnostic> {
    match code {
        Code::StartFailed => server(FAILS),
        Code::StartServerError => server(ERROR),
        Code::StartOtherReply => other_reply(),
        Code::StartSkipped => started(&Project::new(STATIC, &[]), Start::Auto),
        Code::StartBindingAbsent => absent(),
        other => panic!("{other} is not of the start"),
    }
}

const FAILS: &str = "function init() { return undefined.tide }\nconst tide = init();\n\
    export default { fetch: () => new Response(tide) };";
const ERROR: &str = "export default { async fetch() {\n  throw new Error('aground');\n} };";

/// A server whose module replaces a function of the host, so that pages are answered in another way.
fn other_reply() -> Vec<Diagnostic> {
    server(
        "const { Response: Own } = globalThis;\n\
         globalThis.Response = class extends Own { constructor(body, init) { super('other', init) } };\n\
         export default { fetch: () => new Own('', { status: 404 }) };",
    )
}

fn absent() -> Vec<Diagnostic> {
    let project = Project::new(SERVER, &[]);
    project
        .write(ENTRY, entry("export default { fetch: (_, env) => new Response(typeof env.DB) };"));
    project.write(
        "dist/server/wrangler.json",
        r#"{ "name": "tide", "main": "entry.mjs", "compatibility_date": "2026-06-01", "assets": { "binding": "ASSETS", "directory": "../client" }, "d1_databases": [{ "binding": "DB", "database_id": "1" }] }"#,
    );
    install(&project);
    started(&project, Start::Auto)
}

#[test]
fn a_worker_that_starts_and_answers_is_silent() {
    let found = server("export default { fetch: () => new Response('now') };");
    assert_eq!(found, []);
    let site = Project::new(STATIC, &[("dist/a/index.html", PAGE), ("dist/ü.html", PAGE)]);
    install(&site);
    assert_eq!(started(&site, Start::Require), []);
}

#[test]
fn an_error_at_the_start_has_its_place_in_the_build() {
    let found = server(FAILS);
    assert_eq!(found.len(), 1, "{found:#?}");
    let Diagnostic { code, severity, file, message, excerpt, .. } = &found[0];
    assert_eq!((*code, *severity, file.as_str()), (Code::StartFailed, Severity::Error, ENTRY));
    let expected = "the Worker does not start: TypeError: Cannot read properties of undefined (reading 'tide')";
    assert_eq!(message, expected);
    assert_eq!(excerpt.as_ref().map(|it| (it.line, it.column)), Some((3, 36)));
}

/// Each is refused by workerd while the module is loaded.
#[test]
fn what_workers_refuse_at_the_start_is_found() {
    for code in [
        "const id = (0, globalThis)['crypto'].randomUUID();",
        "import 'node:no-such-module';",
        "await new Promise(() => {});",
        "export class = ;",
    ] {
        let found = server(&format!("{code}\nexport default {{ fetch: () => new Response('') }};"));
        let codes: Vec<Code> = found.iter().map(|one| one.code).collect();
        let is_told =
            codes.contains(&Code::StartFailed) || codes.contains(&Code::WorkerSyntaxError);
        assert!(is_told, "{code}: {found:#?}");
    }
}

#[test]
fn a_route_that_fails_has_its_error_and_its_place() {
    let found = server(ERROR);
    let errors: Vec<&Diagnostic> =
        found.iter().filter(|one| one.message.starts_with("`/now`")).collect();
    let [error] = errors.as_slice() else { panic!("{found:#?}") };
    assert_eq!((error.code, error.severity), (Code::StartServerError, Severity::Warning));
    assert_eq!(error.message, "`/now` is answered with the status 500: Error: aground");
    assert_eq!((error.file.as_str(), error.excerpt.as_ref().unwrap().line), (ENTRY, 4));
}

/// The bundler's comment names the source.
#[test]
fn a_route_that_fails_is_shown_in_its_source() {
    let project = Project::new(
        SERVER,
        &[(
            "src/pages/now.astro",
            "---\nconst a = 1;\nthrow new Error('aground');\n---\n<p>now</p>\n",
        )],
    );
    project.write(
        ENTRY,
        entry(
            "// src/pages/now.astro\nexport default { async fetch() {\n\tthrow new Error(\"aground\");\n} };",
        ),
    );
    install(&project);
    let found = started(&project, Start::Require);
    let now = found.iter().find(|one| one.message.starts_with("`/now`")).unwrap();
    let place = (now.file.as_str(), now.excerpt.as_ref().unwrap().line);
    assert_eq!(place, ("src/pages/now.astro", 3), "{now:#?}");
}

/// Behind a middleware only the server knows.
#[test]
fn a_link_that_the_server_does_not_answer_is_broken() {
    let project = Project::new(
        SERVER,
        &[
            (
                "dist/client/index.html",
                "<!doctype html><title>a</title>\n<a href=/gone>x</a><a href='/here'>y</a>",
            ),
            ("src/middleware.ts", "export const onRequest = (_: any, next: any) => next();\n"),
        ],
    );
    project.write(
        ENTRY,
        entry(
            "export default { async fetch(request) {\n\
             const { pathname } = new URL(request.url);\n\
             return new Response('', { status: pathname === '/gone' ? 404 : 200 }) } };",
        ),
    );
    install(&project);
    let found = started(&project, Start::Require);
    assert_eq!(found.len(), 1, "{found:#?}");
    let message = "links to `/gone`, which the server answers with the status 404";
    assert_eq!((found[0].code, found[0].message.as_str()), (Code::PageBrokenLink, message));
    assert_eq!(found[0].excerpt.as_ref().map(|it| (it.line, it.column)), Some((2, 9)));
}

/// Nothing outside of the Worker is reached, so an error after that proves nothing.
#[test]
fn an_error_after_a_request_elsewhere_is_a_note() {
    let found = server(
        "export default { async fetch() {\n\
         const reply = await fetch('https://api.example/tide');\n\
         if (!reply.ok) throw new Error('no tide');\nreturn reply } };",
    );
    let now = found.iter().find(|one| one.message.starts_with("`/now`")).unwrap();
    assert_eq!(now.severity, Severity::Note, "{now:#?}");
    assert!(
        now.message.ends_with("it asked `api.example`, which nothing reaches from here"),
        "{now}"
    );
}

#[test]
fn a_page_that_is_answered_in_another_way_is_an_error() {
    let found = other_reply();
    let codes: Vec<Code> = found.iter().map(|one| one.code).collect();
    assert!(codes.contains(&Code::StartOtherReply), "{found:#?}");
}

#[test]
fn variables_stores_and_objects_are_there() {
    let project = Project::new(SERVER, &[(".dev.vars", "SECRET=\"from dev vars\"\n")]);
    let code = "import { DurableObject, env as own } from 'cloudflare:workers';\n\
        const early = [own.GREETING, own.SECRET, typeof own.LIMIT.limit].join();\n\
        export class Room extends DurableObject { fetch() { return new Response('room') } }\n\
        export default { async fetch(request, env) {\n\
          await env.STORE.put('a', 'b');\n\
          const room = await env.ROOM.get(env.ROOM.idFromName('a')).fetch(request);\n\
          const is = [early, await env.STORE.get('a'), await env.STORE.get('c'), await room.text(), (await env.LIMIT.limit({ key: 'a' })).success].join();\n\
          if (is !== 'hello,from dev vars,function,b,,room,true') throw new Error(is);\n\
          return new Response(is) } };";
    project.write(ENTRY, entry(code));
    let config = r#"{ "name": "tide", "main": "entry.mjs", "compatibility_date": "2026-06-01",
        "assets": { "binding": "ASSETS", "directory": "../client" }, "vars": { "GREETING": "hello" },
        "kv_namespaces": [{ "binding": "STORE", "id": "1" }],
        "ratelimits": [{ "name": "LIMIT", "namespace_id": "1", "simple": { "limit": 1, "period": 10 } }],
        "durable_objects": { "bindings": [{ "name": "ROOM", "class_name": "Room" }] },
        "migrations": [{ "tag": "1", "new_sqlite_classes": ["Room"] }] }"#;
    project.write("dist/server/wrangler.json", config);
    install(&project);
    let found = started(&project, Start::Require);
    let of_start: Vec<&Diagnostic> =
        found.iter().filter(|one| one.code.name().starts_with("start/")).collect();
    assert!(of_start.is_empty(), "{of_start:#?}");
}

#[test]
fn a_start_that_is_not_possible_is_told_once_or_is_an_error() {
    let project = Project::new(STATIC, &[]);
    assert_eq!(started(&project, Start::Never), []);
    let [auto] = started(&project, Start::Auto).try_into().unwrap();
    assert_eq!((auto.code, auto.severity), (Code::StartSkipped, Severity::Note));
    let [required] = started(&project, Start::Require).try_into().unwrap();
    assert_eq!((required.code, required.severity), (Code::StartSkipped, Severity::Error));
    // A program that is not workerd.
    let platform = packages().join("@cloudflare");
    let platform = std::fs::read_dir(platform).unwrap().flatten();
    let name =
        platform.map(|it| it.file_name()).find(|it| it.to_string_lossy().starts_with("workerd-"));
    let program =
        format!("node_modules/@cloudflare/{}/bin/workerd", name.unwrap().to_string_lossy());
    project.write(&program, "no program");
    let [unusable] = started(&project, Start::Auto).try_into().unwrap();
    assert_eq!((unusable.code, unusable.severity), (Code::StartSkipped, Severity::Note));
}

/// wrangler bundles a static site's own Worker, with its TypeScript and packages.
#[test]
fn a_worker_that_wrangler_bundles_is_not_started() {
    let project = Project::new(
        STATIC,
        &[
            ("src/worker.ts", "export default { fetch: (): Response => new Response('own') };\n"),
            (
                "wrangler.jsonc",
                r#"{ "name": "tide", "main": "src/worker.ts", "compatibility_date": "2026-06-01", "assets": { "directory": "dist" } }"#,
            ),
        ],
    );
    install(&project);
    let found = started(&project, Start::Auto);
    let of_start: Vec<&Diagnostic> =
        found.iter().filter(|one| one.code.name().starts_with("start/")).collect();
    let [skipped] = of_start.as_slice() else { panic!("{found:#?}") };
    assert_eq!((skipped.code, skipped.severity), (Code::StartSkipped, Severity::Note));
    assert!(skipped.message.contains("which wrangler bundles"), "{skipped}");
}

/// The builds of the examples have no fault but the two routes that fail on purpose.
#[test]
fn the_servers_of_the_examples_start_and_answer() {
    for dist in &*SERVERS {
        let target = WorkerTarget {
            out: dist.with_file_name("never-written"),
            engine: Engine::from_file(&*ENGINE).unwrap(),
            options: <_>::default(),
        };
        let inspection = worker_pack::Inspection::of(dist)
            .target(Target::Worker(target))
            .cache(worker_pack::cache::CacheLocation::Nowhere)
            .start(Start::Require);
        let found = inspection.run().unwrap().findings;
        let is_meant = |one: &&Diagnostic| {
            one.severity == Severity::Note
                || one.code == Code::StartServerError
                    && one.message.contains("the keel has found the sand")
        };
        let others: Vec<&Diagnostic> = found.iter().filter(|one| !is_meant(one)).collect();
        assert!(others.is_empty(), "{}: {others:#?}", dist.display());
    }
}

/// Runs the command in a project whose Worker cannot be started, and returns what it prints.
fn command(project: &Project, arguments: &[&str]) -> (Option<i32>, String) {
    let mut program = crate::support::site::program();
    let program = program.arg("check").args(arguments).args(["--cache-dir", "none", "--engine"]);
    let output = program.arg(&*ENGINE).current_dir(project.folder()).output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn the_start_is_chosen_by_a_flag_and_by_a_key() {
    let project = Project::new(STATIC, &[]);
    let (code, printed) = command(&project, &[]);
    assert!(code == Some(0) && printed.contains("note[start/skipped]"), "{printed}");
    let (code, printed) = command(&project, &["--start", "require"]);
    assert!(code == Some(1) && printed.contains("error[start/skipped]"), "{printed}");
    project.write("worker-pack.toml", "[check]\nstart = \"never\"\n");
    let (code, printed) = command(&project, &[]);
    assert!(code == Some(0) && printed.starts_with("nothing found"), "{printed}");
    let (code, _) = command(&project, &["--start", "auto"]);
    assert_eq!(code, Some(0));
    project.write("worker-pack.toml", "[check]\nstart = \"sometimes\"\n");
    assert_eq!(command(&project, &[]).0, Some(2));
}
