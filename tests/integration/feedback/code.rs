//! Codes of diagnostics: each is documented, provoked and explained.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;

use bytesize::ByteSize;
use worker_pack::cache::CacheLocation;
use worker_pack::check::{Allowance, Date};
use worker_pack::options::{
    Compat, Csp, Dictionaries, EarlyHints, HeadersOnSsr, Integrity, Limits, SpillTo, WorkerOptions,
};
use worker_pack::report::{Code, Diagnostic, Severity};
use worker_pack::target::{Engine, WorkerTarget};
use worker_pack::{Options, PackError, Packed, Target, Weighing};

use crate::cli::check::project::{Project, STATIC};
use crate::cli::check::rules::broken;
use crate::dictionary::pages::{alike_pages, words};
use crate::inspection;
use crate::support::site::{Site, files_below};

type Files<'f> = &'f [(&'f str, &'f str)];

/// The way in which a code is provoked.
enum Provoked {
    /// By packing these files.
    Files(Files<'static>),
    /// By this function, which returns the diagnostics.
    Run(fn() -> Vec<Diagnostic>),
    /// In a unit test, given by its file and its name, since no known input does.
    InUnitTest(&'static str, &'static str),
}

use Provoked::{InUnitTest, Run};

const fn files(files: Files<'static>) -> Provoked {
    Provoked::Files(files)
}

/// The way in which each code is provoked, in the order of the codes.
const PROVOKED: &[(Code, Provoked)] = &[
    (Code::IngestUnreadable, files(&[("index.html", ""), ("_headers/is-a-folder", "")])),
    (Code::IngestLinkOutside, Run(|| linked("../secret.txt", "link.txt"))),
    (Code::IngestBrokenLink, Run(|| linked("missing.txt", "link.txt"))),
    (Code::IngestLinkLoop, Run(|| linked("../docs", "docs/all"))),
    (Code::IngestNameNotUtf8, Run(name_that_is_not_utf_8)),
    (Code::IngestNotAFile, Run(socket)),
    (Code::IngestLargeFile, Run(|| sparse_file(26 << 20))),
    (Code::IngestTooLarge, Run(|| sparse_file(4 << 30))),
    (Code::IngestUrlConflict, Run(|| on_pages(&["a/index.html", "%2fa/index.html"]))),
    (Code::IngestUnreachable, Run(|| on_pages(&["%2fa.html"]))),
    (Code::IngestFileNameOnly, files(&[("about", "1"), ("about.html", "2")])),
    (Code::IngestNamesDifferInCase, files(&[("Readme.txt", "1"), ("readme.txt", "2")])),
    (
        Code::IngestSecretFile,
        files(&[("index.html", ""), ("server.pem", "-----BEGIN PRIVATE KEY-----\n")]),
    ),
    (Code::IngestDatabase, files(&[("users.sqlite", "")])),
    (Code::IngestLeftOut, files(&[("index.html", "<p>"), (".nojekyll", "")])),
    (
        Code::IngestGuarded,
        Run(|| with_rule(&[("index.html", "<p>"), ("wrangler.toml", "")], "/** publish=true")),
    ),
    (
        Code::IngestRuleMatchesNothing,
        Run(|| with_rule(&[("fonts/a.woff2", "")], "/font/* cache=immutable")),
    ),
    (
        Code::IngestWholeProject,
        files(&[("index.html", "<p>"), ("package.json", "{}"), ("node_modules/a/a.js", "1")]),
    ),
    (
        Code::ExposedServerCode,
        files(&[("index.html", ""), ("server/entry.mjs", "export default {};")]),
    ),
    (Code::ExposedPrivateKey, Run(private_key)),
    (Code::ExposedToken, Run(token)),
    (Code::ExposedEnvironmentValue, Run(environment_value)),
    (Code::RulesOnlyPage, files(&[("index.html", "<script src=/app.js></script>")])),
    (Code::RulesLineTooLong, Run(|| rules("_redirects", &format!("/{} /b\n", "a".repeat(2000))))),
    (Code::RulesRedirectSyntax, Run(|| rules("_redirects", "/only-a-source\n"))),
    (Code::RulesRedirectFromHost, Run(|| rules("_redirects", "https://a.example/old /new\n"))),
    (Code::RulesRedirectTarget, Run(|| rules("_redirects", "/file ftp://example.com/file\n"))),
    (Code::RulesRedirectStatus, Run(|| rules("_redirects", "/old /new 404\n"))),
    (Code::RulesRedirectLoop, Run(redirect_loops)),
    (Code::RulesRedirectToIndex, Run(|| rules("_redirects", "/docs/ /docs/index.html\n"))),
    (Code::RulesRewriteElsewhere, Run(|| rules("_redirects", "/a https://a.example/ 200\n"))),
    (Code::RulesDuplicateRedirect, Run(|| rules("_redirects", "/old /new\n/old /newer\n"))),
    (Code::RulesShadowedRedirect, Run(|| rules("_redirects", "/blog/* /news/\n/blog/a /b\n"))),
    (
        Code::RulesRedirectHidesFile,
        files(&[("index.html", ""), ("about.html", ""), ("_redirects", "/about /team 301\n")]),
    ),
    (Code::RulesRepeatedWildcard, Run(|| rules("_redirects", "/*/posts/* /posts/:splat\n"))),
    (Code::RulesTooManyRedirects, Run(too_many_redirects)),
    (Code::RulesHeaderHost, Run(|| rules("_headers", "http://a.example/*\n  A: b\n"))),
    (Code::RulesHeaderBeforePath, Run(|| rules("_headers", "X-Frame-Options: DENY\n"))),
    (Code::RulesHeaderSyntax, Run(|| rules("_headers", "/*\n  X-Frame-Options = DENY\n"))),
    (Code::RulesHeaderWithoutValue, Run(|| rules("_headers", "/*\n  Server:\n"))),
    (Code::RulesReservedHeader, Run(|| rules("_headers", "/*\n  Content-Encoding: br\n"))),
    (Code::RulesPathWithoutHeaders, Run(|| rules("_headers", "/old/*\n/new/*\n  A: b\n"))),
    (Code::RulesDuplicatePath, Run(|| rules("_headers", "/*\n  A: b\n/*\n  C: d\n"))),
    (Code::RulesTooManyHeaderRules, Run(too_many_header_rules)),
    (
        Code::TransformShownAsText,
        files(&[
            ("go", "<!doctype html><p>"),
            ("_headers", "/*\n  X-Content-Type-Options: nosniff\n"),
        ]),
    ),
    (Code::TransformNotUtf8, Run(text_that_is_not_utf_8)),
    (
        Code::TransformMinifierFailed,
        InUnitTest(
            "src/transform/problems.rs",
            "a_minifier_that_fails_is_a_note_that_asks_for_a_report",
        ),
    ),
    (Code::PictureDamaged, Run(|| packed(&Site::new(&[("a.png", b"\x89PNG\r\n\x1a\n cut off")])))),
    (
        Code::PictureEncoderFailed,
        InUnitTest("src/picture/mod.rs", "an_encoder_that_fails_is_a_note_that_asks_for_a_report"),
    ),
    (
        Code::PictureLossyNotAvailable,
        InUnitTest(
            "src/picture/mod.rs",
            "a_program_without_the_encoders_warns_if_they_are_asked_for",
        ),
    ),
    (
        Code::HtmlUnreadable,
        files(&[("index.html", ""), ("page.xhtml", "<html xmlns='http://www.w3.org/1999/xhtml'>")]),
    ),
    (
        Code::HtmlAmbiguousMarkup,
        files(&[("index.html", "<select><xmp><script>alert(1)</script></xmp></select>")]),
    ),
    (
        Code::HtmlCorrectedMarkup,
        files(&[(
            "index.html",
            "<svg><svg><div><script><!-- hide from old browsers\nrun();\n--></script>",
        )]),
    ),
    (
        Code::HtmlHashedCode,
        files(&[(
            "index.html",
            "<meta http-equiv=Content-Security-Policy content=\"script-src 'sha256-a='\">",
        )]),
    ),
    (
        Code::HtmlRoutedCode,
        Run(|| {
            let page =
                "<meta name=astro-view-transitions-enabled content=true><script>a( 1 )</script>";
            with_rule(&[("index.html", page), ("kept.html", page)], "/kept minify=off")
        }),
    ),
    (Code::HtmlTooManyEarlyHints, Run(too_many_early_hints)),
    (Code::HtmlNoIntegrity, Run(loaded_without_integrity)),
    (Code::CssSyntaxError, files(&[("a.css", "a { color: red }\n}\n")])),
    (Code::CssLostDeclaration, Run(lost_declaration)),
    (Code::JavaScriptSyntaxError, files(&[("a.js", "let b = ;\n")])),
    (Code::JsonSyntaxError, files(&[("a.json", "{ \"a\": 1, }\n")])),
    (Code::XmlSyntaxError, files(&[("a.svg", "<svg><g></svg>")])),
    (
        Code::CompressRoundTripFailed,
        InUnitTest("src/coding/mod.rs", "a_body_that_does_not_decode_is_an_error_with_a_code"),
    ),
    (Code::CspBlocked, Run(|| with_policies("<p style='color:red'>a</p>", ""))),
    (Code::CspNoPolicy, Run(|| with_policies(b"caf\xe9", ""))),
    (Code::CspShortened, Run(|| with_policies(many("style"), ""))),
    (Code::CspTooLong, Run(|| with_policies(many("script"), ""))),
    (Code::CspNotStrict, Run(not_strict)),
    (Code::CspOwnRule, Run(|| with_policies("a", "/*\n  Content-Security-Policy: img-src *\n"))),
    (
        Code::CspUnhashedCode,
        Run(|| {
            let policy =
                "<meta http-equiv=content-security-policy content=\"script-src 'sha256-YWJj'\">";
            with_policies(format!("{policy}<script>a()</script>"), "")
        }),
    ),
    (
        Code::DictionaryBlocked,
        Run(|| {
            with_dictionaries(
                "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'\">",
                &[],
            )
        }),
    ),
    (
        Code::DictionaryNotServed,
        Run(|| with_dictionaries("", &[("_headers", "/*\n  Cache-Control: no-cache\n")])),
    ),
    (Code::DictionaryDoesNotPay, Run(unlike_pages)),
    (
        Code::DictionaryNotAvailable,
        InUnitTest("src/pack/dictionaries.rs", "a_program_without_the_encoder_warns"),
    ),
    (Code::WorkerWithoutServer, Run(without_server)),
    (Code::WorkerOwnWorker, Run(|| configured(r#"{ "main": "src/worker.ts" }"#))),
    (Code::WorkerPagesFunctions, Run(functions)),
    (
        Code::WorkerPagesEnvironment,
        Run(|| configured(r#"{ "pages_build_output_dir": "dist", "env": { "production": {} } }"#)),
    ),
    (
        Code::WorkerEnvironmentAssets,
        Run(|| {
            configured(
                r#"{ "assets": { "directory": "dist", "not_found_handling": "404-page" },
                    "env": { "staging": { "assets": { "directory": "dist" } } } }"#,
            )
        }),
    ),
    (
        Code::WorkerAssetOption,
        Run(|| configured(r#"{ "assets": { "directory": "dist", "base_path": "/docs" } }"#)),
    ),
    (
        Code::WorkerBindingCollision,
        Run(|| {
            configured(
                r#"{ "assets": { "directory": "dist", "binding": "FILES" },
                    "r2_buckets": [{ "binding": "FILES", "bucket_name": "files" }] }"#,
            )
        }),
    ),
    (Code::WorkerMissingModule, Run(|| server("import './gone.mjs';"))),
    (Code::WorkerUnsupportedModule, Run(|| server("import './logo.svg';"))),
    (Code::WorkerMissingPackage, Run(package_elsewhere)),
    (Code::WorkerSyntaxError, Run(|| server("export const page = ;"))),
    (
        Code::WorkerModuleNotMinified,
        InUnitTest(
            "src/output/worker/server/shipping.rs",
            "a_module_that_cannot_be_minified_ships_unchanged",
        ),
    ),
    (Code::WorkerBuildPath, Run(build_path)),
    (Code::WorkerSettingKept, Run(different_setting)),
    (Code::WorkerDeploysUnpacked, Run(deploy_config_elsewhere)),
    (Code::WorkerTooLarge, Run(|| limited(Limits { size: ByteSize::kb(1), ..Limits::default() }))),
    (
        Code::WorkerTooMuchMemory,
        Run(|| limited(Limits { memory: ByteSize::kb(1), ..Limits::default() })),
    ),
    (
        Code::WorkerLargeUnderGzip,
        Run(|| limited(Limits { gzip_marks: vec![ByteSize::b(1)], ..Limits::default() })),
    ),
    (Code::WorkerPolicyForFiles, Run(policy_for_files)),
    (Code::WorkerSlowStart, Run(|| limited(Limits { startup_mark: 0, ..Limits::default() }))),
    (
        Code::WorkerStaticAssetTooLarge,
        Run(|| spilled(Limits { static_asset: ByteSize::b(1), ..Limits::default() })),
    ),
    (
        Code::WorkerTooManyStaticAssets,
        Run(|| spilled(Limits { static_assets: 0, ..Limits::default() })),
    ),
    (Code::WorkerInvalidWasm, Run(|| weighed(&[("a.wasm", b"\0asm\x01\0\0\0\x0a\x09")]))),
    (Code::WorkerStoredTwice, Run(|| weighed(&[("a.bin", &[7; 2000]), ("b.bin", &[7; 2000])]))),
    (
        Code::WorkerLargeUpload,
        Run(|| {
            let limits = Limits { r2_upload: ByteSize::b(1), ..Limits::default() };
            let spill_above = Some(ByteSize::kb(100));
            let options = WorkerOptions {
                limits,
                spill_above,
                spill_to: SpillTo::R2,
                ..WorkerOptions::default()
            };
            worker(&heavy_site(), &options)
        }),
    ),
    (Code::BudgetMatchesNothing, Run(|| budgets("10 kB file=missing.js", "[]"))),
    (Code::BudgetNotSupported, Run(|| budgets("10 kB", r#"[{ "path": "a.js", "limit": "1 s" }]"#))),
    (
        Code::KeepUnusable,
        Run(|| {
            after_a_build(|store| {
                fs::remove_dir_all(store).unwrap();
                fs::write(store, "a file").unwrap();
            })
        }),
    ),
    (
        Code::KeepDamaged,
        Run(|| after_a_build(|store| fs::write(store.join("index.json"), "").unwrap())),
    ),
    (
        Code::KeepOtherStore,
        Run(|| after_a_build(|store| fs::write(store.join("index.json"), "[]").unwrap())),
    ),
    (
        Code::KeepWithheld,
        Run(|| {
            after_a_build(|store| {
                let project = store.ancestors().nth(2).unwrap();
                fs::write(project.join(".env"), format!("API_SECRET={RANDOM}\n")).unwrap();
            })
        }),
    ),
    (Code::KeepOverLimit, Run(kept_over_limit)),
    (Code::CacheUnusable, Run(unusable_cache)),
    (Code::CacheDamagedResults, Run(damaged_cache)),
    (Code::ProjectNotBuilt, Run(not_built)),
    (Code::ProjectInvalidConfig, Run(|| broken(Code::ProjectInvalidConfig))),
    (Code::ProjectConfigSchema, Run(|| broken(Code::ProjectConfigSchema))),
    (Code::ProjectNoSchema, Run(|| broken(Code::ProjectNoSchema))),
    (Code::ProjectPagesConfig, Run(|| broken(Code::ProjectPagesConfig))),
    (Code::ProjectPagesOutput, Run(|| broken(Code::ProjectPagesOutput))),
    (Code::ProjectAdapterOption, Run(|| broken(Code::ProjectAdapterOption))),
    (Code::ProjectEnvFlag, Run(|| broken(Code::ProjectEnvFlag))),
    (Code::ProjectEnvLost, Run(|| broken(Code::ProjectEnvLost))),
    (Code::ProjectEnvInherit, Run(|| broken(Code::ProjectEnvInherit))),
    (Code::ProjectSessionProvision, Run(|| broken(Code::ProjectSessionProvision))),
    (Code::ProjectKvDuplicate, Run(|| broken(Code::ProjectKvDuplicate))),
    (Code::ProjectNodeMissing, Run(|| broken(Code::ProjectNodeMissing))),
    (Code::ProjectNodeRedundant, Run(|| broken(Code::ProjectNodeRedundant))),
    (Code::ProjectProcessV2, Run(|| broken(Code::ProjectProcessV2))),
    (Code::ProjectWranglerPeer, Run(|| broken(Code::ProjectWranglerPeer))),
    (Code::ProjectCiVariable, Run(|| broken(Code::ProjectCiVariable))),
    (Code::ProjectWorkerJsPublic, Run(|| broken(Code::ProjectWorkerJsPublic))),
    (Code::ProjectHeadersSsr, Run(|| broken(Code::ProjectHeadersSsr))),
    (Code::ProjectBasePath, Run(|| broken(Code::ProjectBasePath))),
    (Code::ProjectNo404, Run(|| broken(Code::ProjectNo404))),
    (Code::ProjectDevVarsShipped, Run(|| broken(Code::ProjectDevVarsShipped))),
    (Code::ProjectVersionAffinity, Run(|| broken(Code::ProjectVersionAffinity))),
    (Code::ProjectAllowanceExpired, Run(expired_allowance)),
    (Code::ProjectAllowanceUnused, Run(unused_allowance)),
    (Code::ServerLocalsRuntime, Run(|| inspection::code::broken(Code::ServerLocalsRuntime))),
    (Code::ServerMessageChannel, Run(|| inspection::code::broken(Code::ServerMessageChannel))),
    (Code::ServerGlobalScope, Run(|| inspection::code::broken(Code::ServerGlobalScope))),
    (Code::ServerEval, Run(|| inspection::code::broken(Code::ServerEval))),
    (Code::ServerNativePrerender, Run(|| inspection::code::broken(Code::ServerNativePrerender))),
    (Code::ServerKvCounter, Run(|| inspection::code::broken(Code::ServerKvCounter))),
    (Code::ServerMemoryCounter, Run(|| inspection::code::broken(Code::ServerMemoryCounter))),
    (Code::ServerSecretInlined, Run(|| inspection::code::broken(Code::ServerSecretInlined))),
    (Code::ServerBuildPath, Run(|| inspection::code::broken(Code::ServerBuildPath))),
    (Code::ServerMiddlewareStatic, Run(|| inspection::code::broken(Code::ServerMiddlewareStatic))),
    (Code::PageBrokenLink, Run(|| inspection::pages::broken(Code::PageBrokenLink))),
    (Code::PageMissingFile, Run(|| inspection::pages::broken(Code::PageMissingFile))),
    (Code::PageBrokenFragment, Run(|| inspection::pages::broken(Code::PageBrokenFragment))),
    (Code::PageLinkCase, Run(|| inspection::pages::broken(Code::PageLinkCase))),
    (Code::PageRedirectedLink, Run(|| inspection::pages::broken(Code::PageRedirectedLink))),
    (Code::PageCspUnhashed, Run(|| inspection::pages::broken(Code::PageCspUnhashed))),
    (Code::PageCspUnsafeWithHash, Run(|| inspection::pages::broken(Code::PageCspUnsafeWithHash))),
    (Code::PageCspBlockedLoad, Run(|| inspection::pages::broken(Code::PageCspBlockedLoad))),
    (Code::PageCspConnect, Run(|| inspection::pages::broken(Code::PageCspConnect))),
    (Code::PageUnreferencedFile, Run(|| inspection::pages::broken(Code::PageUnreferencedFile))),
    (Code::PagePrerenderFailed, Run(|| inspection::pages::broken(Code::PagePrerenderFailed))),
    (Code::PageBytesNotType, Run(|| inspection::pages::broken(Code::PageBytesNotType))),
    (Code::StartFailed, Run(|| inspection::start::broken(Code::StartFailed))),
    (Code::StartServerError, Run(|| inspection::start::broken(Code::StartServerError))),
    (Code::StartOtherReply, Run(|| inspection::start::broken(Code::StartOtherReply))),
    (Code::StartSkipped, Run(|| inspection::start::broken(Code::StartSkipped))),
    (Code::StartBindingAbsent, Run(|| inspection::start::broken(Code::StartBindingAbsent))),
];

/// Returns the diagnostics of a pack, whether it failed or not.
fn found(result: Result<Packed, PackError>) -> Vec<Diagnostic> {
    match result {
        Ok(packed) => packed.report().diagnostics.clone(),
        Err(PackError::Files { diagnostics }) => diagnostics,
        Err(other) => panic!("{other}"),
    }
}

fn packed(site: &Site) -> Vec<Diagnostic> {
    found(site.try_pack(Options::default()))
}

/// Weighs a folder of modules.
fn weighed(modules: &[(&str, &[u8])]) -> Vec<Diagnostic> {
    let site = Site::new(modules);
    Weighing::of(site.dist()).run().unwrap().diagnostics
}

/// Packs a page and a file of rules.
fn rules(name: &str, text: &str) -> Vec<Diagnostic> {
    packed(&Site::new(&[("index.html", ""), ("404.html", ""), (name, text)]))
}

/// Packs a site with a link.
fn linked(target: &str, name: &str) -> Vec<Diagnostic> {
    let site = Site::new(&[("index.html", ""), ("docs/index.html", "")]);
    fs::write(site.project().join("secret.txt"), "secret").unwrap();
    symlink(target, site.dist().join(name)).unwrap();
    packed(&site)
}

fn name_that_is_not_utf_8() -> Vec<Diagnostic> {
    let site = Site::new(&[("index.html", "")]);
    fs::write(site.dist().join(OsStr::from_bytes(b"caf\xe9.txt")), "").unwrap();
    packed(&site)
}

fn socket() -> Vec<Diagnostic> {
    let site = Site::new(&[("index.html", "")]);
    let _listener = UnixListener::bind(site.dist().join("socket")).unwrap();
    packed(&site)
}

/// A file of a size that takes no room on the disk.
fn sparse_file(len: u64) -> Vec<Diagnostic> {
    let site = Site::new::<&str>(&[]);
    File::create(site.dist().join("film.mp4")).unwrap().set_len(len).unwrap();
    packed(&site)
}

/// Every kind of redirect loop.
fn redirect_loops() -> Vec<Diagnostic> {
    let text = "/self /self\n/a /b\n/b /a\n/docs/* /docs/new/:splat\n";
    let found = rules("_redirects", text);
    assert_eq!(found.len(), 4, "{found:?}");
    found
}

/// Both limits, each exceeded by one line.
fn too_many_redirects() -> Vec<Diagnostic> {
    let fixed = (0..=2000).map(|n| format!("/x{n} /x\n"));
    let dynamic = (0..=100).map(|n| format!("/{n}/* /x\n"));
    let found = rules("_redirects", &fixed.chain(dynamic).collect::<String>());
    assert_eq!(found.len(), 2, "{found:?}");
    found
}

fn too_many_header_rules() -> Vec<Diagnostic> {
    let rule = |n| format!("/{n}\n  A: b\n");
    rules("_headers", &(0..=101).map(rule).collect::<Vec<String>>().concat())
}

/// The texts of these secrets are joined here, so that this file contains none.
const RANDOM: &str = "q7Zp2mXv9LrTn4KsWd8HyBc3Jf6GtRa1VeUo5NiM7xQzPk2wDhYb8CsLjF4gTmRv";

fn private_key() -> Vec<Diagnostic> {
    packed(&Site::new(&[("a.txt", format!("{}PRIVATE KEY-----\n{RANDOM}\n", "-----BEGIN "))]))
}

fn token() -> Vec<Diagnostic> {
    packed(&Site::new(&[("a.js", format!("t=\"{}{}\"", "ghp_", &RANDOM[..36]))]))
}

fn environment_value() -> Vec<Diagnostic> {
    let site = Site::new(&[("a.js", format!("t=\"{RANDOM}\""))]);
    fs::write(site.project().join(".env"), format!("API_SECRET={RANDOM}\n")).unwrap();
    packed(&site)
}

/// Packs files under the rules of Pages, which decode `%2f` in the path of a page.
fn on_pages(names: &[&str]) -> Vec<Diagnostic> {
    let options = Options { compat: Some(Compat::Pages), ..Options::default() };
    let files: Vec<(&str, &str)> = names.iter().map(|name| (*name, *name)).collect();
    found(Site::new(&files).try_pack(options))
}

fn text_that_is_not_utf_8() -> Vec<Diagnostic> {
    packed(&Site::new(&[("a.html", b"caf\xe9")]))
}

fn too_many_early_hints() -> Vec<Diagnostic> {
    let link = |n| format!("<link rel=preload as=image href=/{n}.png>");
    let page = (0..=16).map(link).collect::<Vec<String>>().concat();
    let options = Options { early_hints: EarlyHints::On, ..Options::default() };
    found(Site::new(&[("index.html", page)]).try_pack(options))
}

fn loaded_without_integrity() -> Vec<Diagnostic> {
    let site = Site::new(&[("index.html", "<script src=/a.js></script>"), ("a.js", "a()")]);
    found(site.try_pack(Options { integrity: Integrity::Add, ..Options::default() }))
}

fn not_strict() -> Vec<Diagnostic> {
    let site = Site::new(&[("index.html", "<script src=/a.js></script>"), ("a.js", "a()")]);
    found(site.try_pack(Options { csp: Csp::StrictDynamic, ..Options::default() }))
}

fn with_policies(page: impl AsRef<[u8]>, headers: &str) -> Vec<Diagnostic> {
    let site = Site::new(&[("index.html", page.as_ref()), ("_headers", headers.as_bytes())]);
    found(site.try_pack(Options { csp: Csp::Hashes, ..Options::default() }))
}

/// Returns a page with more different elements of a name than hashes fit into a response.
fn many(tag: &str) -> String {
    let elements = (0..300).map(|n| format!("<{tag}>p{{order:{n}}}</{tag}>"));
    elements.collect::<Vec<_>>().concat()
}

fn with_dictionaries(head: &str, files: Files<'_>) -> Vec<Diagnostic> {
    let site = Site::new(files);
    for (name, page) in alike_pages(head) {
        site.write(&name, page);
    }
    found(site.try_pack(Options { dictionaries: Dictionaries::Pages, ..Options::default() }))
}

fn unlike_pages() -> Vec<Diagnostic> {
    let site = Site::new::<&str>(&[]);
    for page in 1..=5 {
        site.write(&format!("{page}.html"), format!("<title>{page}</title>{}", words(page, 400)));
    }
    found(site.try_pack(Options { dictionaries: Dictionaries::Pages, ..Options::default() }))
}

fn lost_declaration() -> Vec<Diagnostic> {
    let site = Site::new(&[
        ("a.css", "a { --duration: 200ms }"),
        ("a.html", "<style>a { --duration: 200ms }</style>"),
    ]);
    let options = Options { css_targets: vec!["defaults".to_owned()], ..Options::default() };
    let found = found(site.try_pack(options));
    assert_eq!(found.len(), 2, "in a file and in a page: {found:?}");
    found
}

/// Packs a site with a rule by path.
fn with_rule(files: &[(&str, &str)], rule: &str) -> Vec<Diagnostic> {
    let options = Options { rule: vec![rule.parse().unwrap()], ..Options::default() };
    found(Site::new(files).try_pack(options))
}

/// Packs a site into a module, with a budget and with those of size-limit.
fn budgets(budget: &str, size_limit: &str) -> Vec<Diagnostic> {
    let site = Site::new(&[("index.html", "<h1>home</h1>")]);
    fs::write(site.project().join(".size-limit.json"), size_limit).unwrap();
    let options = Options { budgets: vec![budget.parse().unwrap()], ..Options::default() };
    site.emit(options).unwrap().report().diagnostics.clone()
}

fn policy_for_files() -> Vec<Diagnostic> {
    let site = Site::new(&[("index.html", "<h1>home</h1>")]);
    let rule = vec!["/api/[ab] cache=no-store".parse().unwrap()];
    let headers_on_ssr = HeadersOnSsr::WithPolicies;
    let options = WorkerOptions { headers_on_ssr, ..WorkerOptions::default() };
    worker_with(&site, Options { rule, ..Options::default() }, &options)
}

/// Packs a site and writes a Worker for it.
fn worker(site: &Site, options: &WorkerOptions) -> Vec<Diagnostic> {
    worker_with(site, Options::default(), options)
}

fn worker_with(site: &Site, packing: Options, options: &WorkerOptions) -> Vec<Diagnostic> {
    // An empty WebAssembly module, since it does not run.
    let engine = site.project().join("engine.wasm");
    fs::write(&engine, b"\0asm\x01\0\0\0").unwrap();
    let engine = Engine::from_file(engine).unwrap();
    let target = WorkerTarget { out: site.out(), engine, options: options.clone() };
    match site.packing(packing).target(Target::Worker(target)).emit() {
        Ok(emitted) => emitted.report().diagnostics.clone(),
        Err(PackError::Files { diagnostics }) => diagnostics,
        Err(other) => panic!("{other}"),
    }
}

/// A server with an entry of this text.
fn server_site(entry: &str) -> Site {
    Site::new(&[
        ("client/index.html", ""),
        ("server/entry.mjs", entry),
        ("server/logo.svg", "<svg/>"),
        ("server/wrangler.json", r#"{ "vars": { "GREETING": "hi" } }"#),
    ])
}

fn server(entry: &str) -> Vec<Diagnostic> {
    worker(&server_site(entry), &WorkerOptions::default())
}

/// Packs a static site with a configuration for wrangler.
fn configured(config: &str) -> Vec<Diagnostic> {
    let site = Site::new(&[("index.html", "<p>")]);
    fs::write(site.project().join("wrangler.jsonc"), config).unwrap();
    worker(&site, &WorkerOptions::default())
}

fn functions() -> Vec<Diagnostic> {
    let site = Site::new(&[
        ("index.html", "<p>"),
        ("../functions/api.js", "export const onRequest = () => new Response('');"),
    ]);
    worker(&site, &WorkerOptions::default())
}

fn without_server() -> Vec<Diagnostic> {
    let site = Site::new(&[("members/list.html", "<p>")]);
    let config = r#"{ "assets": { "run_worker_first": ["/members/*"] } }"#;
    fs::write(site.project().join("wrangler.jsonc"), config).unwrap();
    worker(&site, &WorkerOptions::default())
}

/// The help names the target as the option spells it.
#[test]
fn the_remedy_for_a_missing_server_is_a_value_of_the_option() {
    let found = without_server();
    let help = found.iter().find_map(|one| one.help.as_deref()).unwrap();
    assert!(help.contains("target `rust-worker` "), "{help}");
}

fn package_elsewhere() -> Vec<Diagnostic> {
    let site = Site::new(&[
        ("a.txt", ""),
        ("_worker.js/index.js", "import 'tide'; export default {};"),
        ("_worker.js/node_modules/tide/index.js", ""),
    ]);
    let config = r#"{ "main": "dist/_worker.js/index.js" }"#;
    fs::write(site.project().join("wrangler.jsonc"), config).unwrap();
    worker(&site, &WorkerOptions::default())
}

/// A server with a path in code of the site's own.
fn build_path() -> Vec<Diagnostic> {
    server(
        "const manifest = { rootDir: 'file:///home/me/site/', entryModules: {} };\n\
         export default { fetch: () => manifest.rootDir + '/home/me/site/data.json' };",
    )
}

fn different_setting() -> Vec<Diagnostic> {
    let site = server_site("export default {};");
    fs::create_dir(site.out()).unwrap();
    let own = r#"{ "vars": { "GREETING": "ho" } }"#;
    fs::write(site.out().join("wrangler.jsonc"), own).unwrap();
    worker(&site, &WorkerOptions::default())
}

/// A site that takes a millisecond to load.
fn heavy_site() -> Site {
    Site::new(&[("photo.jpg", vec![0_u8; 200_000])])
}

fn limited(limits: Limits) -> Vec<Diagnostic> {
    worker(&heavy_site(), &WorkerOptions { limits, ..WorkerOptions::default() })
}

fn spilled(limits: Limits) -> Vec<Diagnostic> {
    let spill_above = Some(ByteSize::kb(100));
    worker(&heavy_site(), &WorkerOptions { limits, spill_above, ..WorkerOptions::default() })
}

/// Packs a script, and then a page alone after a change of the store of earlier builds.
fn after_a_build(change: fn(&Path)) -> Vec<Diagnostic> {
    let site = Site::new(&[("_astro/app.D4f5G6h7.js", format!("t=\"{RANDOM}\""))]);
    let options = || Options { keep: "on".parse().unwrap(), ..Options::default() };
    site.emit(options()).unwrap();
    fs::remove_dir_all(site.dist()).unwrap();
    site.write("index.html", "<p>");
    change(&site.project().join(".worker-pack/out"));
    site.emit(options()).unwrap().report().diagnostics.clone()
}

fn kept_over_limit() -> Vec<Diagnostic> {
    let site = Site::new(&[("_astro/photo.D4f5G6h7.jpg", vec![0_u8; 200_000])]);
    let options = || Options { keep: "on".parse().unwrap(), ..Options::default() };
    site.emit(options()).unwrap();
    fs::remove_dir_all(site.dist()).unwrap();
    site.write("index.html", "<p>");
    // Without a place outside of the Worker, the picture would have to be in it.
    let limits = Limits { static_assets: 0, ..Limits::default() };
    let worker =
        WorkerOptions { limits, spill_above: Some(ByteSize::kb(100)), ..WorkerOptions::default() };
    worker_with(&site, options(), &worker)
}

fn deploy_config_elsewhere() -> Vec<Diagnostic> {
    let site = heavy_site();
    let folder = site.project().join(".wrangler/deploy");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("config.json"), r#"{"configPath":"../../dist/wrangler.json"}"#).unwrap();
    worker(&site, &WorkerOptions::default())
}

fn unusable_cache() -> Vec<Diagnostic> {
    let site = Site::new(&[("index.html", "")]);
    let file = site.project().join("cache");
    fs::write(&file, "a file").unwrap();
    found(site.packing(Options::default()).cache(CacheLocation::Folder(file)).run())
}

fn damaged_cache() -> Vec<Diagnostic> {
    let site = Site::new(&[("a.css", "a { color: red }")]);
    let cache = site.project().join("cache");
    let pack = site.packing(Options::default()).cache(CacheLocation::Folder(cache.clone()));
    drop(pack.run().unwrap());
    let results = cache.join("v1/results");
    for result in files_below(&results) {
        fs::write(results.join(result), "damaged").unwrap();
    }
    found(pack.run())
}

fn not_built() -> Vec<Diagnostic> {
    let project = Project::new(STATIC, &[]);
    project.remove("dist");
    project.findings()
}

/// Checks a project with an allowance for a page that it has.
fn allowed(until: Option<&str>) -> Vec<Diagnostic> {
    let until = until.map(|until| until.parse().unwrap());
    let (code, reason) = (Code::ProjectNo404, "it is being written".to_owned());
    let allowance = Allowance { code, path: None, reason, until, place: None };
    let inspection = Project::new(STATIC, &[]).inspection().allow(vec![allowance]);
    inspection.today(Date::of_unix_time(0)).run().unwrap().findings
}

fn expired_allowance() -> Vec<Diagnostic> {
    allowed(Some("1969-12-31"))
}

fn unused_allowance() -> Vec<Diagnostic> {
    allowed(None)
}

/// Returns the page of all diagnostics.
fn page() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/diagnostics.md")).unwrap()
}

/// Returns the entry of a code, without its heading.
fn entry(page: &str, code: Code) -> String {
    let heading = format!("\n### {code}\n");
    let (_, rest) = page.split_once(&heading).unwrap_or_else(|| panic!("{code} has no entry"));
    rest.split("\n## ").next().unwrap().split("\n### ").next().unwrap().to_owned()
}

#[test]
fn every_code_is_provoked_with_the_severity_that_its_entry_states() {
    let codes: Vec<Code> = PROVOKED.iter().map(|(code, _)| *code).collect();
    assert_eq!(codes, Code::ALL, "a row for each code, in the order of the codes");
    let page = page();
    let mut in_unit_tests = 0;
    for (code, provoked) in PROVOKED {
        let found = match provoked {
            Provoked::Files(files) => packed(&Site::new(files)),
            Run(run) => run(),
            InUnitTest(file, test) => {
                let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
                let source = fs::read_to_string(source).unwrap();
                let body = source.split_once(&format!("fn {test}()")).expect("the test").1;
                assert!(body.contains(&format!("Code::{code:?}")), "{code} is not in {test}");
                in_unit_tests += 1;
                continue;
            }
        };
        let found: Vec<&Diagnostic> = found.iter().filter(|found| found.code == *code).collect();
        let Some(first) = found.first() else { panic!("{code} is not among {found:?}") };
        let severity = match first.severity {
            Severity::Error => "Error",
            Severity::Warning => "Warning",
            Severity::Note => "Note",
        };
        let stated = entry(&page, *code);
        assert!(stated.contains(&format!("**Severity.** {severity}.")), "{code}: {severity}");
        assert!(first.to_string().contains(&format!(": {code}: ")), "{first}");
    }
    assert!(in_unit_tests <= 6, "most codes can be provoked from outside");
}

#[test]
fn every_code_has_an_entry_and_every_entry_a_code() {
    let page = page();
    let headings: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    assert_eq!(headings, Code::ALL.map(Code::name));
    for code in Code::ALL {
        let entry = entry(&page, code);
        let parts = ["\n```", "\n**Cause.** ", "\n**Remedy.** ", "\n**Severity.** "];
        let places = parts.map(|part| entry.find(part).unwrap_or_else(|| panic!("{code}: {part}")));
        assert!(places.is_sorted() && places[0] > 1, "{code}: {places:?}");
    }
    assert!(page.lines().all(|line| line.chars().count() <= 80), "it is shown in terminals");
}

#[test]
fn warnings_for_cargo_contain_the_code() {
    let site = Site::new(&[("a.css", "a { color: red }\n}\n")]);
    let emitted = site.emit(Options::default()).unwrap();
    let directives = emitted.cargo_directives();
    assert!(directives.contains("cargo::warning=a.css:3:1: css/syntax-error: "), "{directives}");
}
