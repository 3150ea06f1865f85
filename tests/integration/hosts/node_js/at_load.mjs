// A chunk that looks at the globals while it is loaded, as Astro's renderer does.

export const atLoad = {
  process: Object.prototype.toString.call(globalThis.process),
  buffer: typeof Buffer,
  console: typeof console.Console,
};
