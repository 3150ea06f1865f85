// The built Worker in workerd, with the KV, rate limits and Durable Objects of Miniflare.

import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Miniflare, convertV4MiniflareOptions } from 'miniflare';
import { unstable_getMiniflareWorkerOptions as workerOptions } from 'wrangler';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The folder of the built Worker. */
export const build = join(root, 'build');

/** The key that the stub accepts. */
export const STUB_KEY = 'sk-stub-0123456789';

/** The token by which metrics are read here. */
export const METRICS_TOKEN = 'metrics-token-of-this-machine';

/** Kinds of modules, by the ends of their names, as in `wrangler.jsonc`. */
const KINDS = [
  [/\.m?js$/, 'ESModule'],
  [/\.wasm$/, 'CompiledWasm'],
  [/\.bin$/, 'Data'],
  [/\.(txt|html|sql)$/, 'Text'],
];

/** Returns the modules of the Worker, the first one first. Another file may stand in front of them. */
export function modules(entry) {
  const names = readdirSync(join(build, 'bundle/worker'), { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name));
  const paths = ['worker-pack.js', 'index.js', 'index_bg.wasm'].map((name) => join(build, name));
  const found = [...paths, ...names].flatMap((path) => {
    const kind = KINDS.find(([pattern]) => pattern.test(path));
    return kind === undefined ? [] : [{ type: kind[1], path }];
  });
  if (entry === undefined) return found;
  const contents = readFileSync(entry, 'utf8');
  return [{ type: 'ESModule', path: join(build, basename(entry)), contents }, ...found];
}

/**
 * Starts the Worker with the configuration of `wrangler.jsonc`, on a free port of loopback.
 *
 * @param {object} options
 * @param {string} options.upstream the URL of the voice service
 * @param {Record<string, unknown>} [options.vars] variables and secrets that differ; `undefined` removes
 *   one
 * @param {string[]} [options.without] bindings that are missing
 * @param {string} [options.entry] a file whose module stands in front of the Worker, beside its modules
 * @param {string} [options.instead] a program of one module that gets the bindings instead of the Worker
 * @param {Record<string, unknown>} [options.miniflare] other options of Miniflare
 * @returns {Promise<Miniflare & { url: URL }>}
 */
export async function startWorker({ upstream, vars = {}, without = [], entry, instead, miniflare = {} }) {
  const options = workerOptions(join(root, 'wrangler.jsonc')).workerOptions;
  const bindings = {
    ...options.bindings,
    OPENAI_BASE_URL: upstream,
    REGION_BASE_URLS: {},
    OPENAI_API_KEY: STUB_KEY,
    METRICS_TOKEN,
    ...vars,
  };
  for (const [name, value] of Object.entries(bindings)) if (value === undefined) delete bindings[name];
  const kept = (group = {}) =>
    Object.fromEntries(Object.entries(group).filter(([name]) => !without.includes(name)));
  const worker = new Miniflare(
    // The form that wrangler gives, which is that of Miniflare 4.
    convertV4MiniflareOptions({
    host: '127.0.0.1',
    port: 0,
    cf: false,
    ...miniflare,
    workers: [
      {
        modulesRoot: build,
        modules: instead === undefined ? modules(entry) : [{ type: 'ESModule', path: join(build, 'instead.js'), contents: instead }],
        compatibilityDate: options.compatibilityDate,
        compatibilityFlags: options.compatibilityFlags,
        bindings,
        kvNamespaces: kept(options.kvNamespaces),
        ratelimits: kept(options.ratelimits),
        durableObjects: kept(options.durableObjects),
      },
    ],
  }));
  worker.url = await worker.ready;
  return worker;
}
