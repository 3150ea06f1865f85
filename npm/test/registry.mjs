// A registry on this machine for the packages of the platforms, so that they are installed as they
// will be when they are published: npm chooses by `os` and `cpu`.

import { readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

import { PACKAGE } from './program.mjs';

const PLATFORM_PACKAGES = join(PACKAGE, '../platform');

/**
 * Serves the packages of all platforms. There needs to be no tarball but that of this machine.
 *
 * @returns its address, what was asked of it, and how to end it
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

/** Returns what `npm pack` calls the tarball of a package. */
export function tarballName({ name, version }) {
  return `${name.replace('@', '').replace('/', '-')}-${version}.tgz`;
}
