// The packed Worker of a project in workerd, with the bindings of Miniflare.

import { createRequire } from 'node:module';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Kinds of modules, by the ends of their names, as `dist-worker/wrangler.jsonc` has them. */
const KINDS = [
  [/\.m?js$/, 'ESModule'],
  [/\.wasm$/, 'CompiledWasm'],
  [/\.bin$/, 'Data'],
  [/\.(txt|html|sql)$/, 'Text'],
];

/**
 * Starts the packed Worker of a project on a free port of loopback, with the wrangler and the Miniflare
 * that are installed beside Astro.
 *
 * @returns an object with `url` and `dispose`
 */
export async function startPacked(project) {
  const require = createRequire(join(project.site.folder, 'x.js'));
  const load = (resolved) => import(pathToFileURL(resolved).href);
  const wranglerPath = require.resolve('wrangler');
  const { unstable_getMiniflareWorkerOptions: optionsOf } = await load(wranglerPath);
  const { Miniflare, convertV4MiniflareOptions } = await load(
    createRequire(wranglerPath).resolve('miniflare'),
  );
  const folder = join(project.folder, 'dist-worker');
  const { workerOptions } = optionsOf(join(folder, 'wrangler.jsonc'));
  const root = join(folder, 'bundle/worker');
  const modules = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
    .flatMap((path) => {
      const kind = KINDS.find(([pattern]) => pattern.test(path));
      return kind === undefined ? [] : [{ type: kind[1], path }];
    });
  const first = join(root, 'index.js');
  modules.sort((a, b) => (b.path === first) - (a.path === first) || (a.path < b.path ? -1 : 1));
  // The socket of Miniflare's own proxy compresses what the Worker does not.
  const sockets = [{ host: '127.0.0.1', port: 0 }];
  const worker = { ...workerOptions, modulesRoot: root, modules, unsafeDirectSockets: sockets };
  const options = { host: '127.0.0.1', port: 0, cf: false, workers: [worker] };
  const miniflare = new Miniflare(convertV4MiniflareOptions?.(options) ?? options);
  try {
    await miniflare.ready;
    return Object.assign(miniflare, { url: await miniflare.unsafeGetDirectURL() });
  } catch (error) {
    await miniflare.dispose().catch(() => {});
    throw error;
  }
}
