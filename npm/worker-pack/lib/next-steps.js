// The next steps of a user after a build, as the command prints them.

import { printable } from './printable.js';

/**
 * Returns the commands that use an output and, after the first build, the place of its files in the
 * repository. `out` and `dist` are the output folder and the packed one, from the project's folder.
 */
export function nextSteps({ emitted, worker }, out, dist) {
  if (emitted.written + emitted.removed === 0) return [];
  if (worker?.program === 'compiled') return stepsOfCrate({ emitted, worker }, out);
  const config = `${out}/wrangler.jsonc`;
  const serve = `try it: npx worker-pack serve ${dist}`;
  if (!worker) {
    const ignored = emitted.isNew ? [`for .gitignore: ${out}/`] : [];
    return [serve, `include it: ${out}/assets.rs, by \`include!\` in your crate`, ...ignored];
  }
  const dev = [...uploads(worker, out, '--local'), `try it: npx wrangler dev --config ${config}`];
  const lines = [
    ...(worker.hasServer ? dev : [serve]),
    ...uploads(worker, out, '--remote'),
    `deploy it: npx wrangler deploy --config ${config}`,
  ];
  if (emitted.isNew) {
    lines.push(`for .gitignore: ${out}/bundle/ (${config} is yours: edit it, and commit it)`);
  }
  return lines;
}

/** Returns the same for a Worker in Rust, whose crate is in the folder `root`. */
function stepsOfCrate({ emitted, worker }, root) {
  const lines = [
    ...uploads(worker, root, '--local'),
    `try it: npx wrangler dev --cwd ${root}`,
    ...uploads(worker, root, '--remote'),
    `deploy it: npx wrangler deploy --cwd ${root}`,
  ];
  if (emitted.isNew) {
    lines.push(
      'include it: by `worker_pack_runtime::include_site!()` in your crate',
      `for .gitignore: ${root}/build/ (${root}/wrangler.jsonc is yours: edit it, and commit it)`,
    );
  }
  return lines;
}

/**
 * Returns the steps by which the bodies of a Worker get into its R2 buckets on this machine (`--local`) or
 * at Cloudflare (`--remote`). `folder` is that of the configuration.
 */
function uploads({ r2 }, folder, place) {
  if (!r2) return [];
  const list = `--cwd ${folder} --config wrangler.jsonc --filename ${r2.uploads}`;
  return r2.buckets.flatMap((bucket) => {
    const jurisdiction = bucket.jurisdiction ? ` --jurisdiction ${printable(bucket.jurisdiction)}` : '';
    const name = printable(bucket.name);
    const create = `once: npx wrangler r2 bucket create ${name}${jurisdiction}`;
    const put = `upload: npx wrangler r2 bulk put ${name} ${place}${jurisdiction} ${list}`;
    // Locally, the bucket is created when it is written into.
    return place === '--local' ? [put] : [create, put];
  });
}
