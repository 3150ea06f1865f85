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

/** The commands of wrangler in the scripts, each with the script that runs it. */
const commands = Object.entries(scripts).flatMap(([name, script]) =>
  [...script.matchAll(/wrangler ([^&]+)/g)].map(([, command]) => [name, command.trim()]),
);

for (const [name, command] of commands) {
  test(`the installed wrangler has the command of \`${name}\`: wrangler ${command}`, async () => {
    const words = command.replaceAll(/'[^']*'/g, '').split(/\s+/).filter(Boolean);
    const first = words.findIndex((word) => word.startsWith('--') || word === word.toUpperCase());
    const names = first < 0 ? words : words.slice(0, first);
    const wrangler = join(root, 'node_modules/wrangler/bin/wrangler.js');
    const { stdout } = await promisify(execFile)(process.execPath, [wrangler, ...names, '--help']);
    // The help of an unknown command is that of all commands.
    assert.ok(stdout.includes(`wrangler ${names.join(' ')}`), stdout);
    const flags = words.filter((word) => word.startsWith('--'));
    for (const flag of flags) assert.match(stdout, new RegExp(`${flag}\\b`), stdout);
  });
}

test('every script that is run by another one exists', () => {
  for (const [name, script] of Object.entries(scripts)) {
    for (const [, other] of script.matchAll(/npm run (?:--silent )?([\w:]+)/g)) {
      assert.ok(name === other || other in scripts, `${name} runs ${other}`);
    }
  }
});
