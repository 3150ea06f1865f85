// Bodies in an R2 bucket.

import { IN_R2_OBJECT } from './engine.js';

/**
 * Makes the store of bodies in R2.
 *
 * @param {() => R2Bucket | undefined} binding returns the binding of the bucket
 * @returns {import('./assets.js').Store}
 */
export function r2(binding) {
  return {
    place: IN_R2_OBJECT,
    name: 'R2',
    remedy: 'deploy with the `r2_buckets` of the wrangler.jsonc that worker-pack wrote',
    binding,
    async open(bucket, name, { begin, end }, size) {
      const isWhole = begin === 0 && end === size;
      const range = isWhole ? undefined : { offset: begin, length: end - begin };
      const object = await bucket.get(name, { range });
      if (object === null) {
        return { problem: `has no object ${name}: upload the bodies before the Worker is deployed` };
      }
      if (object.size !== size) {
        await object.body.cancel();
        return { problem: `has ${object.size} bytes as ${name} instead of ${size}: upload it again` };
      }
      return { stream: object.body, begin, end };
    },
  };
}
