/* What legible.py asks of a page. Each question is answered in one go, so that nothing moves meanwhile, and what had to
   be changed for the answer is put back before it is given: the page never paints it. Answers are lists of sentences. */
question => {
  'use strict';
  const root = document.documentElement, MOST = 3;
  const CONTROLS = 'a[href],button,input:not([type=hidden]),select,textarea,summary,[role=button],[role=link],[role=switch],[role=tab],[onclick],[contenteditable=true]';
  const NATIVE = '[type=checkbox],[type=radio],[type=range],[type=file]';
  /* Behind an open dialog nothing can be reached, and nothing has to be. */
  const scope = document.querySelector('dialog:modal') ?? document.body;
  const once = ask => { const known = new Map(); return Object.assign(each => { if (!known.has(each)) known.set(each, ask(each)); return known.get(each); }, { forget: () => known.clear() }); };
  const style = once(each => getComputedStyle(each));

  const words = each => (each.innerText || each.getAttribute('aria-label') || each.value || '').trim().replace(/\s+/g, ' ').slice(0, 50);
  const named = each => each.ownerSVGElement ? `<${each.localName}> in ${named(each.ownerSVGElement.parentElement)}` : `<${each.localName}${each.id ? ` id=${each.id}` : ''}${each.getAttribute('class') ? ` class="${each.getAttribute('class')}"` : ''}> «${words(each)}»`;
  const some = (sentence, found) => found.length ? [`${sentence}: ${found.slice(0, MOST).map(each => each instanceof Element ? named(each) : each).join('; ')}${found.length > MOST ? ` and ${found.length - MOST} more` : ''}`] : [];
  const up = function* (each) { for (; each && each !== document; each = each.parentElement) yield each; };

  const isShown = each => each.checkVisibility({ visibilityProperty: true });
  /* For ears only, or waiting beside the page until it is focused (the skip link). */
  const isForEars = once(each => style(each).clipPath.startsWith('inset(50%') || Boolean(each.parentElement && isForEars(each.parentElement)));
  const isBeside = each => { const { bottom, right } = each.getBoundingClientRect(); return bottom + scrollY < 0 || right + scrollX < 0; };
  const isMeant = each => isShown(each) && !isForEars(each) && !isBeside(each);
  const controls = () => [...scope.querySelectorAll(CONTROLS)].filter(each => !each.matches(':disabled') && isMeant(each));

  /* At 320 px with letters twice as large (U-35). */
  const largest = each => [...each.getClientRects()].reduce((most, one) => one.width * one.height > most.width * most.height ? one : most, new DOMRect());
  function cutOff() {
    const found = new Set(), walk = document.createTreeWalker(scope, NodeFilter.SHOW_TEXT), range = document.createRange();
    for (let text = walk.nextNode(); text; text = walk.nextNode()) {
      const parent = text.parentElement;
      if (!text.data.trim() || parent.closest('script,style,noscript,template,select,textarea') || !isMeant(parent)) continue;
      range.selectNodeContents(text);
      const rects = [...range.getClientRects()].filter(one => one.width > 1 && one.height > 1);
      let left = 0, right = root.clientWidth, top = -Infinity, bottom = Infinity, sideways = true, downwards = true;
      for (const each of up(parent)) {
        const { overflowX, overflowY, display } = style(each);
        if (display === 'inline' || each === document.body || each === root) continue;
        const box = each.getBoundingClientRect();
        if (/auto|scroll/.test(overflowX)) { sideways = false; left = -Infinity; right = Infinity; }
        if (/auto|scroll/.test(overflowY)) downwards = false;
        if (sideways && /hidden|clip/.test(overflowX)) { left = Math.max(left, box.left); right = Math.min(right, box.right); }
        if (downwards && /hidden|clip/.test(overflowY)) { top = Math.max(top, box.top); bottom = Math.min(bottom, box.bottom); }
      }
      if (rects.some(one => one.left < left - 2 || one.right > right + 2 || one.top < top - 4 || one.bottom > bottom + 4)) found.add(parent);
    }
    return [...found];
  }
  function covered() {
    const places = [...document.querySelectorAll('*')].filter(each => each.scrollTop || each.scrollLeft).map(each => [each, each.scrollLeft, each.scrollTop]);
    const found = [], moved = new Set();
    for (const each of controls()) {
      for (const one of up(each)) if (one.scrollHeight > one.clientHeight || one.scrollWidth > one.clientWidth) moved.add(one);
      const reached = block => {
        each.scrollIntoView({ block, inline: 'nearest', behavior: 'instant' });
        const box = largest(each), hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
        return hit && (each.contains(hit) || [...each.labels ?? []].some(label => label.contains(hit)));
      };
      /* What is higher than the window is met in its middle. */
      if (largest(each).width >= 1 && largest(each).height >= 1 && !reached('nearest') && !reached('center')) found.push(each);
    }
    moved.forEach(each => { each.scrollTop = 0; each.scrollLeft = 0; });
    places.forEach(([each, x, y]) => { each.scrollLeft = x; each.scrollTop = y; });
    return found;
  }
  function narrow() {
    const before = root.style.fontSize;
    root.style.fontSize = '200%';
    try {
      const over = root.scrollWidth - root.clientWidth;
      const scrolls = each => [...up(each.parentElement)].some(one => one !== root && one !== document.body && /auto|scroll/.test(style(one).overflowX));
      const sticks = each => each.getBoundingClientRect().right > root.clientWidth + 1 && isShown(each) && !scrolls(each);
      return [
        ...some(`scrolls ${over} px sideways`, over > 0 ? [...scope.querySelectorAll('*')].filter(each => sticks(each) && ![...each.children].some(sticks)) : []),
        ...some('text is cut off', cutOff()),
        ...some('a control has no size', controls().filter(each => largest(each).width < 1 || largest(each).height < 1)),
        ...some('a control lies under something else', covered()),
      ];
    } finally {
      root.style.fontSize = before;
      if (!root.getAttribute('style')) root.removeAttribute('style');
    }
  }

  /* The keyboard: who can be focused, and in which order. */
  const layer = each => [...up(each)].find(one => /fixed|sticky/.test(style(one).position)) ?? root;
  function backwards(controls) {
    const found = [];
    for (let i = 1; i < controls.length; i += 1) {
      const [one, next] = [controls[i - 1], controls[i]];
      /* What sticks to the window has no place on the page. */
      if (layer(one) !== layer(next)) continue;
      const a = largest(one), b = largest(next);
      const sameRow = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > Math.min(a.height, b.height) / 2;
      /* Back to the left in the same row, or up without a step into another column to the right. */
      if (sameRow ? b.right <= a.left + 1 : b.bottom <= a.top + 1 && b.left < a.right - 1) found.push(`${named(one)} → ${named(next)}`);
    }
    return found;
  }
  function focus() {
    const all = controls();
    const clickable = all.filter(each => each.tabIndex < 0 && !each.closest('[inert]'));
    return [
      ...some('a positive tabindex', [...document.querySelectorAll('[tabindex]')].filter(each => each.tabIndex > 0)),
      ...some('a control that the keyboard does not reach', clickable),
      ...some('the focus goes against the order of reading', backwards(all.filter(each => each.tabIndex >= 0 && each.getClientRects().length))),
    ];
  }
  /* One control of each kind: what looks alike is focused alike. Not the one that is focused: how else it looks is not to be seen. */
  function kinds() {
    const found = new Map();
    for (const each of controls()) {
      if (each.tabIndex < 0 || each.matches(':focus')) continue;
      const place = each.closest('.card--brand,.top,.stripe,dialog,header,nav,footer');
      found.set([each.localName, each.type, each.className, each.parentElement.className, place?.className].join(), each);
    }
    return [...found.values()];
  }
  const drawn = each => [each, each.nextElementSibling, ...each.labels ?? []].filter(Boolean).map(one => {
    const { outlineStyle, outlineWidth, outlineColor, boxShadow } = getComputedStyle(one);
    const outline = outlineStyle === 'none' || (outlineStyle !== 'auto' && parseFloat(outlineWidth) < 2) || alpha(outlineColor) === 0 ? '' : outlineColor + outlineWidth;
    return `${outline} ${boxShadow}`;
  }).join('|');

  /* Colours. A gradient or a picture behind something says nothing, and null stands for it. */
  const parts = colour => colour.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0, 0];
  const alpha = colour => colour === 'transparent' ? 0 : colour.startsWith('rgba') || colour.includes('/') ? parts(colour)[3] : 1;
  const light = colour => parts(colour).slice(0, 3).map(one => { const part = one / 255; return part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4; }).reduce((sum, one, i) => sum + one * [.2126, .7152, .0722][i], 0);
  const contrast = (one, other) => { const [a, b] = [light(one), light(other)].sort((x, y) => y - x); return (a + .05) / (b + .05); };
  const behind = once(each => {
    if (!each) return matchMedia('(forced-colors: active)').matches && matchMedia('(prefers-color-scheme: dark)').matches ? 'rgb(0, 0, 0)' : 'rgb(255, 255, 255)';
    const { backgroundColor, backgroundImage } = style(each);
    return backgroundImage !== 'none' ? null : alpha(backgroundColor) > .5 ? backgroundColor : behind(each.parentElement);
  });
  const stands = (colour, ground, least) => ground === null || (alpha(colour) > .3 && contrast(colour, ground) >= least);
  const hasEdge = each => {
    const one = style(each), ground = behind(each.parentElement);
    const lines = ['Top', 'Bottom'].some(side => one[`border${side}Style`] !== 'none' && parseFloat(one[`border${side}Width`]) >= 1 && stands(one[`border${side}Color`], ground, 1.2));
    const outlined = one.outlineStyle !== 'none' && parseFloat(one.outlineWidth) >= 1 && stands(one.outlineColor, ground, 1.2);
    return lines || outlined || (alpha(one.backgroundColor) > .5 && ground !== null && contrast(one.backgroundColor, ground) >= 1.1);
  };
  const hasInk = each => stands(style(each).color, behind(each), 3);
  const isDrawn = each => { const one = style(each), ground = behind(each.parentElement); return ['fill', 'stroke'].some(part => one[part].startsWith('rgb') && stands(one[part], ground, 3)); };
  const look = each => { const one = style(each); return [one.color, one.backgroundColor, one.borderTopColor, one.borderTopWidth, one.borderTopStyle, one.outlineStyle, one.outlineColor, one.boxShadow, one.fontWeight, one.textDecorationLine].join(); };
  const STATES = '[aria-current]:not([aria-current=false]),[aria-pressed=true],[aria-selected=true],:checked+span';
  function differs(each) { /* From one that is not chosen: what is beside it, or in the same place of another row. */
    const row = each.closest('li,label') ?? each, index = [...row.querySelectorAll(each.localName)].indexOf(each);
    const others = [...row.parentElement.children].filter(one => one !== row).map(one => row === each ? one : one.querySelectorAll(each.localName)[index]);
    const other = others.find(one => one && one.localName === each.localName && !one.matches(STATES) && one.matches(':not(:disabled+span)') && isShown(one));
    return !other || look(other) !== look(each);
  }
  const SIGHTS = {
    'has no edge': [hasEdge, () => controls().filter(each => !each.matches(NATIVE)).map(each => style(each).opacity === '0' ? each.nextElementSibling : each).filter(Boolean)],
    'has no ink': [hasInk, () => [...scope.querySelectorAll('*')].filter(each => each instanceof HTMLElement && [...each.childNodes].some(node => node.nodeType === 3 && node.data.trim()) && isMeant(each))],
    'is not drawn': [isDrawn, () => [...scope.querySelectorAll('svg:not(.logo__mark,.idp svg)')].filter(isMeant).flatMap(each => each.querySelector('use') ? [each] : [...each.querySelectorAll('path,line,circle,rect,polyline,polygon,text')])],
    'looks no longer chosen': [differs, () => [...scope.querySelectorAll(STATES)].filter(isMeant)],
  };
  /* What is there to be seen as colours are: [what would be said without it, element]. */
  const sights = () => Object.entries(SIGHTS).flatMap(([said, [isSeen, all]]) => all().filter(isSeen).map(each => [said, each]));
  const lost = before => Object.entries(SIGHTS).flatMap(([said, [isSeen]]) => some(said, before.filter(([what, each]) => what === said && each.isConnected && !isSeen(each)).map(([, each]) => each)));

  /* «Версия для слабовидящих»: the four pairs of colours that a person may choose (tokens.css).
     Who looks wants no motion, or colours would still be on their way. */
  function pairs() {
    const before = root.dataset.contrast, found = [];
    try {
      for (const pair of ['black', 'white', 'blue', 'beige']) {
        root.dataset.contrast = pair;
        behind.forget();
        found.push(...some(`in the colours «${pair}» there is no ink`, SIGHTS['has no ink'][1]().filter(each => !stands(style(each).color, behind(each), 4.5))));
      }
      return found;
    } finally {
      if (before === undefined) delete root.dataset.contrast;
      else root.dataset.contrast = before;
    }
  }
  const moving = () => some('something moves', document.getAnimations().filter(each => each.playState === 'running' && each.effect.getComputedTiming().duration > 0).map(each => each.effect.target).filter(Boolean));

  switch (question.ask) {
    case 'narrow': return narrow();
    case 'focus': return focus();
    case 'kinds': return kinds();
    case 'drawn': return question.all.map(drawn);
    case 'named': return question.all.map(named);
    case 'sights': return sights();
    case 'pairs': return pairs();
    case 'colours': return [...lost(question.before).map(each => `in forced colours ${each}`), ...moving()];
  }
}
