//! Codes of diagnostics: a short, stable text for each kind, documented in `docs/diagnostics.md`.

use crate::feedback::stage::Stage;
use crate::named::named;

named! {
    /// A kind of diagnostic: one cause with one remedy.
    ///
    /// The text, such as `css/lost-declaration`, stays the same from version to version.
    #[non_exhaustive]
    pub enum Code {
        /// A file or folder of the site cannot be read.
        IngestUnreadable = "ingest/unreadable",
        /// A symbolic link leads out of the site.
        IngestLinkOutside = "ingest/link-outside",
        /// The target of a symbolic link is missing.
        IngestBrokenLink = "ingest/broken-link",
        /// A symbolic link leads to a folder that contains it.
        IngestLinkLoop = "ingest/link-loop",
        /// The name of a file is not UTF-8.
        IngestNameNotUtf8 = "ingest/name-not-utf8",
        /// A pipe, a socket or a device lies in the site.
        IngestNotAFile = "ingest/not-a-file",
        /// A file is larger than 25 MiB, the limit of static assets on Cloudflare.
        IngestLargeFile = "ingest/large-file",
        /// A file has 4 GiB or more, the limit of a table.
        IngestTooLarge = "ingest/too-large",
        /// Two files have the same URL.
        IngestUrlConflict = "ingest/url-conflict",
        /// No URL leads to a file.
        IngestUnreachable = "ingest/unreachable",
        /// A page is reachable only by its file name, since its URL serves another file.
        IngestFileNameOnly = "ingest/file-name-only",
        /// The names of two files differ only in case.
        IngestNamesDifferInCase = "ingest/names-differ-in-case",
        /// A file holds a private key or passwords, and is left out.
        IngestSecretFile = "ingest/secret-file",
        /// A database, or a dump of one, is public.
        IngestDatabase = "ingest/database",
        /// A file is left out that Cloudflare would publish.
        IngestLeftOut = "ingest/left-out",
        /// A rule publishes a file by a pattern, which needs one with its very name.
        IngestGuarded = "ingest/guarded",
        /// A rule by path matches no file.
        IngestRuleMatchesNothing = "ingest/rule-matches-nothing",
        /// The packed folder is a whole project with its installed packages, and not a build.
        IngestWholeProject = "ingest/whole-project",

        /// Code of the server lies among the public files.
        ExposedServerCode = "exposed/server-code",
        /// A public file contains a private key.
        ExposedPrivateKey = "exposed/private-key",
        /// A public file contains a token.
        ExposedToken = "exposed/token",
        /// A public file contains a value of the project's environment.
        ExposedEnvironmentValue = "exposed/environment-value",

        /// A home page with a script is the only page, and unknown paths get a plain 404.
        RulesOnlyPage = "rules/only-page",
        /// A line of a rules file is too long.
        RulesLineTooLong = "rules/line-too-long",
        /// A line of `_redirects` does not have two or three words.
        RulesRedirectSyntax = "rules/redirect-syntax",
        /// The source of a redirect has a host.
        RulesRedirectFromHost = "rules/redirect-from-host",
        /// The target of a redirect is neither a path nor an `https` URL.
        RulesRedirectTarget = "rules/redirect-target",
        /// The status of a redirect is not one that Cloudflare supports.
        RulesRedirectStatus = "rules/redirect-status",
        /// A redirect leads back to itself, directly or through others.
        RulesRedirectLoop = "rules/redirect-loop",
        /// A redirect targets `/index`, which is itself redirected.
        RulesRedirectToIndex = "rules/redirect-to-index",
        /// A redirect with status 200 targets another site.
        RulesRewriteElsewhere = "rules/rewrite-elsewhere",
        /// Two redirects have the same source.
        RulesDuplicateRedirect = "rules/duplicate-redirect",
        /// An earlier redirect matches everything that a later one would.
        RulesShadowedRedirect = "rules/shadowed-redirect",
        /// A redirect precedes a file at its URL.
        RulesRedirectHidesFile = "rules/redirect-hides-file",
        /// A pattern repeats a wildcard.
        RulesRepeatedWildcard = "rules/repeated-wildcard",
        /// `_redirects` has more rules than Cloudflare reads.
        RulesTooManyRedirects = "rules/too-many-redirects",
        /// The host in a path of `_headers` is not of the form `https://HOST`.
        RulesHeaderHost = "rules/header-host",
        /// A header in `_headers` does not belong to a path.
        RulesHeaderBeforePath = "rules/header-before-path",
        /// A line of `_headers` is not a valid header.
        RulesHeaderSyntax = "rules/header-syntax",
        /// A header in `_headers` has no value.
        RulesHeaderWithoutValue = "rules/header-without-value",
        /// A rule sets a header that describes how the body is transferred.
        RulesReservedHeader = "rules/reserved-header",
        /// A path in `_headers` has no headers.
        RulesPathWithoutHeaders = "rules/path-without-headers",
        /// A path occurs twice in `_headers`.
        RulesDuplicatePath = "rules/duplicate-path",
        /// `_headers` has more rules than Cloudflare reads.
        RulesTooManyHeaderRules = "rules/too-many-header-rules",

        /// A page is shown as text, since neither its name nor a browser tells its type.
        TransformShownAsText = "transform/shown-as-text",
        /// A text file is not UTF-8.
        TransformNotUtf8 = "transform/not-utf8",
        /// A minifier failed, or changed the meaning of its input.
        TransformMinifierFailed = "transform/minifier-failed",
        /// A picture is cut off or damaged.
        PictureDamaged = "picture/damaged",
        /// An encoder of pictures failed, or changed a pixel.
        PictureEncoderFailed = "picture/encoder-failed",
        /// This program cannot make pictures with other pixels.
        PictureLossyNotAvailable = "picture/lossy-not-available",
        /// A page cannot be read, so that it is unknown what it loads.
        HtmlUnreadable = "html/unreadable",
        /// The markup of a page is ambiguous to a streaming parser.
        HtmlAmbiguousMarkup = "html/ambiguous-markup",
        /// A page is not minified, since browsers would correct the result in another way.
        HtmlCorrectedMarkup = "html/corrected-markup",
        /// Inline code is not minified, since a text contains its hash.
        HtmlHashedCode = "html/hashed-code",
        /// Inline code keeps its bytes, since Astro's `ClientRouter` compares it with that of other pages.
        HtmlRoutedCode = "html/routed-code",
        /// A page has more links than are sent as Early Hints.
        HtmlTooManyEarlyHints = "html/too-many-early-hints",
        /// A page loads a file without the hash of its bytes, although such hashes are added.
        HtmlNoIntegrity = "html/no-integrity",
        /// A style sheet is not valid CSS.
        CssSyntaxError = "css/syntax-error",
        /// Compiling a style sheet for older browsers would lose a declaration.
        CssLostDeclaration = "css/lost-declaration",
        /// A script is not valid JavaScript.
        JavaScriptSyntaxError = "javascript/syntax-error",
        /// A file is not valid JSON.
        JsonSyntaxError = "json/syntax-error",
        /// A file is not well-formed XML.
        XmlSyntaxError = "xml/syntax-error",

        /// A compressed body does not decode to its source.
        CompressRoundTripFailed = "compress/round-trip-failed",

        /// The policy that was made for a page blocks a part of it.
        CspBlocked = "csp/blocked",
        /// A page cannot have a policy.
        CspNoPolicy = "csp/no-policy",
        /// The policy of a page allows any inline style, since all hashes do not fit into a response.
        CspShortened = "csp/shortened",
        /// The policy of a page does not fit into a response.
        CspTooLong = "csp/too-long",
        /// The policy of a page has no `'strict-dynamic'`, which the options ask for.
        CspNotStrict = "csp/not-strict",
        /// A rule of `_headers` decides about the policy of a page.
        CspOwnRule = "csp/own-rule",
        /// Code of a page was missing in its own policy, which is completed.
        CspUnhashedCode = "csp/unhashed-code",

        /// A policy of a page blocks dictionaries.
        DictionaryBlocked = "dictionary/blocked",
        /// A dictionary would not be served as browsers need it.
        DictionaryNotServed = "dictionary/not-served",
        /// A dictionary would cost more bytes than it saves.
        DictionaryDoesNotPay = "dictionary/does-not-pay",
        /// This program cannot make dictionaries.
        DictionaryNotAvailable = "dictionary/not-available",

        /// A path belongs to a server that the packed Worker does not have.
        WorkerWithoutServer = "worker/without-server",
        /// The configuration of the site names a Worker that is not part of the build.
        WorkerOwnWorker = "worker/own-worker",
        /// The packed Worker does not run the project's Pages Functions.
        WorkerPagesFunctions = "worker/pages-functions",
        /// Pages deploys an environment that wrangler does not deploy by default.
        WorkerPagesEnvironment = "worker/pages-environment",
        /// An environment serves the files of the site in another way than the packed Worker.
        WorkerEnvironmentAssets = "worker/environment-assets",
        /// The packed Worker does not follow an option of `assets`.
        WorkerAssetOption = "worker/asset-option",
        /// The files of the site and another binding have the same name.
        WorkerBindingCollision = "worker/binding-collision",
        /// A module of the server imports a file that is missing.
        WorkerMissingModule = "worker/missing-module",
        /// A module of the server imports a file of a type that Workers do not support.
        WorkerUnsupportedModule = "worker/unsupported-module",
        /// A module of the server imports a package that wrangler does not find.
        WorkerMissingPackage = "worker/missing-package",
        /// A module of the server is not valid JavaScript.
        WorkerSyntaxError = "worker/syntax-error",
        /// A module of the server is not minified.
        WorkerModuleNotMinified = "worker/module-not-minified",
        /// A module of the server contains a path of the machine that built it.
        WorkerBuildPath = "worker/build-path",
        /// A setting in `wrangler.jsonc` differs from that of the build.
        WorkerSettingKept = "worker/setting-kept",
        /// Commands of wrangler without `--config` deploy another Worker than the packed one.
        WorkerDeploysUnpacked = "worker/deploys-unpacked",
        /// The modules of the Worker exceed the size limit.
        WorkerTooLarge = "worker/too-large",
        /// The Worker would exceed the memory limit.
        WorkerTooMuchMemory = "worker/too-much-memory",
        /// The modules of the Worker exceed an older limit of their size under gzip.
        WorkerLargeUnderGzip = "worker/large-under-gzip",
        /// A cache policy of a rule by path is for files, and not for responses of the server.
        WorkerPolicyForFiles = "worker/policy-for-files",
        /// The Worker may take long to start.
        WorkerSlowStart = "worker/slow-start",
        /// A file is too large for Workers Static Assets.
        WorkerStaticAssetTooLarge = "worker/static-asset-too-large",
        /// Workers Static Assets would hold too many files.
        WorkerTooManyStaticAssets = "worker/too-many-static-assets",
        /// A module of a built Worker is not valid WebAssembly.
        WorkerInvalidWasm = "worker/invalid-wasm",
        /// A built Worker contains the same bytes twice.
        WorkerStoredTwice = "worker/stored-twice",
        /// A file is too large for wrangler to upload it to R2.
        WorkerLargeUpload = "worker/large-upload",

        /// A budget matches no file and no page.
        BudgetMatchesNothing = "budget/matches-nothing",
        /// A budget of size-limit is not checked.
        BudgetNotSupported = "budget/not-supported",

        /// The store of earlier builds cannot be used.
        KeepUnusable = "keep/unusable",
        /// The store of earlier builds is damaged.
        KeepDamaged = "keep/damaged",
        /// The store of earlier builds belongs to another site, or was written by another program.
        KeepOtherStore = "keep/other-store",
        /// A file of an earlier build is not kept, since it holds what looks like a secret.
        KeepWithheld = "keep/withheld",
        /// Files of earlier builds are left out, since the Worker would exceed a limit.
        KeepOverLimit = "keep/over-limit",

        /// The cache folder cannot be used.
        CacheUnusable = "cache/unusable",
        /// Results in the cache were damaged.
        CacheDamagedResults = "cache/damaged-results",

        /// The site is not built, or cannot be packed.
        ProjectNotBuilt = "project/not-built",
        /// A configuration file cannot be read.
        ProjectInvalidConfig = "project/invalid-config",
        /// The configuration for wrangler breaks the schema of the installed wrangler.
        ProjectConfigSchema = "project/config-schema",
        /// The installed wrangler has no schema, or wrangler is not installed.
        ProjectNoSchema = "project/no-schema",
        /// `pages_build_output_dir` is set, which the adapter refuses.
        ProjectPagesConfig = "project/pages-config",
        /// A command deploys a folder whose public files are in `client`.
        ProjectPagesOutput = "project/pages-output",
        /// The adapter does not have an option.
        ProjectAdapterOption = "project/adapter-option",
        /// A command names an environment that the adapter's configuration does not have.
        ProjectEnvFlag = "project/env-flag",
        /// An environment of the configuration is not deployed.
        ProjectEnvLost = "project/env-lost",
        /// An environment lacks a binding of the top level.
        ProjectEnvInherit = "project/env-inherit",
        /// The namespace of sessions is created by the first deployment.
        ProjectSessionProvision = "project/session-provision",
        /// Two bindings have the same name.
        ProjectKvDuplicate = "project/kv-duplicate",
        /// The server uses modules of Node.js without the flag for them.
        ProjectNodeMissing = "project/node-missing",
        /// The flag for Node.js is the default on the compatibility date.
        ProjectNodeRedundant = "project/node-redundant",
        /// Middleware meets the `process` of compatibility dates that confuse Astro.
        ProjectProcessV2 = "project/process-v2",
        /// The installed wrangler is older than the adapter needs.
        ProjectWranglerPeer = "project/wrangler-peer",
        /// Code reads a variable that only Pages sets.
        ProjectCiVariable = "project/ci-variable",
        /// `_worker.js` is among the public files.
        ProjectWorkerJsPublic = "project/worker-js-public",
        /// A rule of `_headers` is for paths of the server alone.
        ProjectHeadersSsr = "project/headers-ssr",
        /// Astro's `base` is set, and no file is below it.
        ProjectBasePath = "project/base-path",
        /// The site has no page for paths that do not exist.
        ProjectNo404 = "project/no-404",
        /// A file of secrets is in the build.
        ProjectDevVarsShipped = "project/dev-vars-shipped",
        /// A gradual deployment may serve a page of one version and the files of another.
        ProjectVersionAffinity = "project/version-affinity",
        /// An allowance has expired.
        ProjectAllowanceExpired = "project/allowance-expired",
        /// An allowance allows nothing.
        ProjectAllowanceUnused = "project/allowance-unused",

        /// Code reads `locals.runtime`, which throws an error since Astro 6.
        ServerLocalsRuntime = "server/locals-runtime",
        /// A module of the server makes a `MessageChannel` where Workers do not have it.
        ServerMessageChannel = "server/message-channel",
        /// A module of the server does while it is loaded what Workers allow for requests only.
        ServerGlobalScope = "server/global-scope",
        /// The server makes code of text, which Workers do not allow.
        ServerEval = "server/eval",
        /// A module of the server imports native code.
        ServerNativePrerender = "server/native-prerender",
        /// A limit counts in KV, where counts are lost.
        ServerKvCounter = "server/kv-counter",
        /// A limit, or a store of sessions, is in the memory of an isolate.
        ServerMemoryCounter = "server/memory-counter",
        /// The server contains a value of the project's environment.
        ServerSecretInlined = "server/secret-inlined",
        /// The server contains paths of the machine that built it.
        ServerBuildPath = "server/build-path",
        /// A middleware that controls access does not run for prerendered pages.
        ServerMiddlewareStatic = "server/middleware-static",

        /// A link leads to nothing.
        PageBrokenLink = "page/broken-link",
        /// A file that a page or a style sheet loads is missing.
        PageMissingFile = "page/missing-file",
        /// A page lacks the element that a link leads to.
        PageBrokenFragment = "page/broken-fragment",
        /// A link is spelled in another case than its target.
        PageLinkCase = "page/link-case",
        /// A link leads to its target by a redirect.
        PageRedirectedLink = "page/redirected-link",
        /// A policy blocks code within a page.
        PageCspUnhashed = "page/csp-unhashed",
        /// A policy has `'unsafe-inline'`, which has no effect.
        PageCspUnsafeWithHash = "page/csp-unsafe-with-hash",
        /// A policy blocks a file that a page loads.
        PageCspBlockedLoad = "page/csp-blocked-load",
        /// A policy blocks data that a page fetches.
        PageCspConnect = "page/csp-connect",
        /// No file of the build names a file.
        PageUnreferencedFile = "page/unreferenced-file",
        /// A page or a picture was not rendered.
        PagePrerenderFailed = "page/prerender-failed",
        /// The bytes of a file are not of the type that its name says.
        PageBytesNotType = "page/bytes-not-type",

        /// The Worker does not start.
        StartFailed = "start/failed",
        /// The server answers with an error.
        StartServerError = "start/server-error",
        /// The Worker answers in another way than its table says.
        StartOtherReply = "start/other-reply",
        /// The Worker was not started.
        StartSkipped = "start/skipped",
        /// A binding is missing in the test of the start.
        StartBindingAbsent = "start/binding-absent",
    }
}

named! {
    /// The subject of a code: the part of its text before the slash.
    pub enum CodeGroup {
        /// Files of the site.
        Ingest = "ingest",
        /// Contents of public files that most likely should not be public.
        Exposed = "exposed",
        /// `_redirects` and `_headers`.
        Rules = "rules",
        /// Any kind of text that can be minified.
        Transform = "transform",
        /// Pictures.
        Picture = "picture",
        /// Pages.
        Html = "html",
        /// Style sheets.
        Css = "css",
        /// Scripts.
        JavaScript = "javascript",
        /// JSON.
        Json = "json",
        /// XML and SVG.
        Xml = "xml",
        /// Compressed bodies.
        Compress = "compress",
        /// Content security policies of pages.
        Csp = "csp",
        /// Dictionaries for pages and files.
        Dictionary = "dictionary",
        /// The Worker for JavaScript hosts.
        Worker = "worker",
        /// Budgets.
        Budget = "budget",
        /// Files of earlier builds.
        Keep = "keep",
        /// The cache of results.
        Cache = "cache",
        /// The project around a build: its packages, scripts and configuration.
        Project = "project",
        /// The modules of the server.
        Server = "server",
        /// Pages and public files.
        Page = "page",
        /// The Worker, started once.
        Start = "start",
    }
}

impl Code {
    /// Returns the group that the code belongs to.
    pub fn group(self) -> CodeGroup {
        let group = self.name().split_once('/').and_then(|(group, _)| group.parse().ok());
        group.expect("every code begins with a group")
    }

    /// Returns the stage that reports the code.
    pub fn stage(self) -> Stage {
        match self.group() {
            CodeGroup::Ingest | CodeGroup::Rules => Stage::Ingest,
            CodeGroup::Exposed
            | CodeGroup::Transform
            | CodeGroup::Picture
            | CodeGroup::Html
            | CodeGroup::Css
            | CodeGroup::JavaScript
            | CodeGroup::Json
            | CodeGroup::Xml
            | CodeGroup::Compress
            | CodeGroup::Dictionary => Stage::Represent,
            CodeGroup::Worker => Stage::Output,
            CodeGroup::Budget | CodeGroup::Keep | CodeGroup::Csp => Stage::Tabulate,
            CodeGroup::Cache => Stage::Check,
            CodeGroup::Project | CodeGroup::Server | CodeGroup::Page | CodeGroup::Start => {
                Stage::Inspect
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_have_the_form_group_slash_name() {
        let is_kebab_case = |text: &str| {
            let is_word = |word: &str| {
                !word.is_empty()
                    && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            };
            text.split('-').all(is_word)
        };
        for code in Code::ALL {
            let (group, name) = code.name().split_once('/').expect("a slash");
            assert!(is_kebab_case(group) && is_kebab_case(name), "{code}");
        }
        let unique: BTreeSet<&str> = Code::ALL.map(Code::name).into();
        assert_eq!(unique.len(), Code::ALL.len());
    }

    #[test]
    fn codes_are_listed_by_group() {
        let mut groups = Code::ALL.map(Code::group).to_vec();
        groups.dedup();
        assert_eq!(groups, CodeGroup::ALL);
    }

    #[test]
    fn variants_are_named_after_their_text() {
        for code in Code::ALL {
            let words = code.name().replace(['/', '-'], "");
            assert_eq!(format!("{code:?}").to_lowercase(), words);
        }
    }

    #[test]
    fn codes_are_serialised_as_their_text() {
        let json = serde_json::to_string(&Code::CssLostDeclaration).expect("it is a string");
        assert_eq!(json, "\"css/lost-declaration\"");
    }
}
