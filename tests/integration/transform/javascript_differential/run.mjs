// Runs programs before and after packing, and prints those that differ as lines of JSON.
//
//     node --experimental-vm-modules run.mjs programs.json
//
// The file has a list of `{ name, kind, before, after }`. Each program runs in a context of its own,
// and leaves a record: what it gave to `seen`, its completion value, the error that it threw, and the
// globals that it left. Minified functions have other names and another text, so a function is its
// kind and its number of parameters, unless `names` is `kept`.

import { readFileSync } from 'node:fs';
import vm from 'node:vm';

// Programs throw on purpose, also where no one waits for them.
process.on('unhandledRejection', () => {});

const HOST = `
  const inspect = (value) => describe(value, 0);
  globalThis.seen = (...values) => { record.push(values.map(inspect).join(' ')); return values[0] };
  globalThis.fail = () => { record.push('fail'); throw new RangeError('failed') };
  globalThis.proxy = new Proxy({ key: 'v', other: 'w' }, Object.fromEntries(
    ['get', 'has', 'ownKeys', 'deleteProperty', 'getOwnPropertyDescriptor', 'set'].map((trap) => [
      trap,
      (target, key, ...rest) => {
        record.push(trap + ' ' + String(key ?? ''));
        return Reflect[trap](target, ...(trap === 'ownKeys' ? [] : [key, ...rest]));
      },
    ]),
  ));
  globalThis.getter = { get x() { record.push('getter'); return 'got' } };
  globalThis.iterable = { *[Symbol.iterator]() { try { yield 1; yield 2; yield 3 } finally { record.push('closed') } } };
  globalThis.text = { toString() { record.push('toString'); return 'text' } };
  globalThis.number = { valueOf() { record.push('valueOf'); return 7 } };
  globalThis.unknown = undefined;
`;

/** Describes a value so that two contexts can be compared. */
function describe(value, depth) {
  if (typeof value === 'function') {
    const kind = /^class\b/.test(Function.prototype.toString.call(value)) ? 'class' : 'function';
    const own = Object.keys(value).map((key) => `${key}: ${describe(value[key], depth + 1)}`);
    let length, name;
    try { length = value.length; name = names ? ` ${value.name}` : '' } catch { length = '?' }
    return `${kind}${name ?? ''}/${length}${own.length ? `{${own}}` : ''}`;
  }
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'symbol') return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value);
  if (depth > 4) return '…';
  const tag = Object.prototype.toString.call(value);
  if (tag === '[object Error]') return `${value.name}`;
  if (tag === '[object RegExp]') return `regexp ${value.source} ${value.flags} ${value.lastIndex}`;
  const parts = [];
  for (const key of Reflect.ownKeys(value)) {
    const own = Object.getOwnPropertyDescriptor(value, key);
    parts.push(`${String(key)}: ${own.get || own.set ? 'accessor' : describe(own.value, depth + 1)}`);
  }
  const prototype = Object.getPrototypeOf(value);
  const rest = prototype === null ? ' null' : Object.hasOwn(prototype, 'constructor') ? '' : ' own';
  return `${tag}${rest} {${parts.join(', ')}}`;
}

let names = false;

async function run({ kind, keeps }, source) {
  names = keeps === 'names';
  const record = [];
  const context = vm.createContext({ record, describe });
  vm.runInContext(HOST, context);
  const before = new Set(Reflect.ownKeys(context));
  let end;
  try {
    if (kind === 'module') {
      const module = new vm.SourceTextModule(source, { context });
      await module.link(() => { throw new Error('no imports') });
      await module.evaluate();
      const exported = Object.keys(module.namespace).sort();
      end = exported.map((key) => `${key}: ${describe(module.namespace[key], 0)}`).join(', ');
    } else {
      end = describe(new vm.Script(source).runInContext(context), 0);
    }
  } catch (error) {
    end = `threw ${typeof error === 'object' && error && 'name' in error ? error.name : describe(error, 0)}`;
  }
  // Promises of the program are settled before the next turn of the event loop.
  await new Promise(setImmediate);
  const globals = Reflect.ownKeys(context).filter((key) => !before.has(key)).map(String);
  const values = globals.map((key) => {
    const own = Object.getOwnPropertyDescriptor(context, key);
    const lexical = own?.get ? 'accessor' : describe(own?.value, 0);
    return `${key} = ${lexical}${own?.configurable ? '' : ' fixed'}`;
  });
  return [`end ${end}`, ...record, ...values.sort()].join('\n');
}

const programs = JSON.parse(readFileSync(process.argv[2], 'utf8'));
let different = 0;
for (const program of programs) {
  const [was, is] = [await run(program, program.before), await run(program, program.after)];
  if (was === is) continue;
  different += 1;
  console.log(JSON.stringify({ ...program, was, is }));
}
console.log(`compared ${programs.length}, different ${different}`);
