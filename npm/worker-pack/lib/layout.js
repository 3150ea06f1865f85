// Which folder of a build the command has to be given, so that it finds the public files and the
// server's, and nothing but them.

import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Returns the folder to pack.
 *
 * Astro's integrations are told where public files go: `outDir` for a static site, `client` in it
 * for most others, `outDir` beside `_worker.js` for Pages; and below that, from the Cloudflare
 * adapter, the site's `base`. The command tells `client` and `server`, or `_worker.js`, apart in
 * `outDir`, by those names.
 *
 * @param config Astro's configuration, with all that integrations did to it
 * @param {'static' | 'server'} buildOutput whether there is server code
 * @param {URL} publicDir where Astro has put the public files
 * @throws if they, or server code, are where the command would not find them
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
    `the build has its public files in \`${toFolder(publicDir)}\`` +
      (buildOutput === 'static' ? '' : ` and its server code in \`${server}\``) +
      '. worker-pack tells them apart by the names `client` and `server` in `outDir`, which is ' +
      `\`${outDir}\`: leave \`build.client\` and \`build.server\` as Astro has them.`,
  );
}

/** Returns whether pages expect to be below `base` and have not been put there. */
export function isWithoutItsBase(config, publicDir) {
  return config.base.replaceAll('/', '') !== '' && toFolder(publicDir) === toFolder(config.outDir);
}

/** Returns the path of a folder, without a slash at the end. */
export function toFolder(path) {
  return resolve(path instanceof URL ? fileURLToPath(path) : path);
}
