// Firefox, driven by WebDriver BiDi without a library, and a server with TLS in front of another one.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { inTime, variable } from './visitor.mjs';

/** Preferences of the profile. Dictionaries are off by default. */
const PREFERENCES = {
  'network.http.dictionaries.enable': true,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.page': 0,
  'datareporting.policy.dataSubmissionEnabled': false,
  'app.normandy.enabled': false,
  'app.update.disabledForTesting': true,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,',
  'browser.safebrowsing.update.enabled': false,
};

/** A browser with one open page. */
export class Firefox {
  #next = 0;
  #waiting = new Map();
  /** The sizes of bodies that the browser has counted, by path, the last one. */
  bodies = new Map();

  /** Starts the browser that `WORKER_PACK_FIREFOX` names. */
  static async start() {
    const firefox = new Firefox();
    firefox.profile = await mkdtemp(join(tmpdir(), 'firefox-'));
    const lines = Object.entries(PREFERENCES).map(
      ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
    );
    await writeFile(join(firefox.profile, 'user.js'), lines.join(''));
    const flags = ['--headless', '--no-remote', '--remote-debugging-port=0', '--profile'];
    firefox.process = spawn(variable('WORKER_PACK_FIREFOX'), [...flags, firefox.profile], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, HOME: firefox.profile },
    });
    await inTime(firefox.#connect(), () => 'Firefox does not start');
    const capabilities = { alwaysMatch: { acceptInsecureCerts: true } };
    await firefox.#command('session.new', { capabilities });
    await firefox.#command('session.subscribe', { events: ['network.responseCompleted'] });
    const { context } = await firefox.#command('browsingContext.create', { type: 'tab' });
    firefox.context = context;
    return firefox;
  }

  async close() {
    this.socket?.close();
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill();
    await inTime(ended, () => 'Firefox does not end');
    await rm(this.profile, { recursive: true, force: true, maxRetries: 10 });
  }

  /** Goes to a page, and waits until it is loaded. */
  async goTo(url) {
    await this.#command('browsingContext.navigate', { context: this.context, url, wait: 'complete' });
  }

  /** Loads the page again, and waits until it is loaded. */
  async reload() {
    await this.#command('browsingContext.reload', { context: this.context, wait: 'complete' });
  }

  /** Returns the value of an expression in the page. */
  async evaluate(expression) {
    const target = { context: this.context };
    const { result } = await this.#command('script.evaluate', {
      expression,
      target,
      awaitPromise: true,
    });
    return result.value;
  }

  async #connect() {
    for await (const line of createInterface({ input: this.process.stderr })) {
      const [, address] = line.match(/WebDriver BiDi listening on (ws:\S+)/) ?? [];
      if (!address) continue;
      this.process.stderr.resume();
      this.socket = new WebSocket(`${address}/session`);
      this.socket.addEventListener('message', ({ data }) => this.#receive(JSON.parse(data)));
      await new Promise((resolve, reject) => {
        this.socket.addEventListener('open', resolve);
        this.socket.addEventListener('error', reject);
      });
      return;
    }
    throw new Error('Firefox has ended');
  }

  #command(method, params) {
    const id = this.#next++;
    const answered = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.socket.send(JSON.stringify({ id, method, params }));
    return inTime(answered, () => `no answer to ${method}`);
  }

  #receive({ id, type, result, message, method, params }) {
    if (method === 'network.responseCompleted') {
      const { pathname } = new URL(params.request.url);
      this.bodies.set(pathname, params.response.bodySize);
    }
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (type === 'success') waiting?.resolve(result);
    if (type === 'error') waiting?.reject(new Error(message));
  }
}

/** A server with TLS that passes requests on, and records them. */
export class Recorder {
  /** The exchanges: path, fields of the request, status and fields of the answer. */
  exchanges = [];
  #noticed = () => {};

  /** @param {string} site the URL of the server behind it */
  static async start(site) {
    const recorder = new Recorder();
    const folder = await mkdtemp(join(tmpdir(), 'certificate-'));
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(folder, name));
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const files = ['-keyout', key, '-out', cert];
    execFileSync('openssl', ['req', '-x509', ...kind, ...files, '-days', '2', ...subject], {
      stdio: 'ignore',
    });
    const pair = { key: await readFile(key), cert: await readFile(cert) };
    await rm(folder, { recursive: true });
    recorder.server = createServer(pair, (asked, answer) => recorder.#pass(site, asked, answer));
    await new Promise((resolve) => recorder.server.listen(0, '127.0.0.1', resolve));
    recorder.url = `https://localhost:${recorder.server.address().port}`;
    return recorder;
  }

  close() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }

  /** Waits for the first exchange of a path. */
  of(path) {
    const found = async () => {
      for (;;) {
        const exchange = this.exchanges.find((exchange) => exchange.path === path);
        if (exchange) return exchange;
        await new Promise((resolve) => (this.#noticed = resolve));
      }
    };
    return inTime(found(), () => `no exchange for ${path}`);
  }

  /** Makes a browser ask for a path until it offers a dictionary, other than a given one. */
  async untilOffered(ask, path, other) {
    const offered = async () => {
      for (;;) {
        this.exchanges.length = 0;
        await ask();
        const dictionary = (await this.of(path)).asked['available-dictionary'];
        if (dictionary && dictionary !== other) return;
      }
    };
    await inTime(offered(), () => 'Firefox offers no dictionary');
  }

  #pass(site, asked, answer) {
    const headers = { ...asked.headers, host: new URL(site).host };
    const passed = request(new URL(asked.url, site), { method: asked.method, headers }, (got) => {
      answer.writeHead(got.statusCode, got.headers);
      got.pipe(answer);
      got.on('end', () => {
        const { headers } = asked;
        const path = asked.url.split('?')[0];
        this.exchanges.push({ path, asked: headers, status: got.statusCode, answer: got.headers });
        this.#noticed();
      });
    });
    passed.on('error', (error) => assert.fail(error));
    asked.pipe(passed);
  }
}
