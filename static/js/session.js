/* Two minutes before a session ends the page says so and offers to stay (U-30). Without this file the next request
   shows the page «Сеанс завершён». The server alone knows how long a session lives; asking does not prolong it. */
(() => {
  'use strict';
  const WARN = 120;
  let dialog = null, timers = [];
  const later = (seconds, act) => timers.push(setTimeout(act, Math.max(0, seconds) * 1000));
  const forget = () => { timers.forEach(clearTimeout); timers = []; };
  const say = text => { const region = document.getElementById('live'); if (region) region.textContent = text; };

  function begin() {
    const found = document.getElementById('session-end');
    if (found === dialog) return;
    forget();
    dialog = found;
    if (!dialog) return;
    dialog.addEventListener('cancel', event => { event.preventDefault(); stay(); });
    dialog.querySelector('[data-stay]').addEventListener('submit', event => { event.preventDefault(); stay(); });
    wait({ seconds_left: Number(dialog.dataset.left), absolute_seconds_left: Number(dialog.dataset.absolute) });
  }
  function wait(left) {
    forget();
    later(left.seconds_left - WARN, check);
  }
  /* Another tab may have kept the session alive: what counts is what the server says now. */
  async function check() {
    const left = await ask();
    if (!left) return;
    if (left.seconds_left > WARN + 5) return wait(left);
    warn(left);
  }
  async function ask(options = {}) {
    try {
      const answer = await fetch(dialog.dataset.session, { headers: { Accept: 'application/json' }, credentials: 'same-origin', ...options });
      if (answer.status === 401) { location.reload(); return null; }
      if (answer.ok) return await answer.json();
    } catch { /* No connection: the offline notice says so, and the session is asked about again. */ }
    later(10, check);
    return null;
  }
  function warn(left) {
    const last = left.absolute_seconds_left <= left.seconds_left;
    dialog.querySelectorAll('[data-idle-only]').forEach(part => { part.hidden = last; });
    dialog.querySelectorAll('[data-absolute-only]').forEach(part => { part.hidden = !last; });
    if (!dialog.open) dialog.showModal();
    say('Мы завершим сеанс через 2 мин');
    later(left.seconds_left - 60, () => say('Мы завершим сеанс через 1 мин'));
    later(left.seconds_left + 1, () => location.reload());
    count(Date.now() + left.seconds_left * 1000);
  }
  function count(end) {
    const left = Math.max(0, Math.ceil((end - Date.now()) / 1000)), minutes = Math.floor(left / 60);
    dialog.querySelector('[data-session-left]').textContent = [minutes && `${minutes} мин`, (left % 60 || !minutes) && `${left % 60} с`].filter(Boolean).join(' ');
    if (left && dialog.open) later(1, () => count(end));
  }
  async function stay() {
    const left = await ask({ method: 'POST', body: new URLSearchParams(new FormData(dialog.querySelector('[data-stay]'))) });
    if (!left) return;
    dialog.close();
    say('Сеанс продолжается');
    wait(left);
  }
  document.addEventListener('htmx:after:swap', begin);
  begin();
})();
