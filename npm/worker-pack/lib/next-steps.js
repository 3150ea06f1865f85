// The next steps of a user after a build, as the command prints them.

/**
 * Returns the commands that use an output and, after the first build, the place of its files in the
 * repository. `out` and `dist` are the output folder and the packed one, from the project's folder.
 */
export function nextSteps({ emitted, worker }, out, dist) {
  if (emitted.written + emitted.removed === 0) return [];
  if (worker?.program === 'compiled') return stepsOfCrate(emitted, out);
  const config = `${out}/wrangler.jsonc`;
  const serve = `try it: npx worker-pack serve ${dist}`;
  if (!worker) {
    const ignored = emitted.isNew ? [`for .gitignore: ${out}/`] : [];
    return [serve, `include it: ${out}/assets.rs, by \`include!\` in your crate`, ...ignored];
  }
  const lines = [
    worker.hasServer ? `try it: npx wrangler dev --config ${config}` : serve,
    `deploy it: npx wrangler deploy --config ${config}`,
  ];
  if (emitted.isNew) {
    lines.push(`for .gitignore: ${out}/bundle/ (${config} is yours: edit it, and commit it)`);
  }
  return lines;
}

/** Returns the same for a Worker in Rust, whose crate is in the folder `root`. */
function stepsOfCrate(emitted, root) {
  const lines = [
    `try it: npx wrangler dev --cwd ${root}`,
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
