// Reads style sheets before and after packing in a browser, and prints those that differ.
//
//     node run.mjs sheets.json
//
// The file has a list of `{ name, kind, before, after }`. Sheets of the kind `written` have to be the
// same to the object model. Sheets of the kind `compiled` have to give each element of a page the same
// computed values. `WORKER_PACK_TOOLS` and `WORKER_PACK_CHROMIUM` are those of `tests/worker`.

import { readFileSync } from 'node:fs';

import { startBrowser } from '../../../worker/visitor.mjs';

const PAGE = `<!doctype html><html lang=en><body><style id=sheet></style><div class="box card" id=box>
  <div class="a row" title=t data-x="a b">a<i>i</i></div><div class="b a row title note">b<i>i</i></div>
  <div class="x c"><p class="a b c">deep <b class=b>b</b></p></div><div class="c">c</div>
  <div class="row" data-x=1></div><p class="note A a:b w-1/2 10">n</p><button>b</button>
  <button class="b c">b</button><input class=a type=text placeholder=p><textarea></textarea>
  <a class=a href=x>x</a><ol><li>l</li></ol></div></body></html>`;

/** Describes the rules of two sheets. Runs in the page. */
function model(texts) {
  const style = document.getElementById('sheet');
  const rules = (list) =>
    [...list].map((rule) => {
      const head = ['selectorText', 'conditionText', 'name', 'keyText', 'nameList', 'layerName',
        'prelude', 'syntax', 'initialValue', 'inherits', 'start', 'end', 'containerQuery', 'symbols']
        .filter((key) => key in rule)
        .map((key) => `${key}=${rule[key]}`);
      // Nested rules come after the declarations in the text, but not always in the sheet.
      const own = rule.style ? [...rule.style].map((name) => [name, rule.style.getPropertyValue(name),
        rule.style.getPropertyPriority(name)].join(' ')) : [];
      return [rule.constructor.name, ...head, ...own, ...(rule.cssRules ? rules(rule.cssRules) : [])];
    });
  return texts.map((text) => {
    style.textContent = text;
    // Values that are not parsed yet, such as those with `var()`, keep their white space.
    return [JSON.stringify(rules(style.sheet.cssRules)).replace(/\( +| +\)| *, */g, (one) => one.trim())];
  });
}

/** Describes the computed values that two sheets set, for all elements. Runs in the page. */
function computed(texts) {
  const style = document.getElementById('sheet');
  const canvas = (globalThis.canvas ??= new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true }));
  // A colour is compared by what is painted, to some parts in 255.
  const painted = (one) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = one;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].map((part) => Math.round(part / 6)).join(' ');
  };
  const angles = { 'to top': '0deg', 'to right': '90deg', 'to bottom': '180deg', 'to left': '270deg' };
  const normal = (value) =>
    value
      .replace(/\b(?:rgba?|oklch|oklab|lch|lab|color)\([^()]*\)/g, painted)
      .replace(/\bto (?:top|right|bottom|left)\b/g, (side) => angles[side])
      .replace(/\s*([(),])\s*/g, '$1');
  const names = new Set(['color', 'width']);
  const collect = (rule) => {
    for (const name of rule.style ?? []) names.add(name);
    for (const inner of rule.cssRules ?? []) collect(inner);
  };
  for (const text of texts) {
    style.textContent = text;
    for (const rule of style.sheet.cssRules) collect(rule);
  }
  return texts.map((text) => {
    style.textContent = text;
    document.body.getBoundingClientRect();
    // Nothing may depend on the time.
    for (const animation of document.getAnimations()) {
      if (animation instanceof CSSTransition) animation.finish();
      else animation.pause();
      try { animation.currentTime = animation instanceof CSSTransition ? animation.currentTime : 300 } catch {}
    }
    const found = [];
    for (const element of document.querySelectorAll('body, body :not(style)')) {
      for (const pseudo of [null, '::before', '::after']) {
        const values = getComputedStyle(element, pseudo);
        if (pseudo && values.content === 'none') continue;
        for (const name of names) {
          const value = normal(values.getPropertyValue(name));
          found.push(`${element.tagName}.${element.className}${pseudo ?? ''} ${name}: ${value}`);
        }
      }
    }
    return found;
  });
}

const sheets = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const browser = await startBrowser();
try {
  const page = await browser.newPage();
  await page.setContent(PAGE);
  let different = 0;
  for (const sheet of sheets) {
    const texts = [sheet.before, sheet.after];
    const [was, is] = sheet.kind === 'written'
      ? await page.evaluate(model, texts)
      : await page.evaluate(computed, texts);
    const found = was.flatMap((one, index) => (one === is[index] ? [] : [one, is[index]])).slice(0, 6);
    if (found.length === 0) continue;
    different += 1;
    console.log(JSON.stringify({ ...sheet, found }));
  }
  console.log(`compared ${sheets.length}, different ${different}`);
} finally {
  await browser.close();
}
