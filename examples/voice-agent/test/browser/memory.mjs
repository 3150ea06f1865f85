// Words of a call that the next one is to know.

import assert from 'node:assert/strict';

/** Says something on both sides of a call. */
export async function talk(agent, visitor, { id, api }) {
  await agent.control(`calls?wait=sideband&id=${id}`);
  await agent.control(`calls/${id}/hear`, { text: 'The forecast was mine.' });
  await agent.control(`calls/${id}/say`, { text: 'And who has checked it?' });
  await visitor.turn('agent', 'And who has checked it?', api === 'live' ? 'partial' : 'final');
}

/** Asserts that a call was opened with the words of an earlier one, and that the page still shows them. */
export async function assertGoesOn(visitor, call) {
  const given = JSON.stringify([call.instructions, call.input]);
  for (const words of ['The forecast was mine.', 'And who has checked it?']) {
    assert.ok(given.includes(words), given);
    assert.match(await visitor.page.locator('[data-role="transcript"]').innerText(), new RegExp(words.slice(0, -1)));
  }
}
