// The folder of a build that contains the public files and the server code, and nothing else.

import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Returns the folder to pack.
 *
 * Astro puts public files into `outDir` for a static site, into `outDir/client` for most others, and
 * into `outDir` beside `_worker.js` for Pages. The Cloudflare adapter adds a folder for the site's
 * `base`. The command recognises `client`, `server` and `_worker.js` in `outDir` by these names.
 *
 * @param config Astro's final configuration
 * @param {'static' | 'server'} buildOutput `server` if the build contains server code
 * @param {URL} publicDir the folder of the public files
 * @throws if the command would not recognise the folders
 */
export function folderToPack(config, buildOutput, publicDir) {
  const outDir = toFolder(config.outDir);
  const client = join(outDir, 'client');
  const server = toFolder(config.build.server);
  const isIn = (folder) =>
    [folder, join(folder, config.base)].map(toFolder).includes(toFolder(publicDir));

  if (buildOutput === 'static') {
    if (toFolder(publicDir) === outDir) return outDir;
    if (isIn(client)) return client;
  } else {
    if (isIn(client) && server === join(outDir, 'server')) return outDir;
    if (isIn(outDir) && server === join(outDir, '_worker.js')) return outDir;
  }
  throw new Error(
    `the public files of the build are in \`${toFolder(publicDir)}\`` +
      (buildOutput === 'static' ? '' : ` and its server code in \`${server}\``) +
      '. worker-pack expects them in the folders `client` and `server` of `outDir`, which is ' +
      `\`${outDir}\`: do not change \`build.client\` and \`build.server\`.`,
  );
}

/** Returns whether the site has a `base`, but its pages are not in a folder of that name. */
export function isWithoutItsBase(config, publicDir) {
  return config.base.replaceAll('/', '') !== '' && toFolder(publicDir) === toFolder(config.outDir);
}

/** Returns the absolute path of a folder, without a trailing slash. */
export function toFolder(path) {
  return resolve(path instanceof URL ? fileURLToPath(path) : path);
}
