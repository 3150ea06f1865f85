// The Astro integration: packs what a build wrote, when all of it is written.

import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { findBinary } from './binary.js';
import { folderToPack, isWithoutItsBase, toFolder } from './layout.js';
import { checkOptions, toFlags, toPath } from './options.js';
import { REPORT_VERSION, changes, failure, parseReport, remarks, summary } from './report.js';
import { run } from './run.js';

const NAME = 'worker-pack';
const CLOUDFLARE_ADAPTER = '@astrojs/cloudflare';
const OUT = 'dist-worker';
const SETUP = 'astro:config:setup';
const LEVELS = { error: 'error', warning: 'warn', note: 'info' };

let hasSaidWhen = false;

/**
 * Packs the site after each build.
 *
 * @param {import('./astro.js').WorkerPackOptions} [options]
 * @returns {import('astro').AstroIntegration}
 */
export default function workerPack(options = {}) {
  checkOptions(options);
  return integration(options);
}

// Astro runs the hooks of one integration after the other: those of the adapter first, then in the
// order of `integrations`, at the end those that integrations have added. Whatever comes behind us
// may still write into the site when the build is done, as a site map does. So we add ourselves
// again until nothing comes behind, and only the last of us packs.
function integration(options) {
  let binary;
  let project;
  const hooks = {
    [SETUP]({ command, config, updateConfig, logger }) {
      if (command !== 'build') {
        if (!hasSaidWhen) logger.debug('packs after `astro build`, and does nothing before it');
        hasSaidWhen = true;
        return;
      }
      const isPacking = isLast(config.integrations, hooks);
      // That it is missing is better said now than when everything is built.
      binary = isPacking ? findBinary() : undefined;
      if (!isPacking) updateConfig({ integrations: [integration(options)] });
    },
    'astro:config:done'({ config, buildOutput }) {
      if (binary) project = plan(options, config, buildOutput);
    },
    async 'astro:build:done'({ dir, logger }) {
      if (binary) await pack(binary, project, dir, logger);
    },
  };
  return { name: NAME, hooks };
}

/** Returns whether only packers come behind. */
function isLast(integrations, hooks) {
  // Astro copies the integrations of the configuration file, but not the functions in them.
  const isThis = ({ hooks: other }) => other?.[SETUP] === hooks[SETUP];
  const place = integrations.findIndex(isThis);
  // Not to be found would mean not to be last for ever.
  return place < 0 || integrations.slice(place + 1).every(({ name }) => name === NAME);
}

/** Finds out what is to be packed how, as far as that is known before the build. */
function plan(options, config, buildOutput) {
  const root = fileURLToPath(config.root);
  const host = options.host ?? defaultHost(config, buildOutput);
  if (host === 'rust' && options.out === undefined) {
    throw new Error(
      "worker-pack was not told where to write: with `host: 'rust'`, give it `out`, a folder of " +
        'your crate',
    );
  }
  // With server code Astro says now where it goes, and what is wrong with that need not wait.
  if (buildOutput === 'server' && options.dist === undefined) {
    folderToPack(config, buildOutput, config.build.client);
  }
  return {
    root,
    host,
    out:
      options.out === undefined
        ? join(dirname(toFolder(config.outDir)), OUT)
        : toPath(options.out, root),
    flags: toFlags(options, root),
    findDist: (dir, logger) => findDist({ options, host, config, buildOutput, dir, logger }),
  };
}

function defaultHost(config, buildOutput) {
  const isForWorkers = config.integrations.some(({ name }) => name === CLOUDFLARE_ADAPTER);
  if (isForWorkers || buildOutput === 'static') return 'worker';
  throw new Error(
    `worker-pack takes the server code that ${CLOUDFLARE_ADAPTER} writes, and this project has ` +
      "another adapter. With `host: 'rust'` the public files alone are packed.",
  );
}

/** Returns the folder to pack, now that it is there. */
function findDist({ options, host, config, buildOutput, dir, logger }) {
  if (options.dist !== undefined) return toPath(options.dist, fileURLToPath(config.root));
  if (isWithoutItsBase(config, dir) && buildOutput === 'static') {
    const outDir = relative(fileURLToPath(config.root), toFolder(config.outDir));
    const base = config.base.split('/').filter(Boolean).join('/');
    const problem =
      `the site has the base \`/${base}\`, but Astro writes it without that folder, so that its ` +
      `pages would be at \`/\` and refer to \`/${base}/\`. Let Astro write to ` +
      `\`outDir: './${outDir}/${base}'\`, and pack what is above: \`dist: './${outDir}'\`.`;
    if (host === 'worker') throw new Error(problem);
    logger.warn(problem);
  }
  return folderToPack(config, buildOutput, dir);
}

async function pack(binary, { root, host, out, flags, findDist }, dir, logger) {
  const dist = findDist(dir, logger);
  const shown = (path) => relative(root, path) || '.';
  logger.info(`packing ${shown(dist)}`);

  const args = ['build', dist, `--out=${out}`, '--format=json', '--quiet', ...flags];
  // Modules for Rust are what the command makes unless told otherwise.
  if (host !== 'rust') args.push(`--host=${host}`);
  const ended = await run(binary, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  if (ended.received) process.kill(process.pid, ended.received);
  if (ended.code !== 0) throw new Error(failure(ended));

  const report = parseReport(ended.stdout);
  if (report?.version === REPORT_VERSION) {
    for (const { severity, text } of remarks(report.diagnostics)) logger[LEVELS[severity]](text);
    for (const line of summary(report)) logger.info(line);
    logger.info(`${shown(out)}: ${changes(report.emitted)}`);
  } else {
    logger.warn(
      `\`${binary}\` has packed the site, but its report is not of version ${REPORT_VERSION}: it ` +
        'and the package worker-pack are not of one version',
    );
  }
}
