// Prints configurations as wrangler understands them, as JSON: a list with an element for each argument.
//
//     node resolved.mjs out/wrangler.jsonc out/wrangler.jsonc:staging
//
// An argument is a path and, if it is followed by a colon, the name of an environment.
// `WORKER_PACK_TOOLS` is a folder with wrangler in its `node_modules`.

import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.env.WORKER_PACK_TOOLS, 'package.json'));
const { unstable_readConfig: readConfig } = require('wrangler');

const configurations = process.argv.slice(2).map((argument) => {
  const [config, env] = argument.split(':');
  return readConfig({ config, env }, { hideWarnings: true });
});
console.log(JSON.stringify(configurations));
