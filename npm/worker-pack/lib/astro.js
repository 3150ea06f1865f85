// The Astro integration: packs a build once Astro, its adapter and all integrations have written it.

import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { findBinary } from './binary.js';
import { folderToPack, isWithoutItsBase, toFolder } from './layout.js';
import { nextSteps } from './next-steps.js';
import { checkOptions, toFlags, toPath } from './options.js';
import { printable } from './printable.js';
import { REPORT_VERSION, changes, failure, parseReport, describeAll, summary } from './report.js';
import { run } from './run.js';

const NAME = 'worker-pack';
const CLOUDFLARE_ADAPTER = '@astrojs/cloudflare';
const OUT = 'dist-worker';
const SETUP = 'astro:config:setup';
const LEVELS = { error: 'error', warning: 'warn', note: 'info' };

let isIdleLogged = false;

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

// Astro runs the hooks of the adapter first, then those of `integrations` in order, then those of
// integrations that were added by others. Later ones may still write into the finished build, as a
// sitemap does. So this integration adds itself again until it is the last, and only the last packs.
function integration(options) {
  let binary;
  let project;
  const hooks = {
    [SETUP]({ command, config, updateConfig, logger }) {
      if (command !== 'build') {
        if (!isIdleLogged) logger.debug('runs only after `astro build`');
        isIdleLogged = true;
        return;
      }
      const isPacking = isLast(config.integrations, hooks);
      // Fail now rather than after the build.
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

/** Returns whether only instances of this integration follow. */
function isLast(integrations, hooks) {
  // Astro copies the integrations of the configuration file, but not their functions.
  const isThis = ({ hooks: other }) => other?.[SETUP] === hooks[SETUP];
  const place = integrations.findIndex(isThis);
  // If it is not found, adding it again would never end.
  return place < 0 || integrations.slice(place + 1).every(({ name }) => name === NAME);
}

/** Returns the parts of the command that are known before the build. */
function plan(options, config, buildOutput) {
  const root = fileURLToPath(config.root);
  const target = options.target ?? defaultTarget(config, buildOutput);
  if (target !== 'worker' && options.out === undefined) {
    const folder = target === 'rust' ? 'a folder of your crate' : 'the folder of your crate';
    throw new Error(
      `worker-pack needs an output folder for \`target: '${target}'\`: set \`out\` to ${folder}`,
    );
  }
  // Astro already tells the folder of server code, so a wrong one can fail now.
  if (buildOutput === 'server' && options.dist === undefined) {
    folderToPack(config, buildOutput, config.build.client);
  }
  return {
    root,
    target,
    out:
      options.out === undefined
        ? join(dirname(toFolder(config.outDir)), OUT)
        : toPath(options.out, root),
    flags: toFlags(options, root),
    findDist: (dir, logger) => findDist({ options, target, config, buildOutput, dir, logger }),
  };
}

function defaultTarget(config, buildOutput) {
  const isForWorkers = config.integrations.some(({ name }) => name === CLOUDFLARE_ADAPTER);
  if (isForWorkers || buildOutput === 'static') return 'worker';
  throw new Error(
    `worker-pack packs server code of ${CLOUDFLARE_ADAPTER}, but this project has another adapter. ` +
      "With `target: 'rust'` it packs only the public files.",
  );
}

/** Returns the folder to pack, after the build. */
function findDist({ options, target, config, buildOutput, dir, logger }) {
  if (options.dist !== undefined) return toPath(options.dist, fileURLToPath(config.root));
  if (isWithoutItsBase(config, dir) && buildOutput === 'static') {
    const outDir = relative(fileURLToPath(config.root), toFolder(config.outDir));
    const base = config.base.split('/').filter(Boolean).join('/');
    const problem =
      `the site has the base \`/${base}\`, but Astro writes it without that folder: its pages would ` +
      `be served at \`/\` and refer to \`/${base}/\`. Set \`outDir: './${outDir}/${base}'\` in Astro's ` +
      `configuration, and \`dist: './${outDir}'\` in the options of worker-pack.`;
    if (target !== 'rust') throw new Error(problem);
    logger.warn(problem);
  }
  return folderToPack(config, buildOutput, dir);
}

async function pack(binary, { root, target, out, flags, findDist }, dir, logger) {
  const dist = findDist(dir, logger);
  const shown = (path) => printable(relative(root, path) || '.');
  logger.info(`packing ${shown(dist)}`);

  const args = ['build', dist, `--target=${target}`, `--out=${out}`];
  args.push('--format=json', '--quiet', ...flags);
  const result = await run(binary, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  if (result.received) process.kill(process.pid, result.received);
  if (result.code !== 0) throw new Error(failure(result));

  const report = parseReport(result.stdout);
  if (report?.version === REPORT_VERSION) {
    for (const { severity, text } of describeAll(report.diagnostics))
      logger[LEVELS[severity]](text);
    for (const line of summary(report)) logger.info(line);
    logger.info(`${shown(out)}: ${changes(report.emitted)}`);
    for (const line of nextSteps(report, shown(out), shown(dist))) logger.info(line);
  } else {
    logger.warn(
      `\`${binary}\` packed the site, but its report does not have version ${REPORT_VERSION}: the ` +
        'program and the npm package worker-pack have different versions',
    );
  }
}
