// Projects in the shapes that Astro, C3 and Cloudflare's guides for Pages give them, moved to Workers:
// `worker-pack init`, `astro build`, `worker-pack check`, `wrangler deploy --dry-run` in every
// environment, and `worker-pack probe` of the Worker in workerd.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';

import { ended } from './program.mjs';
import { ASTRO_5, ASTRO_6, ASTRO_7, Project, environment, timeout, withAstro } from './project.mjs';
import { startPacked } from './packed_worker.mjs';

const layout = `---
const { title } = Astro.props;
---
<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>{title}</title>
    <style is:global>
      body { margin: 0 auto; max-width: 40rem; font-family: system-ui, sans-serif; }
    </style>
  </head>
  <body><slot /></body>
</html>
`;

const prerendered = (title) => `---
import Base from '../layouts/Base.astro';
---
<Base title="${title}"><h1>${title}</h1><p><a href="/">Home</a></p></Base>
`;

const PAGES = {
  'src/layouts/Base.astro': layout,
  'src/pages/index.astro': prerendered('Home'),
  'src/pages/about.astro': prerendered('About'),
  'src/pages/404.astro': prerendered('Not found'),
  'public/robots.txt': 'User-agent: *\n',
  'public/_headers': '/*\n  X-Content-Type-Options: nosniff\n',
  'public/_redirects': '/old /about 301\n',
};

/** A page that the server renders, with a variable of the Worker. */
const SERVER_PAGE = `---
export const prerender = false;
---
<!doctype html><html lang="en"><title>Now</title><p id="path">{Astro.url.pathname}</p></html>
`;

/** A page that counts visits in the session. */
const SESSION_PAGE = `---
export const prerender = false;
const visits = ((await Astro.session?.get('visits')) ?? 0) + 1;
Astro.session?.set('visits', visits);
---
<!doctype html><html lang="en"><title>Visits</title><p>{visits}</p></html>
`;

const manifest = (name, more = {}) =>
  `${JSON.stringify({ name, type: 'module', private: true, ...more }, null, 2)}\n`;

const PAGES_SCRIPTS = {
  dependencies: { astro: '^7.3.5' },
  scripts: {
    dev: 'astro dev',
    build: 'astro build',
    preview: 'wrangler pages dev ./dist',
    deploy: 'astro build && wrangler pages deploy ./dist',
  },
};

/**
 * The shapes of projects.
 *
 * - `astro`: the major version
 * - `files`: the project, except for its pages
 * - `pages`: the pages, if they are not the usual ones
 * - `environments`: those that the packed Worker can be deployed to
 * - `answers`: paths of the server, with a text of their answers
 */
const SHAPES = {
  'a static site of Pages without any configuration': {
    astro: 7,
    files: { 'package.json': manifest('plain', PAGES_SCRIPTS), 'package-lock.json': '{}\n' },
  },
  'a static site of Pages with wrangler.toml and environments': {
    astro: 7,
    files: {
      'package.json': manifest('toml', PAGES_SCRIPTS),
      'yarn.lock': '',
      'astro.config.mjs': "// @ts-check\nimport { defineConfig } from 'astro/config';\n\n// https://astro.build/config\nexport default defineConfig({});\n",
      'wrangler.toml': '# Our site.\nname = "toml"\npages_build_output_dir = "./dist"\ncompatibility_date = "2026-06-01"\n\n[vars]\nSTAGE = "development"\n\n[env.preview.vars]\nSTAGE = "preview" # of pull requests\n\n[env.production.vars]\nSTAGE = "production"\n',
    },
    environments: ['preview', 'production'],
  },
  'a server of Astro 7 with sessions, in TypeScript, with comments in odd places': {
    astro: 7,
    files: {
      'package.json': manifest('odd', PAGES_SCRIPTS),
      'pnpm-lock.yaml': "lockfileVersion: '9.0'\n",
      'astro.config.ts': "import cloudflare from '@astrojs/cloudflare'; // the host\nimport { defineConfig } from 'astro/config';\n\nexport default defineConfig({\n\toutput: 'server', /* all of it */\n\tadapter: cloudflare(/* nothing */),\n\t// integrations come later\n});\n",
      'wrangler.jsonc': '{\n\t// The Worker.\n\t"name": "odd",\n\t"compatibility_date": "2026-10-01",\n\t"kv_namespaces": [{ "binding": "SESSION", "id": "0f2ac74b498b48028cb68387c421e279" }],\n\t"env": {\n\t\t"staging": {\n\t\t\t"kv_namespaces": [{ "binding": "SESSION", "id": "1f2ac74b498b48028cb68387c421e279" }], // another one\n\t\t},\n\t},\n}\n',
      'src/pages/now.astro': SERVER_PAGE,
      'src/pages/visits.astro': SESSION_PAGE,
    },
    environments: ['staging'],
    answers: { '/now': '/now', '/visits': '<p>1</p>' },
  },
  'a project with lines that end as on Windows': {
    astro: 7,
    files: {
      'package.json': manifest('windows', PAGES_SCRIPTS).replaceAll('\n', '\r\n'),
      'bun.lock': '{}\n',
      'astro.config.mjs': "import { defineConfig } from 'astro/config';\r\nimport cloudflare from '@astrojs/cloudflare';\r\n\r\nconst config = {\r\n  adapter: cloudflare({ imageService: 'compile' }),\r\n  integrations: [],\r\n};\r\n\r\nexport default defineConfig(config);\r\n",
      'src/pages/now.astro': SERVER_PAGE,
    },
    answers: { '/now': '/now' },
  },
  'a project of a monorepo': {
    astro: 7,
    folder: 'packages/site',
    files: {
      '../../package.json': manifest('root', { workspaces: ['packages/*'] }),
      '../../pnpm-lock.yaml': "lockfileVersion: '9.0'\n",
      '../../pnpm-workspace.yaml': "packages: ['packages/*']\n",
      'package.json': manifest('@acme/site', PAGES_SCRIPTS),
      'astro.config.mjs': "import { defineConfig } from 'astro/config';\nexport default defineConfig({ site: 'https://acme.example' })\n",
    },
  },
  'a server of Astro 6 on Workers': {
    astro: 6,
    files: {
      'package.json': manifest('six', { scripts: { build: 'astro build', deploy: 'wrangler deploy' } }),
      'astro.config.mjs': "import { defineConfig } from 'astro/config';\nimport cloudflare from '@astrojs/cloudflare';\nexport default defineConfig({ adapter: cloudflare() });\n",
      'wrangler.jsonc': '{\n  "name": "six",\n  "main": "@astrojs/cloudflare/entrypoints/server",\n  "compatibility_date": "2026-03-01",\n  "compatibility_flags": ["nodejs_compat", "global_fetch_strictly_public"],\n  "assets": { "binding": "ASSETS", "directory": "./dist" },\n  "vars": { "STAGE": "production" },\n  "env": { "staging": { "vars": { "STAGE": "staging" } } },\n}\n',
      'src/pages/now.astro': SERVER_PAGE,
    },
    environments: ['staging'],
    answers: { '/now': '/now' },
  },
  'a server of Astro 5 on Pages': {
    astro: 5,
    files: {
      'package.json': manifest('five', PAGES_SCRIPTS),
      'package-lock.json': '{}\n',
      'astro.config.mjs': "import { defineConfig } from 'astro/config';\nimport cloudflare from '@astrojs/cloudflare';\nexport default defineConfig({ adapter: cloudflare({ platformProxy: { enabled: true } }) });\n",
      'wrangler.toml': 'name = "five"\npages_build_output_dir = "./dist"\ncompatibility_date = "2025-04-01"\ncompatibility_flags = ["nodejs_compat"]\n\n[[kv_namespaces]]\nbinding = "SESSION"\nid = "0f2ac74b498b48028cb68387c421e279"\n',
      'src/pages/now.astro': SERVER_PAGE,
    },
    answers: { '/now': '/now' },
  },
  'a server of Astro 5 on Workers': {
    astro: 5,
    files: {
      'package.json': manifest('five-workers', { scripts: { build: 'astro build' } }),
      'astro.config.mjs': "import cloudflare from '@astrojs/cloudflare'\nimport { defineConfig } from 'astro/config'\n\nexport default defineConfig({\n  adapter: cloudflare(),\n  integrations: [\n  ],\n})\n",
      'wrangler.json': '{\n  "name": "five-workers",\n  "main": "./dist/_worker.js/index.js",\n  "compatibility_date": "2025-04-01",\n  "compatibility_flags": ["nodejs_compat"],\n  "assets": { "binding": "ASSETS", "directory": "./dist" },\n  "kv_namespaces": [{ "binding": "SESSION", "id": "0f2ac74b498b48028cb68387c421e279" }]\n}\n',
      'public/.assetsignore': '_worker.js\n_routes.json\n',
      'src/pages/now.astro': SERVER_PAGE,
    },
    answers: { '/now': '/now' },
  },
  'a server of Astro 7 without public files': {
    astro: 7,
    files: {
      'package.json': manifest('bare', PAGES_SCRIPTS),
      'astro.config.mjs':
        "import { defineConfig } from 'astro/config';\nimport cloudflare from '@astrojs/cloudflare';\nexport default defineConfig({ output: 'server', adapter: cloudflare() });\n",
    },
    pages: { 'src/pages/now.astro': SERVER_PAGE },
    answers: { '/now': '/now' },
  },
  'a static site with Functions': {
    astro: 7,
    files: {
      'package.json': manifest('functions', PAGES_SCRIPTS),
      'functions/api/hello.js': "export const onRequestGet = ({ env }) => new Response(`hello from ${env.STAGE ?? 'nowhere'}`);\n",
      'functions/_middleware.js': "export const onRequest = async ({ next }) => {\n  const response = await next();\n  const own = new Response(response.body, response);\n  own.headers.set('X-Middleware', 'ran');\n  return own;\n};\n",
      'wrangler.toml': 'name = "functions"\npages_build_output_dir = "dist"\ncompatibility_date = "2026-06-01"\n[vars]\nSTAGE = "here"\n',
    },
    answers: { '/api/hello': 'hello from here' },
  },
};

const SITES = { 5: ASTRO_5, 6: ASTRO_6, 7: ASTRO_7 };

for (const [version, dependencies] of Object.entries(SITES)) {
  describe(`moved with Astro ${version}`, () => {
    const site = withAstro(`astro-${version}`, dependencies);
    for (const [name, shape] of Object.entries(SHAPES)) {
      if (shape.astro === Number(version)) {
        test(name, { timeout }, (t) => isMoved(new Moved(t, site, shape), shape));
      }
    }
  });
}

/** A project of one of the shapes. */
class Moved extends Project {
  constructor(test, site, { folder = '.', pages = PAGES, files }) {
    super(test, site, {});
    this.root = this.folder;
    for (const name of ['src', 'public']) rmSync(join(this.folder, name), { recursive: true });
    rmSync(join(this.folder, 'package.json'));
    this.folder = join(this.folder, folder);
    mkdirSync(this.folder, { recursive: true });
    this.write({ ...pages, ...files });
  }

  /** Runs `worker-pack` in the project. */
  run(...args) {
    const env = { ...environment(), WORKER_PACK_CACHE_DIR: join(this.root, 'cache') };
    return ended(this.site.binary, args, { cwd: this.folder, env });
  }

  /** Like `run`, but throws if it fails. */
  async ran(...args) {
    const { code, stdout, stderr } = await this.run(...args);
    assert.equal(code, 0, `worker-pack ${args.join(' ')}\n${stdout}${stderr}`);
    return stdout;
  }

  /** Runs the wrangler that is installed beside Astro. */
  wrangler(...args) {
    const script = join(this.site.folder, '../node_modules/wrangler/bin/wrangler.js');
    return ended(process.execPath, [script, ...args], { cwd: this.folder, env: environment() });
  }

  /** Runs a script of `package.json` that has been written, and its parts that need a login not at all. */
  async runBuild() {
    const { scripts } = JSON.parse(readFileSync(join(this.folder, 'package.json'), 'utf8'));
    const bin = (folder) => join(folder, 'node_modules/.bin');
    const path = [bin(this.site.folder), bin(dirname(this.site.folder)), process.env.PATH].join(':');
    const env = { ...environment(), PATH: path };
    const { code, stdout, stderr } = await ended('sh', ['-c', scripts.build], { cwd: this.folder, env });
    assert.equal(code, 0, stdout + stderr);
    return stdout + stderr;
  }
}

async function isMoved(project, { pages, environments = [], answers = {} }) {
  const before = project.contents('.');
  const shown = await project.ran('init');
  assert.deepEqual(project.contents('.'), before, 'without `--write` nothing is written');
  assert.match(shown, /^\+/m);
  await project.ran('init', '--write');
  const written = project.contents('.');
  await project.ran('init', '--write');
  assert.deepEqual(project.contents('.'), written, 'a second run changes nothing');

  await project.runBuild();
  const config = 'dist-worker/wrangler.jsonc';
  assert.ok(existsSync(join(project.folder, config)));
  await project.ran('check', '--deny', 'warnings', '--start', 'require');
  for (const more of [[], ...environments.map((name) => ['--env', name])]) {
    const args = ['deploy', '--dry-run', '--config', config, ...more];
    const { code, stdout, stderr } = await project.wrangler(...args);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /--dry-run: exiting now/);
  }

  const worker = await startPacked(project);
  try {
    for (const [path, text] of Object.entries(answers)) {
      const response = await fetch(new URL(path, worker.url));
      const body = await response.text();
      assert.equal(response.status, 200, `${path}: ${body}`);
      assert.ok(body.includes(text), `${path}: ${body}`);
    }
    if (pages === undefined) {
      const moved = await fetch(new URL('/old', worker.url), { redirect: 'manual' });
      assert.deepEqual([moved.status, moved.headers.get('location')], [301, '/about']);
    }
    await project.ran('probe', worker.url.href);
  } finally {
    await worker.dispose();
  }
}
