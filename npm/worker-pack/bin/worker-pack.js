#!/usr/bin/env node
// Runs the program for this machine, and ends with its exit code or signal.

import { findBinary } from '../lib/binary.js';
import { endLike, run } from '../lib/run.js';

try {
  endLike(await run(findBinary(), process.argv.slice(2), { stdio: 'inherit' }));
} catch (error) {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
}
