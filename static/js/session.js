/* Two minutes before a session ends the page says so and offers to stay (U-30); what is typed is kept on the server for
   whoever comes back (POST /session/draft). Without this file the next request shows the page «Сеанс завершён», and
   what a form then sends is kept as well. The server alone knows how long a session lives; asking does not prolong it. */
(() => {
  'use strict';
  const ASKED_EVERY = 10000;
  let dialog = null, timers = [], asked = 0, told = false;
  const later = (seconds, act) => timers.push(setTimeout(act, Math.max(0, seconds) * 1000));
  const forget = () => { timers.forEach(clearTimeout); timers = []; };
  const say = text => { /* What lies under an open dialog is silent for a screen reader. */
    const region = dialog.open ? dialog.querySelector('[data-session-say]') : document.getElementById('live');
    if (region) region.textContent = text;
  };

  function begin() {
    const found = document.getElementById('session-end');
    if (found === dialog) return;
    forget();
    dialog = found;
    told = false;
    if (!dialog) return;
    dialog.addEventListener('cancel', event => { event.preventDefault(); isLast() ? dialog.close() : stay(); });
    dialog.querySelector('[data-stay]').addEventListener('submit', event => { event.preventDefault(); stay(); });
    dialog.querySelector('[data-again-in]').addEventListener('click', async event => {
      const to = event.currentTarget.href;
      event.preventDefault();
      event.stopPropagation();
      await keep();
      location.assign(to);
    });
    const { left, absolute, warn } = dialog.dataset;
    wait({ seconds_left: Number(left), absolute_seconds_left: Number(absolute), warn_in: Number(warn) });
  }
  const wait = left => { forget(); later(left.warn_in, check); };
  const isLast = () => dialog.querySelector('[data-stay]').hidden;

  /* Another tab may have kept the session alive or ended it: what counts is what the server says now. */
  async function check() {
    asked = Date.now();
    const left = await ask();
    if (!left) return;
    if (left.warn_in <= 0) return warn(left);
    if (dialog.open) dialog.close();
    wait(left);
  }
  async function ask(options = {}) {
    const asker = dialog;
    try {
      const answer = await fetch(dialog.dataset.session, { headers: { Accept: 'application/json' }, credentials: 'same-origin', ...options });
      if (asker !== dialog) return null;
      if (answer.status === 401) {
        await keep();
        if (!('leaving' in document.documentElement.dataset)) { location.reload(); return null; }
      }
      if (answer.ok) return await answer.json();
    } catch { /* No connection: the offline notice says so, and the session is asked about again. */ }
    later(10, check);
    return null;
  }
  function warn(left) {
    const last = left.absolute_seconds_left <= left.seconds_left;
    if (last && told) return later(left.seconds_left + 1, check);
    told = last;
    forget();
    dialog.querySelectorAll('[data-idle-only]').forEach(part => { part.hidden = last; });
    dialog.querySelectorAll('[data-absolute-only]').forEach(part => { part.hidden = !last; });
    const end = Date.now() + left.seconds_left * 1000;
    count(end);
    if (!dialog.open) dialog.showModal(); /* It holds the focus, and gives it back when it is closed. */
    if (last) dialog.querySelector('[data-again-in]').focus();
    if (left.seconds_left > 60) {
      say('Мы завершим сеанс через 2 мин');
      later(left.seconds_left - 60, () => say('Мы завершим сеанс через 1 мин'));
    } else say('Мы завершим сеанс через 1 мин');
    later(left.seconds_left - 5, keep);
    later(left.seconds_left + 1, check);
  }
  function count(end) {
    const left = Math.max(0, Math.ceil((end - Date.now()) / 1000)), minutes = Math.floor(left / 60);
    dialog.querySelector('[data-session-left]').textContent = [minutes && `${minutes} мин`, (left % 60 || !minutes) && `${left % 60} с`].filter(Boolean).join(' ');
    if (left) later(1, () => count(end));
  }
  async function stay() {
    const left = await ask({ method: 'POST', body: new URLSearchParams(new FormData(dialog.querySelector('[data-stay]'))) });
    if (!left) return;
    dialog.close();
    say('Сеанс продолжается');
    wait(left);
  }

  /* What is typed into the page: the form that was touched last. Passwords, codes and files stay here. The server keeps it
     for the person of this session, even when the session has just ended. */
  let touched = null;
  document.addEventListener('input', event => { touched = event.target.form ?? touched; });
  async function keep() {
    if (!touched?.isConnected || touched.method !== 'post' || !dialog || dialog.contains(touched)) return;
    const fields = new URLSearchParams({ csrf_token: dialog.querySelector('[name=csrf_token]').value });
    for (const [name, value] of new FormData(touched)) {
      const field = touched.elements.namedItem(name);
      if (typeof value === 'string' && name !== 'csrf_token' && field?.type !== 'password' && field?.autocomplete !== 'one-time-code') fields.append(name, value);
    }
    try { await fetch(`${dialog.dataset.session}/draft`, { method: 'POST', body: fields, credentials: 'same-origin', keepalive: true }); } catch { /* It is still on the page. */ }
  }

  /* Timers sleep with the computer, and another tab may have signed out: whoever comes back to the page is told at once. */
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && dialog && Date.now() - asked > ASKED_EVERY) check();
  });
  document.addEventListener('htmx:after:swap', begin);
  begin();
})();
