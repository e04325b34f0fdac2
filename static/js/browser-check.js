/* «Проверка браузера»: what only the browser itself can tell. The page says without it what can be said without. */
(() => {
  'use strict';
  const list = document.getElementById('checks');
  if (!list) return;
  const SIGN = { good: 'Подходит', warn: 'Обратите внимание' };
  function tell(id, verdict, words) {
    const row = list.querySelector(`[data-check="${id}"]`), tag = row.querySelector('[data-tag]'), icon = tag.querySelector('use');
    row.dataset.verdict = verdict;
    row.querySelector('[data-says]').textContent = words;
    icon.setAttribute('href', icon.getAttribute('href').replace(/#.*/, verdict === 'good' ? '#check' : '#alert'));
    tag.className = `tag ${verdict === 'good' ? 'tag--ok' : 'tag--warn'}`;
    tag.lastChild.textContent = SIGN[verdict];
  }
  tell('script', 'good', 'Включены.');
  /* The page came a moment after the server had written its time into it. */
  const off = Math.round((performance.timeOrigin + performance.now() - Number(list.dataset.now)) / 1000);
  if (Math.abs(off) <= 60) tell('clock', 'good', 'Идут верно.');
  else {
    const minutes = Math.round(Math.abs(off) / 60), time = new Date(Number(list.dataset.now)).toLocaleTimeString('ru-RU', { hour: '2-digit', minute: '2-digit', timeZone: 'Europe/Moscow' });
    tell('clock', 'warn', `Часы устройства ${off > 0 ? 'спешат' : 'отстают'} примерно на ${minutes} мин: на сервере ${time} мск. Включите в настройках «Дата и время» установку времени по сети, иначе одноразовые коды могут не подходить.`);
  }
  (async () => {
    const began = performance.now();
    try {
      const answer = await fetch(list.dataset.blob, { cache: 'no-store' }), bytes = (await answer.arrayBuffer()).byteLength;
      if (!answer.ok) return;
      const speed = bytes * 8 / 1e6 / Math.max(0.001, (performance.now() - began) / 1000);
      const words = `${speed >= 10 ? Math.round(speed) : speed.toFixed(1).replace('.', ',')} Мбит/с.`;
      if (speed >= 2) tell('speed', 'good', `${words} Достаточно.`);
      else tell('speed', 'warn', `${words} Меньше 2 Мбит/с: страницы будут открываться медленно. Подойдите ближе к роутеру или смените сеть.`);
    } catch { tell('speed', 'warn', 'Пробный файл не пришёл. Проверьте соединение с интернетом.'); }
  })();
})();
