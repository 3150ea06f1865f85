// The account page, which the Worker renders, and its session, which is in KV.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { describe, test } from 'node:test';

import { voiceAgent } from '../voice_agent.mjs';
import { chromiumWith, failedResponse, visit } from './visitor.mjs';

const browser = chromiumWith('beeping');

describe('the account', () => {
  const agent = voiceAgent();
  const part = (visitor, name) => visitor.page.locator(`[data-testid="${name}"]`);

  /** Returns the methods and statuses of the responses for the page itself while something is done. */
  async function responsesDuring(visitor, act) {
    const seen = [];
    const note = (response) => {
      if (response.request().isNavigationRequest()) seen.push(`${response.request().method()} ${response.status()}`);
    };
    visitor.page.on('response', note);
    await act();
    visitor.page.off('response', note);
    return seen;
  }

  const save = (visitor, name) =>
    responsesDuring(visitor, async () => {
      await part(visitor, 'name').fill(name);
      await part(visitor, 'save').click();
      await part(visitor, 'outcome').waitFor();
    });

  test('saves a name by POST, redirect and GET, and keeps it in KV', () =>
    visit(browser, agent, { path: '/account/' }, async (visitor) => {
      assert.equal(await part(visitor, 'visits').innerText(), 'This is your first visit.');
      assert.deepEqual(await save(visitor, 'Ine <b>de Wit</b>'), ['POST 303', 'GET 200']);
      assert.equal(await part(visitor, 'outcome').innerText(), 'Saved.');
      assert.equal(await part(visitor, 'title').innerText(), 'Good day, Ine <b>de Wit</b>');
      assert.deepEqual(await responsesDuring(visitor, () => visitor.page.reload()), ['GET 200']);
      assert.equal(await part(visitor, 'name').inputValue(), 'Ine <b>de Wit</b>');
      assert.equal(await part(visitor, 'outcome').count(), 0, 'it is said once');
      assert.equal(await part(visitor, 'visits').innerText(), 'You have opened this page 3 times.');
      const [cookie] = await visitor.page.context().cookies();
      assert.deepEqual([cookie.name, cookie.httpOnly, cookie.secure, cookie.sameSite], ['second-chair', true, true, 'Lax']);
      const sessions = await agent.kept('SESSIONS');
      assert.ok(JSON.stringify(sessions).includes('de Wit'), 'the session is in KV');
    }));

  test('gives its name to the voice room', () =>
    visit(browser, agent, { path: '/account/' }, async (visitor) => {
      await save(visitor, 'Bas & Co');
      await part(visitor, 'practise').click();
      await visitor.page.locator('[data-ready="true"]').waitFor();
      await visitor.page.locator('.seat.first .name').filter({ hasText: 'Bas & Co' }).waitFor();
    }));

  test('refuses a name that the form of the page would not send', () =>
    visit(browser, agent, { path: '/account/' }, async (visitor) => {
      await part(visitor, 'name').evaluate((field) => field.removeAttribute('maxlength'));
      await save(visitor, 'x'.repeat(41));
      assert.equal(await part(visitor, 'outcome').innerText(), 'A name has between 1 and 40 characters.');
      assert.equal(await part(visitor, 'title').innerText(), 'Account');
      assert.equal(await part(visitor, 'name').getAttribute('aria-describedby'), 'refused');
    }));

  test('is forgotten by signing out', () =>
    visit(browser, agent, { path: '/account/' }, async (visitor) => {
      await save(visitor, 'Lotte');
      const seen = await responsesDuring(visitor, async () => {
        await part(visitor, 'sign-out').click();
        await part(visitor, 'title').filter({ hasText: 'Account' }).waitFor();
      });
      assert.deepEqual(seen, ['POST 303', 'GET 200']);
      assert.equal(await part(visitor, 'name').inputValue(), '');
      assert.equal(await part(visitor, 'visits').innerText(), 'This is your first visit.');
      assert.ok(!JSON.stringify(await agent.kept('SESSIONS')).includes('Lotte'), 'KV has forgotten it too');
    }));

  test('of one visitor is not that of another', () =>
    visit(browser, agent, { path: '/account/' }, async (visitor) => {
      await save(visitor, 'Mine');
      await visit(browser, agent, { path: '/account/' }, async (other) => {
        assert.equal(await part(other, 'title').innerText(), 'Account');
      });
    }));

  test('refuses a form of a page of another origin', async (t) => {
    const form = `<!doctype html><title>Elsewhere</title><form method="post" action="${agent.worker.url}account/">
      <input name="name" value="Not me"><button>Send</button></form>`;
    const elsewhere = createServer((_, response) => response.setHeader('Content-Type', 'text/html').end(form));
    await new Promise((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    t.after(() => elsewhere.close());
    // Chromium also asks for an icon of the answer, which is text.
    const expected = [failedResponse(403), failedResponse(404)];
    await visit(browser, agent, { path: null, expected, others: [/^127\.0\.0\.1:/] }, async (visitor) => {
      await visitor.page.goto(`http://127.0.0.1:${elsewhere.address().port}/`);
      const answered = visitor.page.waitForResponse((response) => response.request().method() === 'POST');
      await visitor.page.locator('button').click();
      assert.equal((await answered).status(), 403);
      assert.ok(!JSON.stringify(await agent.kept('SESSIONS')).includes('Not me'));
    });
  });
});
