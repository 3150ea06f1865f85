// A local registry for the platform packages: npm chooses between them by `os` and `cpu`, as it does
// once they are published.

import { readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

import { PACKAGE } from './program.mjs';

const PLATFORM_PACKAGES = join(PACKAGE, '../platform');

/**
 * Serves the metadata of all platform packages, and the tarballs in a folder. Only that of this
 * platform has to exist.
 *
 * @returns the address, the requested paths, and a function that stops the registry
 */
export async function startRegistry(tarballs) {
  const packages = new Map();
  for (const folder of readdirSync(PLATFORM_PACKAGES)) {
    const text = readFileSync(join(PLATFORM_PACKAGES, folder, 'package.json'), 'utf8');
    packages.set(`/@worker-pack/${folder}`, JSON.parse(text));
  }
  const requests = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url);
    requests.push(path);
    const found = packages.get(path);
    try {
      if (found) {
        const tarball = `${address()}${tarballName(found)}`;
        const versions = { [found.version]: { ...found, dist: { tarball } } };
        const document = { name: found.name, 'dist-tags': { latest: found.version }, versions };
        response.setHeader('Content-Type', 'application/json').end(JSON.stringify(document));
      } else {
        response.end(readFileSync(join(tarballs, path)));
      }
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = () => `http://127.0.0.1:${server.address().port}/`;
  return { address: address(), requests, end: () => server.close() };
}

/** Returns the file name that `npm pack` gives to a package. */
export function tarballName({ name, version }) {
  return `${name.replace('@', '').replace('/', '-')}-${version}.tgz`;
}
