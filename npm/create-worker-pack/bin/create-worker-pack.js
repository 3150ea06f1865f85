#!/usr/bin/env node
// Makes a project, installs its packages, and tells the next steps.

import { parseArgs } from 'node:util';

import { create, CreateError } from '../lib/create.js';
import { install, packageManager } from '../lib/package_manager.js';

const HELP = `Makes an Astro project whose Cloudflare Worker serves every file itself.

Usage: npm create worker-pack@latest [FOLDER] [-- --no-install]

  FOLDER        folder of the project, made if it is missing [default: worker-pack-site]
  --no-install  do not install the packages
  --help        print this help
`;

function parse() {
  const options = { help: { type: 'boolean' }, 'no-install': { type: 'boolean' } };
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  if (positionals.length > 1) throw new Error(`one folder is expected, not ${positionals.length}`);
  return { help: values.help, installs: !values['no-install'], folder: positionals[0] };
}

async function main() {
  let args;
  try {
    args = parse();
  } catch (error) {
    console.error(`error: ${error.message}\n\n${HELP}`);
    return 2;
  }
  if (args.help) {
    console.log(HELP.trimEnd());
    return 0;
  }
  const folder = args.folder ?? 'worker-pack-site';
  try {
    const { name, files } = create(folder);
    console.log(`${name}: ${files.length} files in ${folder}`);
  } catch (error) {
    if (!(error instanceof CreateError)) throw error;
    console.error(`error: ${error.message}`);
    return 1;
  }
  const manager = packageManager(process.env.npm_config_user_agent);
  const installed = args.installs && (await install(manager, folder));
  if (args.installs && !installed) {
    console.error(`warning: \`${manager} install\` failed; the project is complete without it`);
  }
  const steps = [
    ...(folder === '.' ? [] : [['go there', `cd ${/^[\w./@-]+$/.test(folder) ? folder : `'${folder}'`}`]]),
    ...(installed ? [] : [['install', `${manager} install`]]),
    ['edit it', `${manager} run dev`],
    ['pack it', `${manager} run build`],
    ['try it', `${manager} run preview`],
    ['deploy it', `${manager} run deploy`],
  ];
  const width = Math.max(...steps.map(([what]) => what.length));
  console.log(`\nnext\n${steps.map(([what, how]) => `  ${what.padStart(width)}  ${how}`).join('\n')}`);
  return 0;
}

process.exitCode = await main();
