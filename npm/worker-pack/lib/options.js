// The options of the integration, and the flags of the command that they stand for. What a value
// means is for the command to say; here is only said what form it has.

import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const text = {
  form: 'a string',
  fits: (value) => typeof value === 'string' && value !== '',
};
const path = {
  form: 'a path, or a `file:` URL',
  fits: (value) => text.fits(value) || (value instanceof URL && value.protocol === 'file:'),
};
const texts = {
  form: 'an array of strings',
  fits: (value) => Array.isArray(value) && value.every(text.fits),
};
const flag = {
  form: '`true` or `false`',
  fits: (value) => typeof value === 'boolean',
};
const cacheRules = {
  form: 'an array of `{ paths, policy }`, in which `paths` is without `=`',
  fits: (value) => Array.isArray(value) && value.every(isCacheRule),
};

// The command takes `PATHS=POLICY` apart at the first `=`.
function isCacheRule(rule) {
  return (
    typeof rule === 'object' &&
    rule !== null &&
    Object.keys(rule).sort().join() === 'paths,policy' &&
    text.fits(rule.paths) &&
    text.fits(rule.policy) &&
    !rule.paths.includes('=')
  );
}

const list = (name) => (values) => [`${name}=${values.length > 0 ? values.join() : 'none'}`];
const each = (name) => (values) => values.map((value) => `${name}=${value}`);
const value = (name) => (it) => [`${name}=${it}`];

/**
 * All options, with the form of the value and the flags that it becomes. Those without flags say
 * what is packed, and where to: the integration gives them to the command in any case.
 */
const OPTIONS = {
  dist: { ...path },
  out: { ...path },
  host: { ...text },
  config: { ...path, flags: (it, root) => [`--config=${toPath(it, root)}`] },
  minify: { ...texts, flags: list('--minify') },
  cssTargets: { ...texts, flags: each('--css-target') },
  encodings: { ...texts, flags: list('--encodings') },
  sourceMaps: { ...text, flags: value('--source-maps') },
  dotfiles: { ...text, flags: value('--dotfiles') },
  strict: { ...flag, flags: (it) => (it ? ['--strict'] : []) },
  cache: {
    ...cacheRules,
    flags: (rules) => rules.map(({ paths, policy }) => `--cache=${paths}=${policy}`),
  },
  effort: { ...text, flags: value('--effort') },
  cacheDir: {
    ...path,
    flags: (it, root) => [`--cache-dir=${it === 'none' ? it : toPath(it, root)}`],
  },
  identity: { ...text, flags: value('--identity') },
  earlyHints: { ...flag, flags: (it) => (it ? ['--early-hints'] : []) },
  compat: { ...text, flags: value('--compat') },
  htmlHandling: { ...text, flags: value('--html-handling') },
  notFoundHandling: { ...text, flags: value('--not-found-handling') },
  strictCompat: { ...flag, flags: (it) => (it ? ['--strict-compat'] : []) },
  headersOnSsr: { ...flag, flags: (it) => (it ? ['--headers-on-ssr'] : []) },
  serverCode: { ...text, flags: value('--server-code') },
  spillAbove: { ...text, flags: value('--spill-above') },
  budget: { ...text, flags: value('--budget') },
  args: { ...texts, flags: (it) => it },
};

/** The names of all options. */
export const OPTION_NAMES = Object.keys(OPTIONS);

/**
 * Checks the form of the options.
 *
 * @throws naming the option that is unknown or has a value of another form
 */
export function checkOptions(options) {
  for (const [name, value] of Object.entries(options)) {
    const option = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
    if (!option) {
      throw new Error(
        `worker-pack has no option \`${name}\`. There are ${OPTION_NAMES.join(', ')}; ` +
          'any other flag of the command goes into `args`.',
      );
    }
    if (value !== undefined && !option.fits(value)) {
      throw new Error(`the option \`${name}\` of worker-pack has to be ${option.form}`);
    }
  }
}

/** Returns the flags that the options stand for; paths are relative to the project's folder. */
export function toFlags(options, root) {
  return OPTION_NAMES.flatMap((name) => {
    const { flags } = OPTIONS[name];
    return flags && options[name] !== undefined ? flags(options[name], root) : [];
  });
}

/** Returns the path that an option gives, which is relative to the project's folder. */
export function toPath(value, root) {
  return value instanceof URL ? fileURLToPath(value) : resolve(root, value);
}
