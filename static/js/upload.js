/* How much of a file has gone, and what to do when the line breaks. Without this file the form is sent by the browser.
   Works on marks: form[data-upload] with [data-upload-wait], [data-upload-bar], [data-upload-broken]. */
(() => {
  'use strict';
  if (document.watchesUploads) return; /* Each visit of the page brings this file once more. */
  document.watchesUploads = true;
  const STUCK = 60000;
  const say = (id, text) => { const region = document.getElementById(id); if (region) region.textContent = text; };
  const size = bytes => `${(bytes / 1048576).toFixed(1).replace('.', ',')} МБ`;

  const chosen = form => form.querySelector('input[type=file]').files[0];

  /* Whether the file is on its way. */
  function send(form) {
    const find = mark => form.querySelector(`[data-upload-${mark}]`), file = chosen(form);
    const wait = find('wait'), bar = find('bar'), broken = find('broken'), button = form.querySelector('[type=submit]');
    const most = Number(form.dataset.uploadMost), request = new XMLHttpRequest();
    const words = find('words').textContent, title = find('heading');
    const broke = title.dataset.broke ??= title.textContent; /* What an earlier try has put there is not it. */
    let told = -1, watch = 0, stopped = false;
    const busy = on => { wait.hidden = !on; button.disabled = on; form.toggleAttribute('aria-busy', on); delete form.dataset.sent; };
    const fail = (why, heading = broke) => {
      clearTimeout(watch);
      busy(false);
      find('words').textContent = words;
      title.textContent = heading;
      find('why').textContent = why;
      broken.hidden = false;
      document.documentElement.dataset.state = 'error';
      say('alert', `${heading}. ${why}`);
      button.focus();
    };
    const alive = () => { clearTimeout(watch); watch = setTimeout(() => request.abort(), STUCK); };
    broken.hidden = true;
    if (file && file.size > most - 65536) return fail(`Файл ${size(file.size)}, а можно не больше 10 МБ. Выберите другой.`, 'Файл слишком большой');
    busy(true);
    bar.value = 0;
    say('live', words);
    find('stop').onclick = () => { stopped = true; request.abort(); };
    request.upload.addEventListener('progress', ({ lengthComputable, loaded, total }) => {
      alive();
      const share = lengthComputable ? Math.floor(loaded / total * 100) : 0;
      bar.value = share;
      find('share').textContent = `${share} %`;
      if (share >= told + 25 && share < 100) { told = share; say('live', `Загружено ${share} %`); }
    });
    request.upload.addEventListener('load', () => { alive(); find('words').textContent = 'Файл загружен, проверяем его…'; say('live', 'Файл загружен, проверяем его'); });
    request.addEventListener('load', () => {
      clearTimeout(watch);
      const page = new DOMParser().parseFromString(request.responseText, 'text/html'), root = document.documentElement;
      if (!page.documentElement.dataset.screen || !page.getElementById('main')) return fail('Ответ пришёл не от портала. Отправьте ещё раз.');
      if (request.status === 401) return 'leaving' in root.dataset || location.reload(); /* The session is over: the page itself says so. */
      if (request.status < 400) return location.assign(request.responseURL);
      for (const name of ['screen', 'state']) root.dataset[name] = page.documentElement.dataset[name];
      document.title = page.title;
      const main = document.importNode(page.getElementById('main'), true);
      main.querySelectorAll('script').forEach(script => script.remove());
      document.getElementById('main').replaceWith(main);
      window.htmx?.process(main);
      (document.getElementById('summary') ?? main.querySelector('h1'))?.focus();
    });
    request.addEventListener('error', () => fail('Проверьте связь и отправьте ещё раз.'));
    request.addEventListener('abort', () => stopped ? fail('Отправить можно ещё раз: дважды это не выполнится.', 'Отправка остановлена') : fail('Связи нет уже минуту. Отправьте ещё раз.'));
    request.open('POST', form.action);
    alive();
    request.send(new FormData(form));
    return true;
  }

  document.addEventListener('submit', event => {
    /* A form without a file is small: the browser sends it as any other. */
    if (!event.target.matches?.('form[data-upload]') || !navigator.onLine || !chosen(event.target)) return;
    event.preventDefault();
    /* What was refused here is not under way: the guard against a second press must not hear of it, or the next file would not go. */
    if (!send(event.target)) event.stopPropagation();
  });
})();
