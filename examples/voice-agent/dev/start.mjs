// Starts the built Worker and the stub of the voice service, and prints the URL. Ends with Ctrl+C.

import { startStub } from '../stub/server.mjs';
import { startWorker } from './worker.mjs';

/** The port of the Worker, if it is free. */
const PORT = Number(process.env.PORT ?? 8787);

const stub = await startStub({ port: 0 });
const worker = await startWorker({
  upstream: stub.url,
  vars: { VOICE_API: process.env.VOICE_API ?? 'realtime' },
  miniflare: { port: PORT },
});
console.log(`
voice agent    ${worker.url}
voice service  ${stub.url} (a stub: it answers with your own voice)

Open the voice page, allow the microphone, and speak. Ctrl+C ends both.`);

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    await worker.dispose();
    await stub.close();
    process.exit(0);
  });
}
