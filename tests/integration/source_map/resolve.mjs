// Runs modules that throw, and prints where their source maps lead, as JSON: for each module a list of the
// places in its stack.
//
//     node resolve.mjs '[{ "code": "a.mjs", "map": "a.mjs.map" }]'
//
// A module throws while it is loaded, or it is a page of Astro's server whose method `GET` throws.

import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { pathToFileURL } from 'node:url';

const thrownBy = async (code) => {
  try {
    const { page } = await import(pathToFileURL(code));
    await page().GET();
  } catch (error) {
    return error;
  }
  throw new Error(`${code} throws nothing`);
};

const results = [];
for (const { code, map } of JSON.parse(process.argv[2])) {
  const sourceMap = new SourceMap(JSON.parse(readFileSync(map, 'utf8')));
  const { stack } = await thrownBy(code);
  const places = stack.split('\n').filter((line) => line.includes(pathToFileURL(code).href));
  results.push(
    places.map((place) => {
      const [, line, column] = place.match(/:(\d+):(\d+)\)?$/);
      const entry = sourceMap.findEntry(line - 1, column - 1);
      const { originalSource, originalLine, originalColumn, name } = entry;
      return [originalSource, originalLine + 1, originalColumn + 1, name ?? null];
    }),
  );
}
console.log(JSON.stringify(results));
