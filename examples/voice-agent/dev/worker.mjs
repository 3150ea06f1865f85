// The built Worker in workerd, with the KV, rate limits and Durable Objects of Miniflare.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Miniflare, convertV4MiniflareOptions } from 'miniflare';
import { unstable_getMiniflareWorkerOptions as workerOptions } from 'wrangler';

const root = fileURLToPath(new URL('..', import.meta.url));
const build = join(root, 'build');

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

/** Returns the modules of the Worker, the first one first. */
function modules() {
  const names = readdirSync(join(build, 'bundle/worker'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const paths = ['worker-pack.js', 'index.js', 'index_bg.wasm'].map((name) => join(build, name));
  return [...paths, ...names].flatMap((path) => {
    const kind = KINDS.find(([pattern]) => pattern.test(path));
    return kind === undefined ? [] : [{ type: kind[1], path }];
  });
}

/**
 * Starts the Worker with the configuration of `wrangler.jsonc`, on a free port of loopback.
 *
 * @param {object} options
 * @param {string} options.upstream the URL of the voice service
 * @param {Record<string, unknown>} [options.vars] variables and secrets that differ; `undefined` removes
 *   one
 * @param {string[]} [options.without] bindings that are missing
 * @param {Record<string, unknown>} [options.miniflare] other options of Miniflare
 * @returns {Promise<Miniflare & { url: URL }>}
 */
export async function startWorker({ upstream, vars = {}, without = [], miniflare = {} }) {
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
        modules: modules(),
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
