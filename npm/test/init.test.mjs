// Projects that `worker-pack init` has moved to Workers: each script that it writes is run, as far as that is
// possible without an account, and each command of wrangler in it exists with its flags.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { ended } from './program.mjs';
import { ASTRO_5, ASTRO_7, Project, SERVER_PAGE, environment, timeout, withAstro } from './project.mjs';

const ID = '0f2ac74b498b48028cb68387c421e279';

/** A project with the packages of its site. */
class Migrated extends Project {
  /** Runs a program in the project's folder. Throws if it fails. */
  async run(program, ...args) {
    const options = { cwd: this.folder, env: environment(), shell: process.platform === 'win32' };
    const { code, stdout, stderr } = await ended(program, args, options);
    assert.equal(code, 0, `${program} ${args.join(' ')}\n${stdout}${stderr}`);
    return stdout + stderr;
  }

  /** Runs a script, as the user does. */
  script(name, ...args) {
    return this.run('npm', 'run', name, '--', ...args);
  }

  /** Moves the project to Workers, and checks that this is done once and for all. */
  async migrate() {
    const shown = await this.run(this.site.binary, 'init');
    assert.match(shown, /^init would /);
    assert.match(await this.run(this.site.binary, 'init', '--write'), /written/);
    assert.match(await this.run(this.site.binary, 'init', '--write'), /^nothing to change/);
  }

  read(name) {
    return readFileSync(join(this.folder, name), 'utf8');
  }
}

const scripts = (astro) =>
  JSON.stringify({
    type: 'module',
    scripts: { build: 'astro build', deploy: 'npm run build && wrangler pages deploy dist' },
    dependencies: astro,
  });

describe('Astro 7 on Workers', () => {
  const site = withAstro('astro-7', ASTRO_7);

  test('one build deploys to each environment', { timeout }, async (t) => {
    const project = new Migrated(t, site, {
      'package.json': scripts(ASTRO_7).replace('wrangler pages deploy dist', 'wrangler deploy'),
      'astro.config.ts': `import type { AstroUserConfig } from 'astro';
import cloudflare from '@astrojs/cloudflare';

// The desk
export default {
  adapter: cloudflare({ imageService: 'passthrough', platformProxy: { enabled: true } }),
} satisfies AstroUserConfig;
`,
      'wrangler.toml': `name = "desk"
compatibility_date = "2026-06-01"
usage_model = "bundled"

[vars]
GREETING = "top"

[[kv_namespaces]]
binding = "CACHE"
id = "${ID}"

[env.staging.vars]
GREETING = "staged"
`,
      'src/pages/now.astro': SERVER_PAGE,
      'src/pages/visits.ts':
        'export const prerender = false;\nexport const GET = async ({ session }) => Response.json(await session?.get("n") ?? 0);\n',
    });
    await project.migrate();
    await project.script('build');
    const top = await project.run('npx', 'wrangler', 'deploy', '--dry-run', '--config', 'dist-worker/wrangler.jsonc');
    for (const binding of ['env.SESSION', 'env.CACHE', 'env.GREETING ("top")'])
      assert.ok(top.includes(binding), top);
    const staged = await project.script('deploy:staging', '--dry-run');
    for (const binding of ['env.SESSION', 'env.GREETING ("staged")'])
      assert.ok(staged.includes(binding), staged);
    assert.match(await project.script('canary', '--dry-run'), /--dry-run: exiting now/);
  });

  test('the functions of Pages run in the packed Worker', { timeout }, async (t) => {
    const project = new Migrated(t, site, {
      'package.json': scripts({ astro: ASTRO_7.astro }),
      'functions/api/hello.js': 'export const onRequestGet = ({ env }) => Response.json({ hello: env.NAME });',
      'functions/_middleware.js': `export const onRequest = async ({ next }) => {
        const response = await next();
        const copy = new Response(response.body, response);
        copy.headers.set('X-Middleware', 'yes');
        return copy;
      };`,
      'wrangler.jsonc': '{ "name": "hello", "compatibility_date": "2026-06-01", "vars": { "NAME": "world" } }',
    });
    await project.migrate();
    await project.script('build');
    const worker = await serve(t, project);
    const hello = await fetch(new URL('/api/hello', worker));
    assert.deepEqual(await hello.json(), { hello: 'world' });
    const home = await fetch(worker);
    assert.equal(home.headers.get('X-Middleware'), 'yes');
    assert.match(await home.text(), /<h1>Home<\/h1>/);
  });

  test('each command of wrangler exists with its flags', { timeout }, async (t) => {
    const project = new Migrated(t, site, {
      'package.json': scripts(ASTRO_7),
      'wrangler.jsonc': '{ "name": "a", "env": { "staging": {} } }',
      'src/pages/now.astro': SERVER_PAGE,
    });
    await project.migrate();
    const commands = Object.values(JSON.parse(project.read('package.json')).scripts)
      .flatMap((script) => script.split('&&'))
      .map((command) => command.trim().split(' '))
      .filter(([program]) => program === 'wrangler');
    assert.ok(commands.length > 9);
    for (const [, ...words] of commands) {
      const first = words.findIndex((word) => word.startsWith('-'));
      const verb = words.slice(0, first).filter((word) => !word.startsWith('.'));
      const help = await project.run('npx', 'wrangler', ...verb, '--help');
      // The help of a command that does not exist is that of the one before it.
      assert.ok(help.includes(`wrangler ${verb.join(' ')}`), help);
      const flags = words.filter((word) => word.startsWith('--'));
      for (const flag of flags) assert.ok(help.includes(`${flag} `), `${flag} in ${help}`);
      assert.ok(flags.includes('--config'), words.join(' '));
    }
  });
});

describe('Astro 5 on Pages', () => {
  const site = withAstro('astro-5', ASTRO_5);

  test('a project of Pages is built and deployed as a Worker', { timeout }, async (t) => {
    const project = new Migrated(t, site, {
      'package.json': scripts(ASTRO_5),
      'astro.config.mjs': `import { defineConfig } from 'astro/config';\r
import cloudflare from '@astrojs/cloudflare';\r
export default defineConfig({ output: 'server', adapter: cloudflare() });\r
`,
      'wrangler.jsonc': `{
  "name": "ferry", // on Pages
  "compatibility_date": "2026-06-01",
  "pages_build_output_dir": "./dist",
  "vars": { "GREETING": "ahoy" },
  "env": { "preview": {} },
}
`,
    });
    await project.migrate();
    assert.match(project.read('astro.config.mjs'), /integrations: \[workerPack\(\{ compat: 'pages' \}\)\] \}\);\r\n$/);
    await project.script('build');
    const preview = await project.script('deploy:preview', '--dry-run');
    assert.ok(preview.includes('env.GREETING ("ahoy")'), preview);
  });
});

/** Serves the packed Worker, and returns its URL. */
function serve(test, project) {
  const args = ['run', 'preview', '--', '--ip=127.0.0.1', '--port=0', '--inspector-port=0'];
  const options = { cwd: project.folder, env: environment(), detached: process.platform !== 'win32' };
  const child = spawn('npm', [...args, '--show-interactive-dev-session=false'], options);
  const closed = new Promise((resolve) => child.on('close', resolve));
  test.after(async () => {
    try {
      process.kill(-child.pid);
    } catch {
      child.kill();
    }
    await closed;
  });
  return new Promise((resolve, reject) => {
    let printed = '';
    const read = (text) => {
      printed += text;
      const [, url] = printed.match(/Ready on (http:\/\/\S+)/) ?? [];
      if (url) resolve(url);
    };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', read);
    closed.then(() => reject(new Error(printed)));
  });
}
