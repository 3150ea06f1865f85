'use strict';
for (const tools of document.querySelectorAll('.tools')) {
  const table = document.getElementById(tools.dataset.table);
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const kinds = heads.map((head) => head.dataset.kind);
  const { texts, rows: all } = JSON.parse(
    document.getElementById(tools.dataset.rows).textContent,
  );
  const isText = (index) => index > 0 && kinds[index] !== 'n';
  const data = all.map((row) => row.map((value, index) => (isText(index) ? texts[value] : value)));
  const [input] = tools.getElementsByTagName('input');
  const [back, next] = tools.getElementsByTagName('button');
  const status = tools.querySelector('[role=status]');
  const size = 25;
  const number = new Intl.NumberFormat('en');
  let page = 0;
  let order = { column: -1, sign: 1 };
  let rows = data;
  const show = () => {
    body.replaceChildren(
      ...rows.slice(page * size, (page + 1) * size).map((row) => {
        const line = document.createElement('tr');
        row.forEach((value, index) => {
          const cell = document.createElement(index === 0 ? 'th' : 'td');
          if (index === 0) cell.scope = 'row';
          const isNumber = kinds[index] === 'n';
          cell.className = isNumber ? 'n' : kinds[index];
          cell.textContent =
            value === null ? '–' : isNumber ? number.format(value).replaceAll(',', '\u202f') : value;
          line.append(cell);
        });
        return line;
      }),
    );
    const from = rows.length === 0 ? 0 : page * size + 1;
    const to = Math.min(rows.length, (page + 1) * size);
    status.textContent = `${from} to ${to} of ${rows.length}`;
    back.disabled = page === 0;
    next.disabled = to >= rows.length;
  };
  const update = () => {
    const words = input.value.toLowerCase().split(/\s+/);
    const has = (row) => {
      const text = row.filter((value) => typeof value === 'string').join(' ').toLowerCase();
      return words.every((word) => text.includes(word));
    };
    rows = data.filter(has);
    const { column, sign } = order;
    if (column >= 0) {
      const rank = (value) => (value === null ? -1 : value);
      rows.sort((a, b) => {
        const [x, y] = [rank(a[column]), rank(b[column])];
        return sign * (x < y ? -1 : x > y ? 1 : 0);
      });
    }
    page = 0;
    show();
  };
  heads.forEach((head, column) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener('click', () => {
      const first = kinds[column] === 'n' ? -1 : 1;
      order = { column, sign: order.column === column ? -order.sign : first };
      for (const other of heads) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', order.sign > 0 ? 'ascending' : 'descending');
      update();
    });
  });
  input.addEventListener('input', update);
  back.addEventListener('click', () => ((page -= 1), show()));
  next.addEventListener('click', () => ((page += 1), show()));
  tools.hidden = false;
  show();
}
const tip = document.getElementById('tip');
for (const map of document.querySelectorAll('.map')) {
  const cells = [...map.querySelectorAll('.cell')];
  const tell = (event) => {
    const cell = event.target.closest('.cell');
    if (cell) tip.textContent = cell.getAttribute('aria-label');
  };
  map.addEventListener('pointerover', tell);
  map.addEventListener('focusin', tell);
  cells.forEach((cell, index) => (cell.tabIndex = index === 0 ? 0 : -1));
  map.addEventListener('keydown', (event) => {
    const at = cells.indexOf(document.activeElement);
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const to = { Home: 0, End: cells.length - 1 }[event.key] ?? (step ? at + step : -1);
    if (at < 0 || !cells[to]) return;
    event.preventDefault();
    cells[at].tabIndex = -1;
    cells[to].tabIndex = 0;
    cells[to].focus();
  });
}
