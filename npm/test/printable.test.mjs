// Names and texts that would drive a terminal or a CI server, if they were logged as they are.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { printable, printableLines } from '../worker-pack/lib/printable.js';
import { describeAll, failure, summary } from '../worker-pack/lib/report.js';

const HOSTILE = [
  '\u001b[2J',
  'a\n::error::b',
  '::error::b',
  'cargo::warning=b',
  '##[error]b',
  'a ##vso[task.complete]',
  'gpj.\u202eexe',
  '\u009b31m\u007f\t\r\u2028',
];

function assertInert(text) {
  assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\u2028-\u202e]/u);
  assert.doesNotMatch(text, /^\s*(::|cargo:)|##\[|##vso\[/mu);
}

test('active characters and commands are escaped as the command escapes them', () => {
  const cases = {
    'a/b c.html': 'a/b c.html',
    'naïve/日本語/🦀.txt': 'naïve/日本語/🦀.txt',
    'a::b # Title ##': 'a::b # Title ##',
    '\u001b[2Jgone': '\\u{1b}[2Jgone',
    '  ::error::b': '  \\u{3a}:error::b',
    'cargo::warning=b': 'cargo\\u{3a}:warning=b',
    'a ##[error]b ##vso[task.x]': 'a \\u{23}#[error]b \\u{23}#vso[task.x]',
    'gpj.\u202eexe': 'gpj.\\u{202e}exe',
    '\u009b31m\u007f\t\r': '\\u{9b}31m\\u{7f}\\t\\r',
  };
  for (const [text, expected] of Object.entries(cases)) assert.equal(printable(text), expected);
  assert.equal(printableLines('a\n ::b\r'), 'a\n \\u{3a}:b\\r');
});

test('the log contains no name and no text of the site as it is', () => {
  for (const file of HOSTILE) {
    const excerpt = { line: 1, column: 1, text: file, offset: 0 };
    const one = { file, severity: 'warning', code: 'css/syntax-error', message: file, help: file };
    const diagnostics = [{ ...one, excerpt }, one, { ...one, file: `${file}2` }];
    const leftOut = [{ file, reason: 'hidden' }];
    const rules = { compat: 'workers', reason: file, unknownPaths: '404' };
    const totals = { files: 1, source: 2, sent: 1 };
    const report = JSON.stringify({ error: file, diagnostics, causes: [file] });
    const texts = [
      ...describeAll(diagnostics).map(({ text }) => text),
      ...summary({ totals, leftOut, rules }),
      failure({ code: 1, stdout: report, stderr: '' }),
      failure({ code: 1, stdout: '', stderr: file }),
    ];
    texts.forEach(assertInert);
  }
});
