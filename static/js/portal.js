/* What the browser itself has to say while a page or a part of it is on its way: that it is loading, that it takes
   long, that it failed, that there is no connection. Pages work without this file; nothing here knows a feature.
   Works on marks: [data-part] with [data-body] and [data-spin], [data-again], [data-countdown], [data-show-password], [data-print],
   and on the <template>s of templates/portal/templates.html. Both programs load it. */
(() => {
  'use strict';
  const SHOW = 300, KEEP = 400, SLOW = 10000, END = 30000;
  const root = document.documentElement;
  const waits = new WeakMap(), failures = new Map();
  let page = null, pending = null, arriving = '', learned = 0;
  root.dataset.script = 'on';

  const byId = id => document.getElementById(id);
  const words = {};
  const learn = () => { learned = performance.now(); document.querySelectorAll('template[id]').forEach(template => { words[template.id] = template; }); };
  const copy = id => words[id]?.content.firstElementChild.cloneNode(true);
  const say = (id, text) => { /* The same words twice are heard twice only if the region was empty in between. */
    const region = byId(id), again = region?.textContent === text;
    if (region) region.textContent = again ? '' : text;
    if (again) setTimeout(() => { region.textContent = text; }, 50);
  };
  const speaks = () => 'fault-part' in words; /* Only pages that bring the words are spoken for. */
  const isBoosted = ctx => ctx.request.headers['HX-Boosted'] === 'true';
  const partOf = ctx => isBoosted(ctx) ? null : ctx.sourceElement.closest('[data-part]');
  const ours = ctx => speaks() && (isBoosted(ctx) || Boolean(partOf(ctx)));

  /* What is said when no answer came that could say it: what happened, and where. */
  const WHY = {
    cut: 'Соединение прервалось, ответ не дошёл. Сбой на пути между вашим устройством и порталом.',
    foreign: 'Ответ пришёл не от портала. Сбой на пути между вашим устройством и порталом.',
    empty: 'Пришёл пустой ответ. Сбой на портале или на пути к нему.',
    late: 'Ответа не было 30 секунд. Сбой на портале или на пути к нему.',
    stopped: 'Вы остановили загрузку.',
    offline: 'Нет соединения с интернетом.',
  };
  const COMES_BACK = ' Продолжим сами, когда связь появится.';

  /* One wait: a sign after 300 ms that stays at least 400, a word after 10 s, an end after 30 s. */
  function wait(signs) {
    let shown = 0;
    const timers = [setTimeout(() => { shown = Date.now(); signs.show(); }, SHOW), setTimeout(signs.slow, SLOW)];
    if (signs.end) timers.push(setTimeout(signs.end, END));
    return {
      left: () => shown ? Math.max(0, shown + KEEP - Date.now()) : 0,
      stop() { timers.forEach(clearTimeout); setTimeout(signs.hide, this.left()); },
    };
  }
  function slowNotice(put, restart, cancel) {
    const notice = copy('slow');
    if (!notice) return;
    notice.querySelector('[data-slow-restart]').addEventListener('click', restart);
    notice.querySelector('[data-slow-cancel]').addEventListener('click', cancel);
    put(notice);
    say('live', 'Загрузка идёт дольше обычного');
  }
  const dropSlow = (within, selector = '[data-slow]') => within?.querySelectorAll(selector).forEach(notice => notice.remove());

  /* The wait for the next page: the logo of the old one turns. `sent`: a form whose answer is on its way and how to send
     it again; what was typed into it stays whatever comes. */
  function startPage(address, abort, sent = null) {
    if (!speaks()) return;
    stopPage();
    const main = byId('main'), before = root.dataset.state;
    page = wait({
      show() { root.dataset.state = 'loading'; main?.setAttribute('aria-busy', 'true'); say('live', 'Загружаем страницу…'); showMark(); },
      hide() { if (root.dataset.state === 'loading') root.dataset.state = before; byId('main')?.removeAttribute('aria-busy'); document.querySelector('.spin--page')?.remove(); },
      slow() {
        slowNotice(
          notice => { notice.classList.add('slow--page'); notice.setAttribute('role', 'region'); notice.setAttribute('aria-label', 'Долгая загрузка'); document.body.append(notice); },
          sent ? sent.again : () => { abort(); location.assign(address); },
          () => { abort(); stopPage(); },
        );
      },
      end() { abort(); stopPage(); if (sent) formFault(sent.form, WHY.late); else pageFault(address, WHY.late); },
    });
  }
  /* The browser itself goes. Nothing of the page left behind may turn it back: a part that is told of the end of the session
     by the sign-out itself would stop the way to Gosuslugi, and the session there would live on. */
  function leave(address, sent = null) {
    startPage(address, () => window.stop(), sent);
    if (page) root.dataset.leaving = 'yes';
  }
  function showMark() { /* The logo turns in the header; who has scrolled away from it sees another one below, and who wants nothing to move reads it there. */
    const logo = document.querySelector('header .logo__mark');
    const still = parseFloat(getComputedStyle(root).getPropertyValue('--turn')) === 0;
    if (!still && (!logo || logo.getBoundingClientRect().bottom > 0)) return;
    const mark = still ? document.createElement('p') : logo.cloneNode(true);
    mark.setAttribute('class', still ? 'spin--page spin--word' : 'spin spin--page');
    if (still) {
      mark.textContent = 'Загружаем страницу…';
      mark.setAttribute('aria-hidden', 'true'); /* The live region says it. */
    }
    document.body.append(mark);
  }
  function stopPage() {
    page?.stop();
    page = null;
    delete root.dataset.leaving;
    dropSlow(document, '.slow--page');
    document.querySelectorAll('form[data-sent]').forEach(form => delete form.dataset.sent);
  }
  function inMoscow(time) {
    const part = form => time.toLocaleString('ru-RU', { timeZone: 'Europe/Moscow', ...form });
    return `${part({ day: 'numeric', month: 'long' })} ${part({ year: 'numeric' })}, ${part({ hour: '2-digit', minute: '2-digit' })} (мск)`;
  }
  function formFault(form, why) { /* Nobody knows whether the form arrived; a form that does something once has a key, so that it may be sent twice. */
    const fault = copy('fault-part');
    form.querySelectorAll('[data-fault]').forEach(old => old.remove());
    fault.querySelector('[data-fault-why]').textContent = why;
    fault.querySelector('[data-fault-lead]').textContent = 'Отправьте форму ещё раз';
    fault.querySelector('[data-fault-safe]').textContent = 'Дошла ли форма до портала, мы не знаем. Введённое осталось на странице. Если форма уже дошла, второй раз она не выполнится.';
    fault.querySelector('[data-fault-link]').remove();
    form.prepend(fault);
    fault.scrollIntoView({ block: 'center' });
    say('alert', `Произошла ошибка.. ${why}`);
  }
  function pageFault(address, why) {
    const fault = copy('fault-page'), main = byId('main');
    if (!fault || !main) return;
    fault.querySelector('[data-fault-why]').textContent = why;
    fault.querySelector('[data-fault-link]').href = address;
    const moment = fault.querySelector('[data-fault-moment]'); /* The portal's time: the clock of the device may be wrong. */
    moment.textContent = inMoscow(new Date(Number(moment.dataset.now) + performance.now() - learned));
    const old = fault.querySelector('[data-fault-heading]'), heading = document.createElement('h1');
    heading.tabIndex = -1;
    heading.textContent = old.textContent;
    old.replaceWith(heading);
    main.replaceChildren(fault);
    root.dataset.state = 'error';
    document.title = 'Произошла ошибка.. — Личный кабинет пациента';
    heading.focus();
    say('alert', `Произошла ошибка.. ${why}`);
  }

  /* Parts. */
  const titleOf = part => part.querySelector('h2,h3')?.textContent.trim() ?? '';
  const bodyOf = part => part.querySelector('[data-body]') ?? part;
  function again(part) {
    part.focus({ preventScroll: true });
    part.dispatchEvent(new CustomEvent('again'));
  }
  const isQuiet = part => 'quiet' in part.dataset; /* An extra: its failure is not worth a word. */
  function startPart(part, ctx) {
    if (isQuiet(part)) return { left: () => 0, stop() {} };
    const spin = part.querySelector('[data-spin]'), body = bodyOf(part);
    part.dataset.state = 'loading';
    part.setAttribute('aria-busy', 'true');
    delete part.dataset.offline;
    return wait({
      show() { const tag = part.querySelector('[data-tag]'); if (tag) tag.textContent = 'Загружаем'; if (spin) { spin.hidden = false; body.hidden = Boolean(body.querySelector('[data-fault]')); } },
      hide() { if (spin) spin.hidden = true; body.hidden = false; },
      slow() {
        slowNotice(notice => body.before(notice), () => { ctx.again = true; ctx.request.abort(); },
          () => { ctx.request.abort(); partFault(part, ctx.request.action, WHY.stopped); });
      },
    });
  }
  function partFault(part, address, why) {
    if (isQuiet(part)) { part.dataset.state = 'error'; return; }
    const fault = copy('fault-part'), body = bodyOf(part);
    if (!fault) return;
    fault.querySelector('[data-fault-why]').textContent = why;
    fault.querySelector('[data-fault-link]').href = address;
    body.replaceChildren(fault);
    body.hidden = false;
    if (!navigator.onLine) part.dataset.offline = 'yes';
    partEnded(part, 'error');
  }
  function partEnded(part, state) {
    part.dataset.state = state;
    part.removeAttribute('aria-busy');
    part.querySelectorAll('[data-slow]').forEach(notice => notice.remove());
    const name = part.dataset.part, count = state === 'error' ? (failures.get(name) ?? 0) + 1 : 0;
    failures.set(name, count);
    if (state === 'error') {
      part.querySelectorAll('[data-fault-status]').forEach(line => { line.hidden = count < 2; });
      say('alert', `${titleOf(part)}. Произошла ошибка.. Попробуйте перезапустить страницу`);
    }
    progress();
  }
  function progress() {
    const parts = [...document.querySelectorAll('[data-part]')].filter(part => !isQuiet(part)), done = parts.filter(part => part.dataset.state !== 'loading').length;
    const box = document.querySelector('[data-progress]');
    if (box) {
      box.hidden = false;
      box.querySelector('progress').value = done;
      box.querySelector('progress').max = parts.length;
      document.querySelector('[data-progress-text]').textContent = `Проверено ${done} из ${parts.length}`;
      box.closest('[data-progress-state]').dataset.progressState = done === parts.length ? 'ready' : 'loading';
    }
    if (parts.length && done === parts.length && !parts.some(part => part.dataset.state === 'error')) say('live', 'Данные загружены');
  }

  /* What came, and what did not. */
  function whole(ctx, text) {
    if (!(ctx.response.headers.get('Content-Type') ?? '').startsWith('text/html')) return false;
    if (isBoosted(ctx)) return /<html[^>]*\sdata-screen=/.test(text) && /<\/html>\s*$/.test(text);
    return /\sdata-(part|fault)\b/.test(text) && !/<html/i.test(text) && /<\/\w+>\s*$/.test(text);
  }
  function failed(ctx, why) {
    const part = partOf(ctx), source = ctx.sourceElement;
    if (!navigator.onLine) why = WHY.offline + (part ? COMES_BACK : '');
    if (part) return partFault(part, ctx.request.action, why);
    if (!navigator.onLine && ctx.request.method === 'GET') { pending = { isConnected: () => source.isConnected, go: () => source.matches('form') ? source.requestSubmit() : source.click() }; return showOffline(); }
    if (ctx.request.method === 'GET') return pageFault(ctx.request.action, why);
    formFault(source, why);
  }
  function putFault(tasks, part) { tasks[0].target = bodyOf(part); tasks[0].swapSpec.style = 'innerHTML'; }
  function marksOf(text) {
    const tag = new DOMParser().parseFromString(text.match(/<html[^>]*>/i)[0], 'text/html').documentElement;
    for (const name of Object.keys(root.dataset)) if (name !== 'script') delete root.dataset[name];
    Object.assign(root.dataset, tag.dataset);
  }
  function retryLater(part, ctx) {
    const seconds = Number(ctx.response.headers.get('Retry-After')), fault = part.querySelector('[data-fault]');
    if (ctx.response.status !== 503 || !seconds || !fault) return;
    const line = document.createElement('p');
    line.className = 'u-s';
    line.dataset.retry = '';
    line.innerHTML = `Повторим сами через <time data-countdown="${seconds}"></time> <button class="btn btn--text btn--s" type="button" data-countdown-stop>Не повторять</button>`;
    fault.append(line);
    count(line.querySelector('time'), () => again(part));
  }

  const on = (name, act) => document.addEventListener(name, act);
  on('htmx:before:init', event => { /* These two lead to another site, where only the browser itself can go. */
    if (/\/(login|logout)(\?|$)/.test(event.target.getAttribute('href') ?? event.target.getAttribute('action') ?? '')) event.preventDefault();
  });
  on('htmx:before:request', ({ detail: { ctx } }) => {
    if (!ours(ctx)) return;
    const part = partOf(ctx);
    if (part) waits.set(ctx, startPart(part, ctx));
    else if (isBoosted(ctx)) {
      const abort = () => ctx.request.abort(), again = () => { ctx.again = true; abort(); };
      startPage(ctx.request.action, abort, ctx.request.method === 'GET' ? null : { form: ctx.sourceElement, again });
      waits.set(ctx, page);
    }
  });
  on('htmx:after:request', event => { if (event.detail.ctx.hx.redirect && 'leaving' in root.dataset) event.preventDefault(); });
  on('htmx:before:swap', event => {
    const { ctx, tasks } = event.detail, part = partOf(ctx), text = ctx.text ?? '';
    if (!ours(ctx) || [204, 304].includes(ctx.response.status)) return;
    if (part && isQuiet(part) && ctx.response.status >= 400) { event.preventDefault(); return partFault(part); }
    if (!whole(ctx, text)) {
      event.preventDefault();
      failed(ctx, !text.trim() ? WHY.empty : /<\/\w+>\s*$/.test(text) ? WHY.foreign : WHY.cut);
      if (part) retryLater(part, ctx);
      return;
    }
    if (tasks[0]) tasks[0].swapSpec.swap = waits.get(ctx)?.left() ?? 0;
    if (part && /^\s*<div[^>]*\sdata-fault/.test(text)) { putFault(tasks, part); ctx.isFault = true; }
    if (isBoosted(ctx)) arriving = text;
  });
  on('htmx:before:settle', ({ detail: { task } }) => { if (task.target === document.body && arriving) { marksOf(arriving); arriving = ''; } });
  on('htmx:after:swap', ({ detail: { ctx } }) => {
    if (!speaks()) return prepare(document);
    if (isBoosted(ctx)) { arrive(); return; }
    const name = partOf(ctx)?.dataset.part ?? ctx.sourceElement.dataset?.part;
    const part = name && document.querySelector(`[data-part="${CSS.escape(name)}"]`);
    if (!part) return;
    partEnded(part, ctx.isFault ? 'error' : part.dataset.state);
    const told = part.querySelector('[data-tell]'); /* What came is not all, and says so. */
    if (told) say('alert', told.textContent);
    if (part.dataset.state === 'error') retryLater(part, ctx);
    prepare(part);
  });
  on('htmx:error', ({ detail: { ctx, error } }) => {
    if (ctx?.request && ours(ctx)) failed(ctx, String(error?.message ?? error) === 'timeout' ? WHY.late : WHY.cut);
  });
  on('htmx:finally:request', ({ detail: { ctx } }) => {
    if (!speaks() || ctx.hx?.redirect) return;
    waits.get(ctx)?.stop();
    if (isBoosted(ctx)) { if (waits.get(ctx) === page) stopPage(); } else dropSlow(partOf(ctx)); /* That of a page stays as long as the page is awaited. */
    /* Firefox calls a reset in the middle of an answer an abort, and of aborts htmx tells nobody: this one was not ours. */
    if (isBoosted(ctx) && /^error: AbortError/.test(ctx.status) && !ctx.request.signal.aborted) failed(ctx, WHY.cut);
    const part = partOf(ctx);
    if (ctx.again) setTimeout(() => part ? again(part) : ctx.sourceElement.requestSubmit(ctx.sourceEvent.submitter));
    else if (part?.isConnected && part.dataset.state === 'loading' && part.hasAttribute('aria-busy')) partFault(part, ctx.request.action, WHY.cut);
  });

  /* Links and forms that the browser follows itself. */
  const plain = event => !event.defaultPrevented && !event.button && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  const elsewhere = link => (!link.target || link.target === '_self') && !link.hasAttribute('download') && /^https?:/.test(link.protocol)
    && !(link.hash && link.pathname + link.search === location.pathname + location.search);
  addEventListener('click', event => {
    const target = event.target instanceof Element ? event.target : null, retry = target?.closest('[data-again]'), link = target?.closest('a[href]');
    const part = retry?.closest('[data-part][data-hx-get]');
    if (part && plain(event)) { event.preventDefault(); again(part); return; }
    if (link && plain(event) && elsewhere(link)) leave(link.href);
  });
  addEventListener('submit', event => {
    if ('download' in event.target.dataset) return; /* A file comes, and the page stays. */
    if (!event.defaultPrevented) {
      const form = event.target, again = () => { window.stop(); stopPage(); form.requestSubmit(event.submitter); };
      if (form.method === 'get') leave(form.action);
      else leave(location.href, { form, again });
    }
    event.target.dataset.sent = 'yes';
    setTimeout(() => { delete event.target.dataset.sent; }, END);
  });
  addEventListener('submit', event => {
    if (navigator.onLine && !event.target.dataset.sent) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (navigator.onLine) return;
    pending = { isConnected: () => event.target.isConnected, go: () => event.target.requestSubmit(event.submitter) };
    showOffline();
  }, true);
  addEventListener('click', event => {
    const link = event.target instanceof Element && event.target.closest('a[href]');
    if (navigator.onLine || !link || !elsewhere(link)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    pending = { isConnected: () => link.isConnected, go: () => link.click() };
    showOffline();
  }, true);
  function showOffline() {
    if (!byId('offline-notice') && words.offline) document.querySelector('header')?.after(copy('offline'));
    say('alert', `${WHY.offline} Введённое сохранится на странице.${COMES_BACK}`);
  }
  addEventListener('offline', showOffline);
  /* A network is not yet a way to the portal: who says that all is well again is the portal itself. */
  let coming = 0;
  async function comeBack() {
    const mine = ++coming, place = document.querySelector('[data-health]');
    for (let wait = 1000; mine === coming && navigator.onLine; wait = Math.min(2 * wait, 16000)) {
      try { if (!place || (await fetch(place.dataset.health, { cache: 'no-store' })).ok) break; } catch { /* Not yet. */ }
      await new Promise(done => { setTimeout(done, wait); });
    }
    if (mine !== coming || !navigator.onLine) return;
    byId('offline-notice')?.remove();
    say('live', 'Соединение восстановлено');
    document.querySelectorAll('[data-part][data-offline]').forEach(again);
    const next = pending;
    pending = null;
    if (next?.isConnected()) next.go();
  }
  addEventListener('online', comeBack);
  addEventListener('pageshow', event => { if (event.persisted) location.reload(); });

  /* Countdowns, and the button that shows a password. */
  const spell = left => {
    const hours = Math.floor(left / 3600), minutes = Math.floor(left % 3600 / 60), seconds = left % 60;
    const text = [hours && `${hours} ч`, minutes && `${minutes} мин`, !hours && (seconds || !minutes) && `${seconds} с`];
    return text.filter(Boolean).join(' ');
  };
  function count(time, done) {
    const place = time.closest('section,form,[data-retry]') ?? document.body, end = Date.now() + Number(time.dataset.countdown) * 1000;
    const note = place.querySelector('[data-countdown-note]') ?? time.closest('[data-retry]');
    let stopped = false;
    if (done && note) note.hidden = false;
    place.querySelector('[data-countdown-stop]')?.addEventListener('click', () => { stopped = true; note.hidden = true; });
    (function tick() {
      const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
      time.textContent = spell(left);
      if (left && time.isConnected) setTimeout(tick, 1000);
      else if (!left && !stopped && time.isConnected) done?.();
    })();
  }
  function prepare(place) {
    place.querySelectorAll('[data-countdown]:not([data-counting])').forEach(time => {
      time.dataset.counting = 'yes';
      const then = time.dataset.then, shown = time.dataset.show;
      count(time, then || shown ? () => { if (shown) document.querySelector(shown).hidden = false; if (then) document.querySelector(then)?.click(); } : null);
    });
    place.querySelectorAll('form[data-script-action]').forEach(form => {
      form.setAttribute('action', form.dataset.scriptAction);
      form.querySelectorAll('input[type=hidden]').forEach(input => input.remove());
    });
    place.querySelectorAll('[data-print]').forEach(button => {
      button.hidden = false;
      button.addEventListener('click', () => print());
    });
    place.querySelectorAll('[data-show-password]').forEach(button => {
      button.hidden = false;
      button.addEventListener('click', () => {
        const field = byId(button.getAttribute('aria-controls')), show = field.type === 'password';
        field.type = show ? 'text' : 'password';
        button.firstChild.data = show ? 'Скрыть' : 'Показать';
      });
    });
  }
  function arrive() {
    learn();
    prepare(document);
    progress();
    (byId('summary') ?? document.querySelector('main h1'))?.focus({ preventScroll: true });
  }
  learn();
  prepare(document);
  progress();
  byId('summary')?.focus();
})();
