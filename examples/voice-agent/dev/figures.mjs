// Measures the success figures of the plan on this machine, and prints them beside their targets.
//
// Usage: node dev/figures.mjs [--json] [part…]. Without parts, all of them are measured: a few minutes. The
// exit code is 1 if a target is missed. Figures of time are worse while something else runs.

import { parseArgs } from 'node:util';

import { api } from './figures/api.mjs';
import { coldStart } from './figures/cold_start.mjs';
import { connect } from './figures/connect.mjs';
import { table, verdict } from './figures/figure.mjs';
import { load } from './figures/load.mjs';
import { suppression } from './figures/suppression.mjs';
import { weight } from './figures/weight.mjs';

/** The parts, in the order of the plan. */
const PARTS = { 'cold-start': coldStart, api, connect, load, suppression, weight };

const { values, positionals } = parseArgs({ options: { json: { type: 'boolean' } }, allowPositionals: true });
const unknown = positionals.find((name) => !(name in PARTS));
if (unknown !== undefined) {
  console.error(`unknown part \`${unknown}\`: name one or more of ${Object.keys(PARTS).join(', ')}`);
  process.exit(2);
}

const figures = [];
for (const [name, measure] of Object.entries(PARTS)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  console.error(`measuring ${name} …`);
  figures.push(...(await measure()));
}
const judged = figures.map((figure) => ({ ...figure, verdict: verdict(figure) }));
console.log(values.json ? JSON.stringify(judged, null, 2) : table(figures));
process.exitCode = judged.some(({ verdict }) => verdict === 'TARGET MISSED') ? 1 : 0;
