// The command line of the stub of the voice APIs:
//
//     node stub/main.mjs [--port 8788] [--silent] [--until-input-ends]
//
// It prints its address, and ends on SIGINT or SIGTERM or, if it is told so, at the end of its input, so that
// it does not outlive the program that started it.

import { parseArgs } from 'node:util';

import { startStub } from './server.mjs';

const { values: options } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    silent: { type: 'boolean', default: false },
    'until-input-ends': { type: 'boolean', default: false },
  },
});

const stub = await startStub({
  port: Number(options.port),
  turns: options.silent ? 'on-demand' : 'conversation',
});
console.log(`stub: ${stub.url}`);

const ended = new Promise((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, resolve);
  if (options['until-input-ends']) process.stdin.once('end', resolve).resume();
});
await ended;
process.stdin.destroy();
await stub.close();
