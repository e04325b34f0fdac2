/* What the console does beyond its pages: keys, favourites, one choice without a button, a word when the link is lost.
   Everything here has a way without script. Favourites are the trainer's own and stay in this browser. */
(() => {
  'use strict';
  const byId = id => document.getElementById(id);
  const load = name => { try { return JSON.parse(localStorage.getItem(name) ?? 'null'); } catch { return null; } };
  const keep = (name, value) => { try { localStorage.setItem(name, JSON.stringify(value)); } catch { /* private window */ } };
  let favourites = load('console-favourites') ?? [], keys = load('console-keys') ?? true;

  /* Favourites: copies of the rows of the list, so their state is that of the list. */
  function draw() {
    const place = byId('favourites'), list = place?.querySelector('ul');
    if (!list) return;
    const rows = favourites.map(id => byId(`s-${id}`)).filter(Boolean);
    list.replaceChildren(...rows.map((row, index) => {
      const item = document.createElement('li'), copy = row.cloneNode(true);
      copy.removeAttribute('id');
      copy.removeAttribute('data-htmx-powered');
      if (index < 9) copy.insertAdjacentHTML('beforeend', `<kbd class="kbd">${index + 1}</kbd>`);
      item.append(copy);
      return item;
    }));
    place.hidden = !rows.length;
    place.querySelectorAll('.kbd').forEach(sign => { sign.hidden = !keys; });
    const star = document.querySelector('[data-star]'), on = favourites.includes(star?.dataset.star);
    if (star) { star.hidden = false; star.setAttribute('aria-pressed', String(on)); }
    const toggle = byId('keys');
    if (toggle) { toggle.hidden = false; toggle.textContent = keys ? 'Клавиши / и 1–9 включены' : 'Клавиши / и 1–9 выключены'; }
  }
  document.addEventListener('click', event => {
    const star = event.target.closest?.('[data-star]');
    if (star) {
      const id = star.dataset.star;
      favourites = favourites.includes(id) ? favourites.filter(each => each !== id) : [...favourites, id];
      keep('console-favourites', favourites);
      draw();
    }
    if (event.target.id === 'keys') { keys = !keys; keep('console-keys', keys); draw(); }
  });
  document.addEventListener('keydown', event => {
    if (!keys || event.ctrlKey || event.altKey || event.metaKey || event.target.closest('input,select,textarea')) return;
    if (event.key === '/') { event.preventDefault(); byId('q')?.focus(); }
    else if (/^[1-9]$/.test(event.key)) byId('favourites')?.querySelectorAll('a')[event.key - 1]?.click();
  });
  document.addEventListener('change', event => event.target.closest('.find--self')?.requestSubmit());

  /* The look every two seconds. */
  let lost = false;
  function link(works) {
    if (lost === !works) return;
    lost = !works;
    const line = byId('lost');
    if (line) line.hidden = works;
    byId('alert').textContent = works ? '' : 'Пульт не отвечает. Пробуем снова.';
  }
  document.addEventListener('htmx:error', () => link(false));
  document.addEventListener('htmx:after:request', ({ detail: { ctx } }) => link(ctx.response?.status < 400));
  document.addEventListener('htmx:after:swap', draw);

  /* The place in the list survives going from scenario to scenario. */
  const list = byId('scen'), mark = 'console-list';
  if (list) {
    list.scrollTop = Number(sessionStorage.getItem(mark) ?? 0);
    addEventListener('pagehide', () => sessionStorage.setItem(mark, String(list.scrollTop)));
  }
  draw();
})();
