// Bodies in Workers Static Assets.

import { IN_STATIC_ASSET } from './engine.js';

/**
 * Makes the store of bodies in Workers Static Assets.
 *
 * @param {() => {fetch: typeof fetch} | undefined} binding returns their binding
 * @returns {import('./assets.js').Store}
 */
export function staticAssets(binding) {
  return {
    place: IN_STATIC_ASSET,
    name: 'Workers Static Assets',
    remedy: 'deploy with the `assets` of the wrangler.jsonc that worker-pack wrote',
    binding,
    // They answer with whole files alone.
    async open(files, name, part, size) {
      const { status, headers, body } = await files.fetch(`https://assets.invalid/${name}`);
      if (status !== 200 || body === null) {
        await body?.cancel();
        return { problem: `answered ${status} for ${name}` };
      }
      const length = headers.get('content-length');
      if (length !== null && Number(length) !== size) {
        await body.cancel();
        return { problem: `has ${length} bytes as ${name} instead of ${size}` };
      }
      return { stream: body, begin: 0, end: size };
    },
  };
}
