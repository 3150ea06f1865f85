// The documented behaviour of libraries: each function uses one, and returns what it did and what its
// documentation says, in turn. The page is empty but for `<main id="main">`.

const main = () => document.getElementById('main');
const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
const thrown = (action) => {
  try {
    action();
    return 'nothing';
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
};

globalThis.behaviours = {
  acorn(acorn) {
    const program = acorn.parse('let answer = `${6 * 7}`; export default answer ?? null', {
      ecmaVersion: 'latest',
      sourceType: 'module',
    });
    const tokens = [...acorn.tokenizer('a /= /b/u.test(c)', { ecmaVersion: 2020 })];
    class Shouting extends acorn.Parser {
      parseLiteral(value) {
        const node = super.parseLiteral(value);
        return typeof value === 'string' ? { ...node, value: value.toUpperCase() } : node;
      }
    }
    return [
      [program.body.map((one) => one.type), ['VariableDeclaration', 'ExportDefaultDeclaration']],
      [program.body[1].declaration.operator, '??'],
      [tokens.map((token) => token.type.label), ['name', '_=', 'regexp', '.', 'name', '(', 'name', ')']],
      [thrown(() => acorn.parse('let x = ;', { ecmaVersion: 6 })), 'SyntaxError: Unexpected token (1:8)'],
      [Shouting.parse('"a"', { ecmaVersion: 6 }).body[0].expression.value, 'A'],
      [acorn.isIdentifierStart(0x61) && !acorn.isIdentifierStart(0x31), true],
    ];
  },

  async alpine(module) {
    const Alpine = module.default ?? module;
    if (module.default) Alpine.start();
    main().innerHTML = `
      <div x-data="{ count: 1, items: ['a', 'b'], get double() { return this.count * 2 } }">
        <button @click="count++" x-text="count"></button>
        <b x-show="count > 1" x-bind:title="double">shown</b>
        <template x-for="(item, index) in items" :key="item"><i x-text="index + item"></i></template>
        <input x-model.number="count">
      </div>`;
    await frame();
    const [button, bold, input] = ['button', 'b', 'input'].map((name) => main().querySelector(name));
    const first = [button.textContent, bold.style.display, bold.title];
    button.click();
    await Alpine.nextTick();
    await frame();
    const second = [button.textContent, bold.style.display, bold.title];
    input.value = '20';
    input.dispatchEvent(new Event('input'));
    await Alpine.nextTick();
    const state = Alpine.reactive({ value: 1 });
    let seen;
    Alpine.effect(() => (seen = state.value * 10));
    state.value = 5;
    await Alpine.nextTick();
    return [
      [first, ['1', 'none', '2']],
      [second, ['2', '', '4']],
      [button.textContent, '20'],
      [[...main().querySelectorAll('i')].map((one) => one.textContent), ['0a', '1b']],
      [seen, 50],
    ];
  },

  async chart(Chart) {
    main().innerHTML = '<canvas width="300" height="200"></canvas>';
    const clicked = [];
    const chart = new Chart(main().firstChild, {
      type: 'bar',
      data: { labels: ['a', 'b', 'c'], datasets: [{ label: 'd', data: [1, 5, 3] }] },
      options: { animation: false, responsive: false, onHover: () => clicked.push('hover') },
      plugins: [{ id: 'mine', afterDraw: () => clicked.push('drawn') }],
    });
    const bars = chart.getDatasetMeta(0).data;
    const heights = bars.map((bar) => bar.y);
    chart.data.datasets[0].data[0] = 10;
    chart.update();
    const result = [
      [heights[1] < heights[2] && heights[2] < heights[0], true],
      [chart.scales.y.max, 10],
      [clicked.includes('drawn'), true],
      [chart.getDatasetMeta(0).controller.constructor.id, 'bar'],
      [Chart.defaults.datasets.bar.categoryPercentage, 0.8],
    ];
    chart.destroy();
    return [...result, [Chart.getChart(main().firstChild), undefined]];
  },

  async d3(d3) {
    d3.select('#main')
      .selectAll('p')
      .data([3, 1, 2])
      .join('p')
      .sort(d3.ascending)
      .text((value) => `#${value}`)
      .classed('odd', (value) => value % 2);
    const tree = d3.tree().size([100, 100])(d3.hierarchy({ children: [{}, { children: [{}] }] }));
    return [
      [main().textContent, '#1#2#3'],
      [document.querySelectorAll('.odd').length, 2],
      [d3.scaleLinear([0, 10], [0, 100])(4), 40],
      [d3.scaleTime([new Date(0), new Date(8.64e7)], [0, 1]).ticks(3).length > 1, true],
      [d3.format(',.2f')(1234567.891), '1,234,567.89'],
      [d3.line()([[0, 0], [1, 2], [3, 4]]), 'M0,0L1,2L3,4'],
      [d3.csvParse('a,b\n1,"x,y"').map(({ a, b }) => [a, b]), [['1', 'x,y']]],
      [d3.interpolateRgb('red', 'blue')(0.5), 'rgb(128, 0, 128)'],
      [tree.descendants().map((node) => node.depth), [0, 1, 1, 2]],
      [[...d3.rollup([1, 2, 3, 4], (values) => d3.sum(values), (value) => value % 2)], [[1, 4], [0, 6]]],
      [d3.utcFormat('%Y-%m-%d')(new Date(0)), '1970-01-01'],
      [d3.geoArea({ type: 'Sphere' }).toFixed(4), '12.5664'],
    ];
  },

  dayjs(dayjs) {
    const day = dayjs('2024-01-31T10:20:30');
    return [
      [day.add(1, 'month').format('YYYY-MM-DD'), '2024-02-29'],
      [day.format('dddd, MMM D, YY [at] HH:mm A'), 'Wednesday, Jan 31, 24 at 10:20 AM'],
      [day.diff(dayjs('2023-12-25'), 'day'), 37],
      [day.startOf('year').format('YYYY-MM-DD HH:mm'), '2024-01-01 00:00'],
      [dayjs('nonsense').isValid(), false],
      [[day.isBefore('2025-01-01'), day.endOf('week').day()], [true, 6]],
    ];
  },

  decimal(module) {
    const Decimal = module.default ?? module;
    const precise = Decimal.clone({ precision: 40 });
    return [
      [new Decimal('0.1').plus('0.2').toString(), '0.3'],
      [new precise(2).sqrt().toString(), '1.41421356237309504880168872420969807857'],
      [new Decimal('-12.5').toFixed(0), '-13'],
      [new Decimal(255).toHex(), '0xff'],
      [Decimal.max(1, '3.5', 2).toNumber(), 3.5],
      [precise.exp(1).toString(), '2.718281828459045235360287471352662497757'],
      [thrown(() => new Decimal('x')), 'Error: [DecimalError] Invalid argument: x'],
    ];
  },

  dompurify(module) {
    const DOMPurify = module.default ?? module;
    const clean = (html, options) => DOMPurify.sanitize(html, options);
    const hooked = [];
    DOMPurify.addHook('afterSanitizeAttributes', (node) => node.hasAttribute?.('href') && hooked.push(node.tagName));
    return [
      [clean('<img src=x onerror=alert(1)//>'), '<img src="x">'],
      [clean('<svg><g/onload=alert(2)//<p>'), '<svg><g></g></svg>'],
      [clean('<math><mi//xlink:href="data:x,<script>alert(4)</script>">'), '<math><mi></mi></math>'],
      [clean('<a href="javascript:alert(1)">x</a><a href="/y">y</a>'), '<a>x</a><a href="/y">y</a>'],
      [clean('<b><i>x</i></b>', { ALLOWED_TAGS: ['b'] }), '<b>x</b>'],
      [hooked, ['A']],
      [DOMPurify.isSupported, true],
    ];
  },

  async fflate(fflate) {
    const text = 'fflate is fast. '.repeat(5000);
    const bytes = fflate.strToU8(text);
    const again = (packed) => fflate.strFromU8(fflate.decompressSync(packed)) === text;
    const zipped = fflate.zipSync({ 'a.txt': bytes, folder: { 'b.txt': fflate.strToU8('b') } });
    // A worker is made of the text of the library's own functions.
    const large = new Uint8Array(600_000).map((_, index) => (index * index) & 255);
    const inWorker = await new Promise((done, fail) =>
      fflate.gzip(large, { level: 6 }, (error, data) => (error ? fail(error) : done(data))),
    );
    const back = await new Promise((done, fail) =>
      fflate.gunzip(inWorker, (error, data) => (error ? fail(error) : done(data))),
    );
    const unzipped = await new Promise((done, fail) =>
      fflate.unzip(fflate.zipSync({ x: large }), (error, data) => (error ? fail(error) : done(data))),
    );
    const parts = [];
    const stream = new fflate.Inflate((chunk) => parts.push(chunk.length));
    stream.push(fflate.deflateSync(bytes), true);
    return [
      [[fflate.gzipSync(bytes), fflate.zlibSync(bytes), fflate.deflateSync(bytes)].map(again), [true, true, true]],
      [Object.keys(fflate.unzipSync(zipped)), ['a.txt', 'folder/', 'folder/b.txt']],
      [back.length === large.length && back.every((byte, index) => byte === large[index]), true],
      [unzipped.x.length, large.length],
      [parts.reduce((sum, part) => sum + part, 0), bytes.length],
      [thrown(() => fflate.gunzipSync(new Uint8Array(20))), 'Error: invalid gzip data'],
    ];
  },

  handlebars(Handlebars) {
    Handlebars.registerHelper('loud', (text) => text.toUpperCase());
    Handlebars.registerPartial('item', '<li>{{name}}{{#if @last}}.{{/if}}</li>');
    const template = Handlebars.compile('{{#each list}}{{> item}}{{else}}none{{/each}}{{loud word}}{{{raw}}}{{raw}}');
    return [
      [template({ list: [{ name: 'a' }, { name: 'b' }], word: 'x', raw: '<b>' }), '<li>a</li><li>b.</li>X<b>&lt;b&gt;'],
      [template({ word: 'y' }), 'noneY'],
      [Handlebars.compile('{{#with a}}{{b}}{{../c}}{{/with}}')({ a: { b: 1 }, c: 2 }), '12'],
      [typeof Handlebars.precompile('{{x}}'), 'string'],
      [thrown(() => Handlebars.compile('{{#if}}')({})).split('\n')[0], 'Error: Parse error on line 1:'],
    ];
  },

  highlight(module) {
    const hljs = module.default ?? module;
    main().innerHTML = '<pre><code class="language-css">a { color: red }</code></pre>';
    hljs.highlightElement(main().querySelector('code'));
    return [
      [hljs.highlight('let x = 1', { language: 'javascript' }).value, '<span class="hljs-keyword">let</span> x = <span class="hljs-number">1</span>'],
      [hljs.highlightAuto('#include <stdio.h>\nint main() { return 0; }', ['cpp', 'css']).language, 'cpp'],
      [hljs.getLanguage('py').name, 'Python'],
      [main().querySelector('code').classList.contains('hljs'), true],
      [main().querySelector('.hljs-selector-tag')?.textContent, 'a'],
    ];
  },

  async htmx(module) {
    const htmx = module.default ?? module;
    main().innerHTML = '<button hx-get="/fragment.txt" hx-target="#target">load</button><p id="target">-</p>';
    htmx.process(main());
    main().querySelector('button').click();
    while (document.getElementById('target').textContent === '-') await frame();
    await frame();
    let heard = 0;
    htmx.on('mine', () => (heard += 1));
    htmx.trigger(document.body, 'mine');
    return [
      [document.getElementById('target').textContent.trim(), 'fragment'],
      [heard, 1],
      [htmx.find('#target') === document.getElementById('target'), true],
      [htmx.parseInterval('2s'), 2000],
    ];
  },

  immutable(Immutable) {
    const { List, Map, Set, Record, fromJS, is, Range, OrderedMap } = Immutable;
    const Point = Record({ x: 0, y: 0 }, 'Point');
    return [
      [fromJS({ a: { b: [1, 2] } }).setIn(['a', 'b', 0], 9).toJS(), { a: { b: [9, 2] } }],
      [is(Map({ a: 1 }), Map({ a: 1 })), true],
      [List([1, 2, 3]).map((x) => x * 2).toString(), 'List [ 2, 4, 6 ]'],
      [Set(['a', 'b', 'a']).size, 2],
      [new Point({ x: 1 }).toString(), 'Point { x: 1, y: 0 }'],
      [Range(0, Infinity).filter((x) => x % 3 === 0).take(3).toArray(), [0, 3, 6]],
      [OrderedMap([['b', 1], ['a', 2]]).keySeq().toArray(), ['b', 'a']],
      [Map({ a: 1 }).withMutations((map) => map.set('b', 2).delete('a')).toObject(), { b: 2 }],
    ];
  },

  async jquery(module) {
    const $ = module.jQuery ?? module.default ?? module;
    $('#main').append('<ul><li>a<li class=x>b<li>c</ul>').on('click', 'li', function () { $(this).addClass('hit') });
    $('li.x').trigger('click').next().css('opacity', 0.5).data('key', { deep: 1 });
    const text = await $.ajax('/fragment.txt');
    const queue = [];
    $('#main').queue('mine', (next) => { queue.push(1); next() }).queue('mine', () => queue.push(2)).dequeue('mine');
    await $.Deferred().resolve().then(() => queue.push(3));
    return [
      [$('li').map((index, one) => index + $(one).text()).get(), ['0a', '1b', '2c']],
      [$('.hit').length, 1],
      [$('li:last').data('key'), { deep: 1 }],
      [text.trim(), 'fragment'],
      [queue, [1, 2, 3]],
      [$.extend(true, {}, { a: { b: 1 } }, { a: { c: 2 } }), { a: { b: 1, c: 2 } }],
      [$('<p>').text('<b>').html(), '&lt;b&gt;'],
      [$.param({ a: [1, 2], b: 'x y' }), 'a%5B%5D=1&a%5B%5D=2&b=x%20y'],
      [$('li:eq(1), li:contains(c)').length, 2],
    ];
  },

  katex(module) {
    const katex = module.default ?? module;
    const html = katex.renderToString('\\frac{a}{b} + \\sqrt[3]{x^2}', { output: 'mathml' });
    katex.render('c = \\pm\\sqrt{a^2 + b^2}', main());
    return [
      [html.includes('<mfrac><mi>a</mi><mi>b</mi></mfrac>') && html.includes('<mroot>'), true],
      [main().querySelectorAll('.sqrt').length, 1],
      [thrown(() => katex.renderToString('\\frac{')).startsWith('ParseError: KaTeX parse error:'), true],
      [katex.renderToString('\\mine', { macros: { '\\mine': 'yes' }, output: 'mathml' }).includes('<mi>s</mi>'), true],
      [katex.renderToString('\\foo', { throwOnError: false }).includes('#cc0000'), true],
    ];
  },

  leaflet(module) {
    const L = module.default ?? module;
    main().style.cssText = 'width: 400px; height: 300px; position: relative';
    const map = L.map('main', { zoomAnimation: false, fadeAnimation: false }).setView([51.5, -0.09], 13);
    const marker = L.marker([51.5, -0.09], { icon: L.divIcon({ className: 'pin' }) }).addTo(map).bindPopup('hello');
    marker.openPopup();
    const Custom = L.Control.extend({ onAdd: () => L.DomUtil.create('div', 'mine') });
    new Custom({ position: 'topright' }).addTo(map);
    L.polygon([[51.509, -0.08], [51.503, -0.06], [51.51, -0.047]]).addTo(map);
    return [
      [map.getZoom(), 13],
      [document.querySelectorAll('.pin').length, 1],
      [document.querySelector('.leaflet-popup-content')?.textContent, 'hello'],
      [document.querySelectorAll('.leaflet-right .mine').length, 1],
      [Math.round(map.distance([0, 0], [0, 1])), 111195],
      [document.querySelectorAll('path.leaflet-interactive').length, 1],
      [L.latLngBounds([[1, 2], [3, 4]]).getCenter().toString(), 'LatLng(2, 3)'],
    ];
  },

  async lodash(module) {
    const _ = module.default ?? module;
    let calls = 0;
    const once = _.memoize((x) => (calls += 1, x * 2));
    once(2), once(2);
    const debounced = await new Promise((done) => {
      const call = _.debounce((value) => done(value), 1);
      call('first'), call('last');
    });
    return [
      [_.chunk([1, 2, 3, 4, 5], 2), [[1, 2], [3, 4], [5]]],
      [_.template('<% items.forEach((item) => { %><i><%- item %></i><% }) %>${sum}')({ items: ['<'], sum: 3 }), '<i>&lt;</i>3'],
      [_([3, 1, 2]).sortBy().map((x) => x * 2).reverse().value(), [6, 4, 2]],
      [_.merge({ a: [{ b: 1 }] }, { a: [{ c: 2 }] }), { a: [{ b: 1, c: 2 }] }],
      [_.isEqual(new Map([[1, new Set([2])]]), new Map([[1, new Set([2])]])), true],
      [[_.camelCase('foo bar-baz'), _.kebabCase('fooBar'), _.startCase('élan vital')], ['fooBarBaz', 'foo-bar', 'Elan Vital']],
      [[_.get({ a: [{ b: 3 }] }, 'a[0].b'), calls, debounced], [3, 1, 'last']],
      [_.cloneDeep({ d: new Date(5), r: /x/gi }).d.getTime(), 5],
      [_.curry((a, b, c) => a + b + c)(1)(2, 3), 6],
    ];
  },

  luxon({ DateTime, Duration, Interval }) {
    const day = DateTime.fromISO('2024-02-28T22:00', { zone: 'Europe/Paris' });
    return [
      [day.plus({ days: 2 }).toISODate(), '2024-03-01'],
      [day.setLocale('fr').toFormat('cccc d LLLL'), 'mercredi 28 février'],
      [Duration.fromObject({ hours: 25, minutes: 61 }).normalize().shiftTo('days', 'hours', 'minutes').toObject(), { days: 1, hours: 2, minutes: 1 }],
      [Interval.fromDateTimes(day, day.plus({ hours: 3 })).splitBy({ hours: 1 }).length, 3],
      [DateTime.fromFormat('May 25 1982', 'LLLL dd yyyy').month, 5],
      [DateTime.invalid('because').isValid, false],
    ];
  },

  marked({ marked, Marked, parse }) {
    const own = new Marked({ renderer: { link: ({ href, text }) => `[${text}](${href})` } });
    own.use({ extensions: [{ name: 'at', level: 'inline', start: (text) => text.indexOf('@'), tokenizer: (text) => { const match = /^@(\w+)/.exec(text); return match ? { type: 'at', raw: match[0], name: match[1] } : undefined }, renderer: ({ name }) => `<u>${name}</u>` }] });
    return [
      [marked('# Hi *there*').trim(), '<h1>Hi <em>there</em></h1>'],
      [parse('| a | b |\n| - | -: |\n| 1 | 2 |').includes('<td align="right">2</td>'), true],
      [marked.parse('- [x] done').includes('type="checkbox"'), true],
      [own.parseInline('[x](/y) @me'), '[x](/y) <u>me</u>'],
      [marked.lexer('```js\nx\n```')[0].lang, 'js'],
    ];
  },

  moment(moment) {
    const day = moment('2024-01-31 08:30', 'YYYY-MM-DD HH:mm', true);
    moment.locale('mine', { months: 'A_B_C_D_E_F_G_H_I_J_K_L'.split('_') });
    return [
      [day.clone().add(1, 'month').format('YYYY-MM-DD'), '2024-02-29'],
      [moment.duration(90, 'minutes').humanize(), '2 hours'],
      [day.clone().locale('mine').format('MMMM'), 'A'],
      [moment('2024-13-01', 'YYYY-MM-DD', true).isValid(), false],
      [moment([2007, 0, 29]).from(moment([2007, 0, 28])), 'in a day'],
      [day.isBetween('2024-01-01', '2024-02-01'), true],
    ];
  },

  mustache(module) {
    const Mustache = module.default ?? module;
    return [
      [Mustache.render('{{#list}}<{{.}}>{{/list}}{{^none}}no{{/none}}{{{raw}}}', { list: [1, 2], raw: '&' }), '<1><2>no&'],
      [Mustache.render('{{a}} {{> part}}', { a: '"' }, { part: '[{{a}}]' }), '&quot; [&quot;]'],
      [Mustache.render('{{#wrap}}x{{/wrap}}', { wrap: () => (text, render) => `(${render(text)})` }), '(x)'],
      [Mustache.render('<% a %>', { a: 1 }, {}, ['<%', '%>']), '1'],
      [Mustache.parse('{{a}}')[0].slice(0, 2), ['name', 'a']],
    ];
  },

  async preact({ h, render, Component, Fragment, createContext, createRef }) {
    const Theme = createContext('light');
    class Counter extends Component {
      state = { count: 0 };
      render({ children }, { count }) {
        return h(Fragment, null, h('button', { onClick: () => this.setState({ count: count + 1 }) }, count), children);
      }
    }
    const ref = createRef();
    const tree = h(Theme.Provider, { value: 'dark' }, h(Counter, null, h(Theme.Consumer, null, (theme) => h('i', { ref }, theme))));
    render(tree, main());
    const before = main().innerHTML;
    main().querySelector('button').click();
    await frame();
    const after = main().innerHTML;
    render(null, main());
    return [
      [before, '<button>0</button><i>dark</i>'],
      [after, '<button>1</button><i>dark</i>'],
      [[main().innerHTML, ref.current], ['', null]],
    ];
  },

  prism(Prism) {
    main().innerHTML = '<pre><code class="language-css">a { color: red }</code></pre>';
    Prism.highlightAll();
    Prism.languages.mine = { word: /\bfoo\b/, nested: { pattern: /<.+>/, inside: { number: /\d+/ } } };
    return [
      [Prism.highlight('let x = "y"', Prism.languages.javascript, 'javascript'), '<span class="token keyword">let</span> x <span class="token operator">=</span> <span class="token string">"y"</span>'],
      [main().querySelectorAll('.token.selector').length, 1],
      [Prism.tokenize('foo <12>', Prism.languages.mine).map((token) => token.type ?? token), ['word', ' ', 'nested']],
      [Object.keys(Prism.languages).includes('markup'), true],
    ];
  },

  async react(React) {
    const { createElement: h, useState, useReducer, useMemo, useEffect, Component, lazy, Suspense } = React;
    const log = [];
    class Boundary extends Component {
      state = {};
      static getDerivedStateFromError = (error) => ({ error });
      render() { return this.state.error ? h('b', null, this.state.error.message) : this.props.children }
    }
    const Bad = () => { throw new Error('bad') };
    const Late = lazy(async () => ({ default: () => h('u', null, 'late') }));
    const App = () => {
      const [count, add] = useReducer((was, by) => was + by, 1);
      const [text, setText] = useState('');
      const double = useMemo(() => count * 2, [count]);
      useEffect(() => { log.push(`effect ${count}`); return () => log.push(`cleanup ${count}`) }, [count]);
      return h('div', null,
        h('button', { onClick: () => add(2) }, double),
        h('input', { value: text, onChange: (event) => setText(event.target.value) }), h('i', null, text),
        h(Boundary, null, h(Bad)), h(Suspense, { fallback: 'wait' }, h(Late)));
    };
    const quiet = (event) => event.preventDefault();
    addEventListener('error', quiet);
    const root = ReactDOM.createRoot(main());
    root.render(h(App));
    while (!main().querySelector('u')) await frame();
    main().querySelector('button').click();
    while (main().querySelector('button').textContent !== '6') await frame();
    const input = main().querySelector('input');
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(input, 'typed');
    input.dispatchEvent(new Event('input', { bubbles: true }));
    while (main().querySelector('i').textContent !== 'typed') await frame();
    await frame();
    const bold = main().querySelector('b').textContent;
    root.unmount();
    removeEventListener('error', quiet);
    await frame();
    return [
      [bold, 'bad'],
      [log.slice(0, 3), ['effect 1', 'cleanup 1', 'effect 3']],
      [main().innerHTML, ''],
      [React.Children.count([h('a'), null, 'x']), 3],
    ];
  },

  async rxjs(rxjs) {
    const { of, from, interval, Subject, operators } = rxjs;
    const { map, filter, take, toArray, switchMap, catchError, bufferCount, scan, shareReplay } = { ...operators, ...rxjs };
    const last = (observable) => rxjs.lastValueFrom(observable);
    const subject = new Subject();
    const seen = [];
    subject.pipe(scan((sum, value) => sum + value, 0)).subscribe((value) => seen.push(value));
    subject.next(1), subject.next(2), subject.complete();
    return [
      [await last(from([1, 2, 3, 4]).pipe(filter((x) => x % 2 === 0), map((x) => x * 10), toArray())), [20, 40]],
      [await last(interval(1).pipe(take(3), toArray())), [0, 1, 2]],
      [await last(of(1).pipe(switchMap(() => { throw new Error('x') }), catchError((error) => of(error.message)))), 'x'],
      [await last(from('abcde').pipe(bufferCount(2), toArray())), [['a', 'b'], ['c', 'd'], ['e']]],
      [seen, [1, 3]],
      [await rxjs.firstValueFrom(rxjs.EMPTY).catch((error) => error.name), 'EmptyError'],
      [await last(of(5).pipe(shareReplay(1))), 5],
    ];
  },

  three(THREE) {
    const { Vector3, Matrix4, Quaternion, Color, BoxGeometry, Mesh, Scene, Raycaster, Object3D } = THREE;
    const scene = new Scene();
    const mesh = new Mesh(new BoxGeometry(2, 2, 2), new THREE.MeshBasicMaterial());
    mesh.position.set(0, 0, -5);
    scene.add(mesh);
    scene.updateMatrixWorld();
    const hits = new Raycaster(new Vector3(0.2, 0.5, 0), new Vector3(0, 0, -1)).intersectObject(mesh);
    const turned = new Vector3(1, 0, 0).applyQuaternion(new Quaternion().setFromAxisAngle(new Vector3(0, 0, 1), Math.PI / 2));
    const heard = [];
    mesh.addEventListener('mine', (event) => heard.push(event.target === mesh));
    mesh.dispatchEvent({ type: 'mine' });
    return [
      [hits.map((hit) => hit.distance), [4]],
      [turned.toArray().map((value) => Math.round(value) + 0), [0, 1, 0]],
      [new Color('hsl(120, 100%, 50%)').getHexString(), '00ff00'],
      [new Matrix4().makeTranslation(1, 2, 3).invert().elements.slice(12, 15).map((value) => value + 0), [-1, -2, -3]],
      [scene.toJSON().object.children[0].type, 'Mesh'],
      [[new Object3D().isObject3D, mesh.geometry.type, heard], [true, 'BoxGeometry', [true]]],
    ];
  },

  async vue({ createApp, ref, computed, h, reactive, nextTick, defineComponent, watch }) {
    const Child = defineComponent({ props: { label: String }, emits: ['up'], template: '<b @click="$emit(\'up\', 2)">{{ label }}<slot name="end" :n="1" /></b>' });
    const seen = [];
    const app = createApp({
      components: { Child },
      setup() {
        const count = ref(1);
        watch(count, (is, was) => seen.push([was, is]));
        return { count, double: computed(() => count.value * 2), list: reactive(['a', 'b']), typed: ref('') };
      },
      template: `<Child :label="'n' + double" @up="count += $event"><template #end="{ n }">/{{ n }}</template></Child>
        <i v-for="(item, index) in list" :key="item" :class="{ first: !index }">{{ item }}</i>
        <input v-model.trim="typed"><u v-if="typed">{{ typed }}</u>`,
    });
    app.config.globalProperties.$x = 1;
    const view = app.mount('#main');
    const before = main().querySelector('b').textContent;
    main().querySelector('b').click();
    const input = main().querySelector('input');
    input.value = ' t ';
    input.dispatchEvent(new Event('input'));
    view.list.push('c');
    await nextTick();
    const result = [
      [before, 'n2/1'],
      [main().querySelector('b').textContent, 'n6/1'],
      [[...main().querySelectorAll('i')].map((one) => one.className + one.textContent), ['firsta', 'b', 'c']],
      [main().querySelector('u').textContent, 't'],
      [seen, [[1, 3]]],
      [h('p', { id: 'x' }, 'y').props.id, 'x'],
    ];
    app.unmount();
    return [...result, [main().innerHTML, '']];
  },
};
