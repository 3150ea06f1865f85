// Prints the tables of media types by extension that wrangler contains, as JSON.
//
// `WORKER_PACK_TOOLS` is a folder with `wrangler` in its `node_modules`.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { variable } from './visitor.mjs';

const bundle = join(
  variable('WORKER_PACK_TOOLS'),
  'node_modules/wrangler/wrangler-dist/cli.js',
);
const text = readFileSync(bundle, 'utf8');

/** Returns the object that begins after a text. It consists of lists of strings only. */
function objectAfter(start) {
  const at = text.indexOf(start);
  if (at < 0) throw new Error(`wrangler does not contain \`${start}\``);
  const body = text.slice(at + start.indexOf('{'));
  return JSON.parse(body.slice(0, body.indexOf('}') + 1).replace(/,\s*([\]}])/g, '$1'));
}

/** Returns the type of each extension. A star marks an extension that belongs to another type. */
function byExtension(...tables) {
  const entries = tables.flatMap((table) => Object.entries(table));
  const pairs = entries.flatMap(([type, extensions]) =>
    extensions.filter((one) => !one.startsWith('*')).map((one) => [one, type]),
  );
  return Object.fromEntries(pairs.map((pair) => pair.map((word) => word.toLowerCase())));
}

const modules = /module2\.exports = \{ "application\/(?:andrew-inset|prs\.cww)"/g;
const [standard, other] = [...text.matchAll(modules)].map(([start]) => start);
console.log(
  JSON.stringify({
    workers: byExtension(objectAfter('  types2 = {'), objectAfter('  types = {\n      "application/prs')),
    pages: byExtension(objectAfter(standard), objectAfter(other)),
  }),
);
