// The configuration of each environment, as wrangler reads it before it deploys.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json')));

const BINDINGS = [
  'VOICE_SESSIONS',
  'CLIENT_COUNTERS',
  'METERS',
  'SESSIONS',
  'RATE_LIMITS',
  'PERFORMANCE_LOGS',
  'VOICE_CACHE',
  'VOICE_LIMITER',
  'VOICE_API',
];

for (const environment of ['', 'staging', 'production']) {
  test(`wrangler accepts the environment \`${environment || 'development'}\``, async (t) => {
    const out = mkdtempSync(join(tmpdir(), 'voice-agent-'));
    t.after(() => rmSync(out, { recursive: true }));
    const wrangler = join(root, 'node_modules/wrangler/bin/wrangler.js');
    const options = ['deploy', '--dry-run', '--strict', `--env=${environment}`, '--outdir', out];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [wrangler, ...options], {
      cwd: root,
      maxBuffer: 1 << 26,
    });
    const text = stdout + stderr;
    for (const binding of BINDINGS) assert.ok(text.includes(`env.${binding} `), `${binding}: ${text}`);
    assert.ok(!text.includes('WARNING'), text);
  });
}

test('every script that is run by another one exists', () => {
  for (const [name, script] of Object.entries(scripts)) {
    for (const [, other] of script.matchAll(/npm run (?:--silent )?([\w:]+)/g)) {
      assert.ok(name === other || other in scripts, `${name} runs ${other}`);
    }
  }
});
