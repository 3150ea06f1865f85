// Runs a packed site in workerd with miniflare's R2, without the proxy in front of it, and prints its URL.
// Ends with its standard input.
//
// Arguments: the output folder of the site, and the stores of its bodies:
//   bucket   the R2 bucket into which wrangler has put them
//   nothing  no binding
//   text     a binding that has no methods of a bucket
//   short    a bucket and static assets whose bodies end too early
//   other    static assets with bodies of another size
//   broken   a bucket and static assets that fail while they send a body

import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';

// The miniflare of wrangler, which has written the objects.
const wrangler = createRequire(join(process.env.WORKER_PACK_TOOLS, 'node_modules/wrangler/package.json'));
const { Miniflare, convertV4MiniflareOptions = (options) => options } = wrangler('miniflare');

const [out, stores] = process.argv.slice(2);
const root = join(out, 'bundle/worker');
const TYPES = { '.js': 'ESModule', '.wasm': 'CompiledWasm', '.bin': 'Data' };

/** The last words of a damaged stream. */
const FAULTS = {
  short: 'terminate()',
  broken: 'error(new Error("the line was lost"))',
  other: 'terminate()',
};

/** A module with damaged stores. The bodies in static assets are ten bytes long. */
const DAMAGED = `
import { env } from 'cloudflare:workers';
const damaged = (body) => body.pipeThrough(new TransformStream({
  transform(chunk, controller) {
    controller.enqueue(chunk.subarray(0, 10));
    controller.${FAULTS[stores]};
  },
}));
export const bodies = {
  async get(key, options) {
    const { size, body } = await env.WORKER_PACK_BODIES.get(key, options);
    return { size, body: damaged(body) };
  },
};
export const files = {
  fetch: async () => ({
    status: 200,
    headers: new Headers(${stores === 'other' ? "{ 'Content-Length': '10' }" : ''}),
    body: damaged(new Response('0123456789').body),
  }),
};
`;

/** Returns the source of a module, with other stores if they are to be damaged. */
function contents(name) {
  const bytes = readFileSync(join(root, name));
  if (name !== 'site.js' || !(stores in FAULTS)) return bytes;
  const text = bytes.toString();
  return `import { bodies, files } from './damaged.js';\n${text}`
    .replace('env.WORKER_PACK_BODIES', 'bodies')
    .replace('env.WORKER_PACK_ASSETS', 'files');
}

const modules = readdirSync(root, { recursive: true })
  .filter((name) => extname(name) in TYPES)
  // The first module contains the handlers.
  .sort((a, b) => (b === 'index.js') - (a === 'index.js'))
  .map((name) => ({ type: TYPES[extname(name)], path: join(root, name), contents: contents(name) }));
modules.push({ type: 'ESModule', path: join(root, 'damaged.js'), contents: DAMAGED });

const config = readFileSync(join(out, 'wrangler.jsonc'), 'utf8');
const bucket = /"bucket_name": "([^"]+)"/.exec(config)?.[1] ?? 'none';
const bindings = {
  nothing: {},
  text: { bindings: { WORKER_PACK_BODIES: 'no bucket', WORKER_PACK_ASSETS: 'no files' } },
};

const worker = new Miniflare(
  convertV4MiniflareOptions({
    name: 'packed',
    modulesRoot: root,
    modules,
    compatibilityDate: '2026-06-01',
    compatibilityFlags: ['nodejs_compat'],
    cf: false,
    handleStructuredLogs: ({ message }) => console.log(message),
    resourcePersistencePath: join(out, '.wrangler/state/v3'),
    unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
    ...(bindings[stores] ?? { r2Buckets: { WORKER_PACK_BODIES: bucket } }),
  }),
);
console.log(String(await worker.unsafeGetDirectURL()));
process.stdin.on('end', () => worker.dispose()).resume();
