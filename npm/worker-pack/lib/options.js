// The options of the integration and the flags that they become. Only the form of a value is checked
// here; the command checks its meaning.

import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const text = {
  form: 'a string',
  fits: (value) => typeof value === 'string' && value !== '',
};
const path = {
  form: 'a path or a `file:` URL',
  fits: (value) => text.fits(value) || (value instanceof URL && value.protocol === 'file:'),
};
const texts = {
  form: 'an array of strings',
  fits: (value) => Array.isArray(value) && value.every(text.fits),
};
const listOfTexts = {
  form: 'an array of strings, or `off`',
  fits: isOffOrTexts,
};
const number = {
  form: 'a whole number',
  fits: (value) => Number.isInteger(value) && value >= 0,
};
const onOff = {
  form: '`true` or `false`',
  fits: (value) => typeof value === 'boolean',
};

/** The settings of a rule by path: whether a value fits, and its text in the flag. */
const SETTINGS = {
  minify: { fits: isOffOrTexts, text: listOrOff },
  encodings: { fits: isOffOrTexts, text: listOrOff },
  publish: { fits: (value) => typeof value === 'boolean', text: String },
  cache: { fits: text.fits, text: String },
  contentType: { fits: text.fits, text: String },
};

const rules = {
  form:
    'an array of objects with `paths` and some of `minify`, `encodings`, `publish`, `cache`, ' +
    '`contentType`',
  fits: (value) => Array.isArray(value) && value.every(isRule),
};

function isRule(rule) {
  return (
    isObject(rule) &&
    (isPath(rule.paths) || (isFilled(rule.paths) && rule.paths.every(isPath))) &&
    Object.entries(rule).every(
      ([name, value]) =>
        name === 'paths' ||
        value === undefined ||
        (Object.hasOwn(SETTINGS, name) && SETTINGS[name].fits(value)),
    )
  );
}

// In the flag, a word with `=` after the name of a setting begins a setting, and one with `/` or `*` a path.
function isPath(value) {
  return (
    text.fits(value) && !/ (?:[/*]|(?:minify|encodings|publish|cache|content-type)=)/.test(value)
  );
}

function isFilled(value) {
  return Array.isArray(value) && value.length > 0;
}

function isOffOrTexts(value) {
  return value === 'off' || texts.fits(value);
}

function listOrOff(value) {
  return Array.isArray(value) && value.length > 0 ? value.join() : 'off';
}

/** The parts of a budget after its limit: whether a value fits. */
const PARTS = {
  page: text.fits,
  type: text.fits,
  file: (value) => text.fits(value) || (isFilled(value) && value.every(text.fits)),
  coding: text.fits,
  name: text.fits,
};

const budgets = {
  form: 'an array of objects with `limit` and some of `page`, `type`, `file`, `coding`, `name`',
  fits: (value) => Array.isArray(value) && value.every(isBudget),
};

function isBudget(budget) {
  return (
    isObject(budget) &&
    (text.fits(budget.limit) || number.fits(budget.limit)) &&
    Object.entries(budget).every(
      ([name, value]) =>
        name === 'limit' ||
        value === undefined ||
        // In the flag, a word with `=` after the name of a part begins a part.
        (Object.hasOwn(PARTS, name) && PARTS[name](value) && [value].flat().every(isOnePart)),
    )
  );
}

function isOnePart(value) {
  return !/ (?:page|type|file|coding|name)=/.test(value);
}

/** The bounds of `keep`: whether a value fits. */
const BOUNDS = {
  builds: number.fits,
  maxAge: text.fits,
  maxBytes: (value) => text.fits(value) || number.fits(value),
  store: path.fits,
};

const keep = {
  form: '`true`, `false`, a number of builds, or an object with some of `builds`, `maxAge`, `maxBytes`, `store`',
  fits: (value) =>
    typeof value === 'boolean' ||
    number.fits(value) ||
    (isObject(value) &&
      !Array.isArray(value) &&
      Object.entries(value).every(
        ([name, bound]) =>
          bound === undefined || (Object.hasOwn(BOUNDS, name) && BOUNDS[name](bound)),
      )),
};

/** Returns the value of `keep` as in the flag: `on`, `off`, a number, or `BOUND=VALUE …`. */
function keepText(value, root) {
  if (!isObject(value)) return typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);
  const words = Object.keys(BOUNDS)
    .filter((name) => value[name] !== undefined)
    .map((name) =>
      name === 'store'
        ? `store=${toPath(value.store, root)}`
        : `${kebabCase(name)}=${value[name]}`,
    );
  return words.length > 0 ? words.join(' ') : 'on';
}

/** Returns a budget as in the flag: `LIMIT PART=VALUE …`. */
function budgetText({ limit, ...parts }) {
  const words = Object.keys(PARTS).flatMap((name) =>
    parts[name] === undefined ? [] : [parts[name]].flat().map((value) => `${name}=${value}`),
  );
  return [limit, ...words].join(' ');
}

/** Returns a rule as in the flag: `PATHS SETTING=VALUE …`. */
function ruleText({ paths, ...settings }) {
  const set = Object.entries(SETTINGS).filter(([name]) => settings[name] !== undefined);
  const words = set.map(([name, { text }]) => `${kebabCase(name)}=${text(settings[name])}`);
  return [paths].flat().concat(words).join(' ');
}

function kebabCase(name) {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function isObject(value) {
  return typeof value === 'object' && value !== null;
}

const value = (name) => (it) => [`${name}=${it}`];
const list = (name) => (values) => [`${name}=${listOrOff(values)}`];
const each = (name) => (values) => values.map((value) => `${name}=${value}`);
const onOrOff = (name) => (isOn) => [`${name}=${isOn ? 'on' : 'off'}`];

/** The limits of a Worker: the form of each value, and its flag. */
const LIMITS = {
  size: { ...text, flags: value('--limit-size') },
  gzipMarks: { ...texts, flags: list('--limit-gzip-marks') },
  memory: { ...text, flags: value('--limit-memory') },
  startupMark: { ...number, flags: value('--limit-startup-mark') },
  staticAsset: { ...text, flags: value('--limit-static-asset') },
  staticAssets: { ...number, flags: value('--limit-static-assets') },
  r2Upload: { ...text, flags: value('--limit-r2-upload') },
};

/** The names of all limits. */
export const LIMIT_NAMES = Object.keys(LIMITS);

const limits = {
  form: `an object with some of ${LIMIT_NAMES.join(', ')}: sizes as strings, counts as numbers`,
  fits: (value) =>
    isObject(value) &&
    Object.entries(value).every(
      ([name, limit]) =>
        Object.hasOwn(LIMITS, name) && (limit === undefined || LIMITS[name].fits(limit)),
    ),
};

/**
 * All options: the form of each value, and its flags. The integration itself passes those without
 * flags, which say what to pack and where to write.
 */
const OPTIONS = {
  dist: { ...path },
  out: { ...path },
  target: { ...text },
  config: { ...path, flags: (it, root) => [`--config=${toPath(it, root)}`] },
  minify: { ...listOfTexts, flags: list('--minify') },
  cssTargets: { ...texts, flags: each('--css-targets') },
  keepComments: { ...texts, flags: each('--keep-comments') },
  encodings: { ...listOfTexts, flags: list('--encodings') },
  effort: { ...text, flags: value('--effort') },
  pictures: { ...text, flags: value('--pictures') },
  pictureQuality: { ...number, flags: value('--picture-quality') },
  identity: { ...text, flags: value('--identity') },
  sourceMaps: { ...text, flags: value('--source-maps') },
  dotfiles: { ...text, flags: value('--dotfiles') },
  rule: { ...rules, flags: (rules) => rules.map((rule) => `--rule=${ruleText(rule)}`) },
  budgets: {
    ...budgets,
    flags: (budgets) => budgets.map((budget) => `--budgets=${budgetText(budget)}`),
  },
  keep: { ...keep, flags: (it, root) => [`--keep=${keepText(it, root)}`] },
  fingerprints: { ...text, flags: value('--fingerprints') },
  integrity: { ...text, flags: value('--integrity') },
  strictness: { ...text, flags: value('--strictness') },
  earlyHints: { ...onOff, flags: onOrOff('--early-hints') },
  dictionaries: { ...text, flags: value('--dictionaries') },
  csp: { ...text, flags: value('--csp') },
  cspAttributes: { ...text, flags: value('--csp-attributes') },
  cspAdd: { ...texts, flags: each('--csp-add') },
  compat: { ...text, flags: value('--compat') },
  htmlHandling: { ...text, flags: value('--html-handling') },
  notFoundHandling: { ...text, flags: value('--not-found-handling') },
  fidelity: { ...text, flags: value('--fidelity') },
  cacheDir: {
    ...path,
    flags: (it, root) => [`--cache-dir=${it === 'none' ? it : toPath(it, root)}`],
  },
  cacheSize: { ...text, flags: value('--cache-size') },
  engine: { ...path, flags: (it, root) => [`--engine=${toPath(it, root)}`] },
  headersOnSsr: {
    form: '`true`, `false` or `with-policies`',
    fits: (value) => typeof value === 'boolean' || value === 'with-policies',
    flags: (it) =>
      typeof it === 'boolean' ? onOrOff('--headers-on-ssr')(it) : [`--headers-on-ssr=${it}`],
  },
  serverCode: { ...text, flags: value('--server-code') },
  spillAbove: { ...text, flags: value('--spill-above') },
  budget: { ...text, flags: value('--budget') },
  spillTo: { ...text, flags: value('--spill-to') },
  deployConfig: { ...text, flags: value('--deploy-config') },
  siteData: { ...text, flags: value('--site-data') },
  limits: { ...limits, flags: (values) => flagsOf(LIMITS, values) },
  args: { ...texts, flags: (it) => it },
};

/** The names of all options. */
export const OPTION_NAMES = Object.keys(OPTIONS);

/**
 * Checks the names and forms of the options.
 *
 * @throws if an option is unknown or its value has another form
 */
export function checkOptions(options) {
  for (const [name, value] of Object.entries(options)) {
    const option = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
    if (!option) {
      throw new Error(
        `worker-pack has no option \`${name}\`, only ${OPTION_NAMES.join(', ')}. Pass other flags ` +
          'of the command in `args`.',
      );
    }
    if (value !== undefined && !option.fits(value)) {
      throw new Error(`the option \`${name}\` of worker-pack must be ${option.form}`);
    }
  }
}

/** Returns the flags of the options. Paths are relative to the project's folder. */
export function toFlags(options, root) {
  return flagsOf(OPTIONS, options, root);
}

function flagsOf(known, values, root) {
  return Object.entries(known).flatMap(([name, { flags }]) =>
    flags && values[name] !== undefined ? flags(values[name], root) : [],
  );
}

/** Returns the absolute path of an option that is relative to the project's folder. */
export function toPath(value, root) {
  return value instanceof URL ? fileURLToPath(value) : resolve(root, value);
}
