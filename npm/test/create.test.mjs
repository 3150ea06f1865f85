// `npm create worker-pack`: the files of a new project, and the project in the real Astro.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { packageManager } from '../create-worker-pack/lib/package_manager.js';
import { ended, program, temporaryFolder } from './program.mjs';
import { ASTRO_7, Project, environment, timeout, withAstro } from './project.mjs';

const BIN = fileURLToPath(
  new URL('../create-worker-pack/bin/create-worker-pack.js', import.meta.url),
);

/** Runs the command in a folder. */
function create(cwd, args, env = {}) {
  return ended(process.execPath, [BIN, ...args], { cwd, env: { ...process.env, ...env } });
}

const read = (...path) => readFileSync(join(...path), 'utf8');

test('a new project has its name, its files, and the next steps', async (t) => {
  const folder = temporaryFolder(t);
  const agent = { npm_config_user_agent: 'pnpm/10.0.0 npm/? node/v22.12.0 linux x64' };
  const { code, stdout } = await create(folder, ['My Site!', '--no-install'], agent);
  assert.equal(code, 0);
  assert.match(stdout, /^my-site: 13 files in My Site!\n/);
  assert.match(stdout, /\n *go there {2}cd 'My Site!'\n *install {2}pnpm install\n/);
  assert.match(stdout, /\n *deploy it {2}pnpm run deploy\n$/);
  const project = join(folder, 'My Site!');
  assert.equal(JSON.parse(read(project, 'package.json')).name, 'my-site');
  assert.match(read(project, 'wrangler.jsonc'), /"name": "my-site"/);
  assert.match(read(project, '.gitignore'), /^dist-worker\/bundle\/$/m);
  assert.ok(!existsSync(join(project, '_gitignore')));
});

test('a folder with files is refused, and stays as it is', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'notes.txt'), 'mine');
  const { code, stdout, stderr } = await create(folder, ['.', '--no-install']);
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, /^error: `\.` is not empty, it contains `notes\.txt`: .*worker-pack init/);
  assert.deepEqual(readdirSync(folder), ['notes.txt']);
  const file = await create(folder, ['notes.txt', '--no-install']);
  assert.equal(file.code, 1);
  assert.match(file.stderr, /^error: `notes\.txt` cannot be used/);
});

test('a folder with an empty repository becomes the project', async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, '.git'));
  const { code, stdout } = await create(folder, ['.', '--no-install']);
  assert.equal(code, 0);
  assert.doesNotMatch(stdout, /go there/);
  assert.ok(existsSync(join(folder, 'astro.config.mjs')));
});

test('a name without letters and digits is replaced', async (t) => {
  const folder = temporaryFolder(t);
  assert.equal((await create(folder, ['___', '--no-install'])).code, 0);
  assert.equal(JSON.parse(read(folder, '___/package.json')).name, 'worker-pack-site');
});

test('wrong arguments are refused with the help', async (t) => {
  const folder = temporaryFolder(t);
  for (const args of [['--typescript'], ['a', 'b'], ['--no-install=yes']]) {
    const { code, stderr } = await create(folder, args);
    assert.equal(code, 2, args.join());
    assert.match(stderr, /^error: .*\n\n[^]*Usage: npm create worker-pack/);
  }
  assert.deepEqual(readdirSync(folder), []);
  const { code, stdout } = await create(folder, ['--help']);
  assert.equal(code, 0);
  assert.match(stdout, /Usage: npm create worker-pack/);
});

test('the package manager is the one that runs the command', () => {
  assert.equal(packageManager('yarn/4.5.0 npm/? node/v22.12.0 linux x64'), 'yarn');
  assert.equal(packageManager('bun/1.2.0'), 'bun');
  assert.equal(packageManager('cnpm/9.0.0'), 'npm');
  assert.equal(packageManager(undefined), 'npm');
});

test(
  'packages are installed by the package manager, and a failure is told',
  { skip: process.platform === 'win32' && 'the program here is a script' },
  async (t) => {
    const folder = temporaryFolder(t);
    for (const [name, status] of [['good', 0], ['bad', 1]]) {
      const bin = join(folder, 'bin', name);
      mkdirSync(bin, { recursive: true });
      program(bin, `console.log('installs', process.argv[2]); process.exit(${status});`, 'npm');
      const env = { PATH: `${bin}:${process.env.PATH}`, npm_config_user_agent: 'npm/10.0.0' };
      const { code, stdout, stderr } = await create(folder, [name], env);
      assert.equal(code, 0);
      assert.match(stdout, /\ninstalls install\n/);
      assert.equal(/\n *install {2}npm install\n/.test(stdout), status === 1, stdout);
      assert.equal(/^warning: `npm install` failed/.test(stderr), status === 1, stderr);
    }
  },
);

describe('in Astro 7', () => {
  const site = withAstro('astro-7', ASTRO_7);

  /** Runs the wrangler that is installed beside Astro. */
  function wrangler(cwd, ...args) {
    const script = join(site.folder, '../node_modules/wrangler/bin/wrangler.js');
    return ended(process.execPath, [script, ...args], { cwd, env: environment() });
  }

  test('a new project is built, packed, and taken by wrangler', { timeout }, async (t) => {
    const project = new Project(t, site, {});
    const folder = join(project.folder, 'new');
    assert.equal((await create(project.folder, ['new', '--no-install'])).code, 0);
    project.folder = folder;
    const log = await project.built();
    assert.doesNotMatch(log, /\[WARN\] \[worker-pack\]/);
    assert.deepEqual(project.routes(), ['/404.html', '/favicon.svg', '/index.html']);
    const deploy = ['deploy', '--dry-run', '--config', 'dist-worker/wrangler.jsonc'];
    for (const environment of [[], ['--env', 'staging']]) {
      const { code, stdout, stderr } = await wrangler(folder, ...deploy, ...environment);
      assert.equal(code, 0, stdout + stderr);
      assert.match(stdout, /Total Upload: [^]*--dry-run: exiting now/);
    }
  });

  test('wrangler and worker-pack have every command of the scripts', { timeout }, async (t) => {
    const folder = temporaryFolder(t);
    symlinkSync(join(site.folder, '../node_modules'), join(folder, 'node_modules'), 'junction');
    assert.equal((await create(folder, ['new', '--no-install'])).code, 0);
    const { scripts } = JSON.parse(read(folder, 'new/package.json'));
    const commands = Object.values(scripts).flatMap((script) => script.split(' && '));
    const documented = read(folder, 'new/README.md');
    for (const name of Object.keys(scripts)) assert.match(documented, new RegExp(`\\b${name}\``));
    for (const command of commands) {
      const [program, ...words] = command.split(' ');
      const verbs = words.filter((word) => /^[a-z]+$/.test(word));
      if (program === 'astro') continue;
      const { code, stdout, stderr } =
        program === 'wrangler'
          ? await wrangler(folder, ...verbs, '--help')
          : await ended(site.binary, [...verbs, '--help'], { cwd: folder });
      assert.equal(code, 0, `${command}: ${stdout}${stderr}`);
      for (const flag of words.filter((word) => word.startsWith('--'))) {
        assert.ok(stdout.includes(flag), `${command}: ${flag}`);
      }
    }
  });
});
