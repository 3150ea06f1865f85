use super::*;

fn kinds(source: &str) -> Vec<Kind> {
    sightings(source, Dialect::JavaScript).into_iter().map(|one| one.kind).collect()
}

/// Each was tried at the top level of a module in workerd, with the date 2026-06-01.
#[test]
fn what_workerd_refuses_while_a_module_is_loaded_is_seen() {
    for source in [
        "setTimeout(() => {}, 1)",
        "globalThis.setInterval(() => {}, 1)",
        "await fetch('https://a.example')",
        "const id = crypto.randomUUID()",
        "export const bytes = self.crypto.getRandomValues(new Uint8Array(4))",
        "await crypto.subtle.generateKey({}, true, [])",
        "import c from 'node:crypto'; c.randomBytes(4)",
        "import { randomUUID as id } from 'crypto'; export default id()",
        "AbortSignal.timeout(5)",
        "await caches.default.match('https://a.example/')",
        "new WebSocket('wss://a.example')",
        "(() => { setInterval(f, 1) })()",
        "(function () { setInterval(f, 1) })()",
        "class A { static id = crypto.randomUUID() }",
        "var require_a = __commonJSMin((exports) => { setInterval(f, 1) })",
        "function requireA() { setInterval(f, 1) }",
        "const a = { b: setTimeout(f, 1) }",
        "/** Windows */\r\nsetTimeout(f, 1)\r\n",
    ] {
        assert_eq!(kinds(source), [Kind::GlobalScope], "{source}");
    }
}

#[test]
fn what_a_module_does_later_or_never_is_not() {
    for source in [
        "const f = () => setTimeout(() => {}, 1)",
        "export default { fetch() { return fetch('https://a.example') } }",
        "class A { id = crypto.randomUUID(); constructor() { setTimeout(f) } get b() { return fetch('/') } }",
        "if (typeof window !== 'undefined') setInterval(f, 1)",
        "try { setTimeout(f, 1) } catch {}",
        "import { setTimeout } from 'node:timers/promises'; await setTimeout(1)",
        "const crypto = { randomUUID: () => 1 }; crypto.randomUUID()",
        "Math.random(); queueMicrotask(f); new Date(); performance.now()",
        "await crypto.subtle.digest('SHA-256', new Uint8Array(1))",
        "const text = 'setTimeout(f, 1)' // fetch('x')",
        "",
        "not javascript (",
    ] {
        assert_eq!(kinds(source), [], "{source}");
    }
}

/// As packages write it for other hosts, minified and not.
#[test]
fn code_of_text_for_other_hosts_is_not_seen() {
    for source in [
        "function f(e) { if (typeof e !== 'function') e = new Function('' + e); e() }",
        "function f(e) { 'function' != typeof e && (e = new Function('' + e)) }",
        "const f = (e) => 'function' == typeof e ? e() : Function(e)()",
        "function f(r) { try { regeneratorRuntime = r } catch (e) { Function('r', 'regeneratorRuntime = r')(r) } }",
        "const g = () => globalThis || Function('return this')()",
    ] {
        assert_eq!(kinds(source), [], "{source}");
    }
    assert_eq!(kinds("const f = (x) => { if (x) eval(x) }"), [Kind::EvalInRequest]);
    let read = "const f = (l) => { if (typeof l === 'object') return l.locals.runtime.env }";
    assert_eq!(kinds(read), [Kind::LocalsRuntime]);
}

#[test]
fn code_of_text_is_judged_by_its_moment() {
    assert_eq!(kinds("new Function('return 1')"), [Kind::EvalAtLoad]);
    assert_eq!(kinds("const f = (x) => eval(x)"), [Kind::EvalInRequest]);
    assert_eq!(kinds("const f = () => (0, eval)('1')"), [Kind::EvalInRequest]);
    assert_eq!(kinds("const f = () => Function('a', 'return a')"), [Kind::EvalInRequest]);
    assert_eq!(kinds("const f = async (b) => WebAssembly.compile(b)"), [Kind::WasmOfBytes]);
    assert_eq!(kinds("await WebAssembly.compile(b)"), [Kind::WasmOfBytes]);
    assert_eq!(kinds("WebAssembly.compile(b).then(f)"), []);
    assert_eq!(kinds("const f = (b) => new WebAssembly.Module(b)"), [Kind::EvalInRequest]);
    // Libraries ask so whether it is allowed, or for the global object.
    assert_eq!(
        kinds("const f = () => { try { new Function(''); return true } catch { return false } }"),
        []
    );
    assert_eq!(kinds("var root = freeGlobal || Function('return this')()"), []);
    assert_eq!(kinds("x instanceof Function; Function.prototype.call; new Function"), []);
    assert_eq!(kinds("a.eval('1'); function eval2() {}"), []);
}

#[test]
fn reading_locals_runtime_is_seen_in_every_form() {
    for source in [
        "const f = (Astro) => Astro.locals.runtime.env.DB",
        "const f = ({ locals }) => locals.runtime?.env",
        "const f = (context) => { const { env } = context.locals.runtime }",
        "const f = (locals) => { const { runtime } = locals }",
        "const f = (locals) => { const { runtime: { env } } = locals }",
        "const f = (a) => a.locals['runtime'].cf",
        "const f = (a) => { const r = a.locals.runtime; return r.ctx }",
    ] {
        assert_eq!(kinds(source), [Kind::LocalsRuntime], "{source}");
    }
    for source in [
        "const f = (l) => l.runtime.env",
        "const f = (locals) => locals.cfContext",
        "Object.defineProperty(locals, 'runtime', {})",
        "const f = (a) => { try { return a.locals.runtime.env } catch { return env } }",
        "locals.runtime = {}",
    ] {
        assert_eq!(kinds(source), [], "{source}");
    }
    let typed = "const f = (a: any) => (a.locals as any).runtime!.env as Env";
    let found = sightings(typed, Dialect::TypeScript);
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn native_code_is_seen_where_it_is_imported() {
    for source in [
        "import sharp from 'sharp'",
        "const s = () => import('sharp')",
        "const a = require('./build/Release/a.node')",
        "process.dlopen(module, 'a')",
    ] {
        assert_eq!(kinds(source), [Kind::Native], "{source}");
    }
    assert_eq!(kinds("import s from 'sharpen'; import b from './a.node.js'"), []);
    let caught =
        "async function load() { try { return await import('sharp') } catch { return null } }";
    assert_eq!(kinds(caught), []);
}

#[test]
fn offsets_count_bytes() {
    let found = sightings("const a = 'ä';\nsetTimeout(f)", Dialect::JavaScript);
    assert_eq!(found[0].offset, "const a = 'ä';\n".len());
}
