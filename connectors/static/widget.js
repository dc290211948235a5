/*
 * Sapa's chat window: one file, no dependencies, no request to any host but the one it was loaded from.
 *
 *   <script src="https://SERVER/widget.js" defer></script>
 *
 * Attributes of the tag, all optional: data-lang="id|jv", data-side="right|left", data-open (open at once),
 * data-server="https://..." (when the file is served from elsewhere). On the page, an element with
 * data-sapa-open opens the window and one with data-sapa-ask="question" asks; scripts use
 * window.Sapa.open(), .close(), .ask(text).
 *
 * A site with a Content-Security-Policy allows the server in script-src and connect-src, nothing else:
 * styles go into a constructed style sheet inside a shadow root, and no text of a message becomes HTML.
 */
(() => {
  'use strict';
  if (window.Sapa) return;

  const tag = document.currentScript;
  const CONFIG = { days: 90 }; // the server puts its own settings here
  const SERVER = new URL(tag.dataset.server || tag.src, location.href).href.replace(/\/(widget\.js.*)?$/, '');
  const STORE = 'sapa.chat';
  const SOURCE = new URLSearchParams(location.search).get('source'); // where the citizen learned of this page
  const LONGEST = 4000; // characters the server keeps of one message
  const RETRIES = [1000, 3000, 7000]; // milliseconds before another try at sending
  const POLL_OPEN = 8000, POLL_CLOSED = 45000, WAIT = 20; // pauses between questions to the server; seconds it may hold one
  const LIVELY = 24 * 3600 * 1000; // after a day of silence the closed window stops asking for news

  // ---- what it says -----------------------------------------------------------------------------------

  const WORDS = {
    id: {
      title: 'Sapa', subtitle: 'Layanan publik Mojokerto',
      launch: 'Tanya Sapa', close: 'Tutup', log: 'Percakapan dengan Sapa', you: 'Anda', options: 'Pilihan',
      hint: 'Tulis pertanyaan…', field: 'Pertanyaan Anda', send: 'Kirim', sending: 'mengirim…', sent: 'terkirim',
      unsent: 'Belum terkirim.', retry: 'Coba lagi', typing: 'Sapa sedang menulis…',
      slow: 'Jawaban agak lama. Anda boleh menunggu atau menutup jendela ini; jawaban akan muncul di sini.',
      offline: 'Tidak ada sambungan internet. Pesan akan dikirim begitu sambungan kembali.',
      busy: 'Pesan terlalu cepat. Akan dikirim lagi sebentar.', unread: 'jawaban baru', choose: 'Pilih, atau ketik nomornya',
      other: 'Ganti ke Basa Jawa', larger: 'Huruf lebih besar', normal: 'Huruf ukuran biasa', fresh: 'Mulai percakapan baru',
      cleared: 'Percakapan baru dimulai.', privacy: 'Privasi', long: 'Batas 4.000 huruf sudah tercapai.',
      welcome: 'Selamat datang. Saya *Sapa*, program komputer yang menjawab tentang layanan kantor di Mojokerto.\n\n' +
        'Mau mengurus apa? Boleh bertanya dalam bahasa Indonesia atau Jawa.',
      ask: ['Apa syarat membuat akta kelahiran?', 'Kartu keluarga saya hilang, bagaimana mengurusnya?', 'Kantor kecamatan buka jam berapa?'],
      note: 'Pesan disimpan paling lama {days} hari untuk menjawab dan memperbaiki layanan (UU 27/2022). ' +
        'Jangan kirim NIK, kata sandi, atau kode OTP.', more: 'Selengkapnya tentang privasi',
    },
    jv: {
      title: 'Sapa', subtitle: 'Layanan publik Mojokerto',
      launch: 'Tanglet Sapa', close: 'Tutup', log: 'Wawan rembag kaliyan Sapa', you: 'Panjenengan', options: 'Pilihan',
      hint: 'Serat pitakenan…', field: 'Pitakenan panjenengan', send: 'Kirim', sending: 'ngirim…', sent: 'kakirim',
      unsent: 'Dereng kakirim.', retry: 'Cobi malih', typing: 'Sapa nembe nyerat…',
      slow: 'Wangsulan radi dangu. Panjenengan saged nengga utawi nutup jendhela menika; wangsulan badhe medal ing ngriki.',
      offline: 'Boten wonten sambungan internet. Pesen badhe kakirim menawi sambungan sampun wangsul.',
      busy: 'Pesen kecepeten. Badhe dipunkirim malih sekedhap malih.', unread: 'wangsulan enggal', choose: 'Pilih, utawi ketik nomeripun',
      other: 'Ganti ke Bahasa Indonesia', larger: 'Aksara langkung ageng', normal: 'Aksara ukuran limrah', fresh: 'Wiwiti wawan rembag enggal',
      cleared: 'Wawan rembag enggal dipunwiwiti.', privacy: 'Privasi', long: 'Sampun dumugi wates 4.000 aksara.',
      welcome: 'Sugeng rawuh. Kula *Sapa*, program komputer ingkang mangsuli bab layanan kantor ing Mojokerto.\n\n' +
        'Badhe ngurus punapa? Saged nyuwun pirsa mawi basa Jawi utawi Indonesia.',
      ask: ['Syaratipun damel akta kelahiran punapa kemawon?', 'KK kula ical, pripun anggenipun ngurus?', 'Kantor kecamatan bikak jam pinten?'],
      note: 'Pesen dipunsimpen paling dangu {days} dinten kangge mangsuli lan ndandosi layanan (UU 27/2022). ' +
        'Sampun ngirim NIK, kata sandi, utawi kode OTP.', more: 'Sajangkepipun bab privasi',
    },
  };

  // ---- how it looks -----------------------------------------------------------------------------------

  const STYLE = `
:host{all:initial;position:fixed;z-index:2147483000;right:0;bottom:0;color-scheme:light;-webkit-text-size-adjust:none;text-size-adjust:none}
*,*::before,*::after{box-sizing:border-box}
[hidden]{display:none!important}
.root{--brick:#96391b;--dark:#6f2710;--ink:#2a1c15;--soft:#6a5548;--paper:#fff;--cream:#fbf4ea;--line:#e4d3c1;--leaf:#e4efe6;
 font:max(1rem,16px)/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;color:var(--ink)}
button,textarea{font:inherit;color:inherit;margin:0}
button{cursor:pointer;min-height:44px;border-radius:12px;border:1px solid transparent;background:none;touch-action:manipulation}
button:disabled{cursor:default}
:focus-visible{outline:3px solid #0b57d0;outline-offset:2px;box-shadow:0 0 0 2px #fff}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.launch{position:fixed;right:16px;bottom:calc(16px + env(safe-area-inset-bottom,0px));display:flex;align-items:center;gap:.6em;min-height:60px;
 padding:.5em 1.2em .5em .8em;border-radius:30px;background:var(--brick);color:#fff;font-weight:600;border-color:#fff;box-shadow:0 4px 18px rgba(60,20,5,.35)}
.launch:hover{background:var(--dark)}
.away{visibility:hidden}
.left .launch,.left .panel{right:auto;left:16px}
.launch svg{width:36px;height:36px;flex:none}
.badge{min-width:1.7em;padding:.05em .45em;border-radius:1em;background:#fff;color:var(--dark);font-weight:700;text-align:center}
.panel{position:fixed;inset:auto 16px 16px auto;margin:0;padding:0;border:1px solid var(--line);border-radius:18px;width:min(26.5em,calc(100vw - 32px));
 height:min(42em,calc(100vh - 32px));height:min(42em,calc(100dvh - 32px));max-width:none;max-height:none;background:var(--cream);color:inherit;overflow:hidden;box-shadow:0 12px 48px rgba(60,20,5,.3)}
.panel[open]{display:flex;flex-direction:column}
.panel::backdrop{background:var(--cream,#fbf4ea)}
.full .panel{inset:0;width:100%;height:100%;border:0;border-radius:0}
.head{display:flex;flex-wrap:wrap;align-items:center;gap:.6em;padding:.5em .5em .5em .8em;background:var(--brick);color:#fff;flex:none}
.head svg{width:2.4em;height:2.4em;flex:none}
.head>div{flex:1 1 4.2em;min-width:0;line-height:1.25}
h2{margin:0;font-size:1.15em;font-weight:700}
.head p{margin:0;font-size:.85em}
.head button,summary{display:flex;align-items:center;justify-content:center;min-width:44px;min-height:44px;padding:0 .6em;border-radius:10px;color:#fff;font-size:.95em}
.x{font-size:1.3em;line-height:1}.x+span{padding-left:.4em}
@media (max-width:440px){.x+span{display:none}}
.head button:hover,summary:hover{background:var(--dark)}
.head :focus-visible{outline-color:#fff;box-shadow:0 0 0 5px #0b57d0}
details{position:relative}
summary{list-style:none;cursor:pointer;user-select:none}
summary::-webkit-details-marker{display:none}
.menu{position:absolute;right:0;top:100%;z-index:2;width:max-content;max-width:80vw;margin-top:4px;padding:6px;background:var(--paper);color:var(--ink);border:1px solid var(--line);border-radius:12px;box-shadow:0 8px 28px rgba(60,20,5,.28)}
.menu button,.menu a{display:flex;align-items:center;justify-content:flex-start;width:100%;min-height:46px;padding:0 .8em;border-radius:8px;color:inherit;text-decoration:none;font-size:1em}
.menu button:hover,.menu a:hover{background:var(--cream)}
.menu :focus-visible{outline-color:#0b57d0;box-shadow:none}
.log{flex:1;min-height:0;overflow-y:auto;overscroll-behavior:contain;padding:14px 14px 6px;display:flex;flex-direction:column;gap:10px}
.log>:first-child{margin-top:auto}
.item{max-width:90%;display:flex;flex-direction:column;align-items:flex-start}
.item.me{align-self:flex-end;align-items:flex-end}
.text{padding:.6em .9em;border-radius:16px;background:var(--paper);border:1px solid var(--line);border-bottom-left-radius:5px;overflow-wrap:anywhere;max-width:100%}
.me .text{background:var(--leaf);border-color:#bdd5c3;border-radius:16px 16px 5px 16px;white-space:pre-wrap}
.text p{margin:0 0 .55em}.text ol,.text ul{margin:0 0 .55em;padding-left:1.6em}.text li{margin-bottom:.25em}.text>:last-child{margin-bottom:0}
a{color:#0b4f9e;text-decoration:underline}
.meta{font-size:.8em;color:var(--soft);padding:2px 4px 0}
.bad .text{border:2px dashed #b3261e}
.bad .meta{color:#8c1d18;font-size:.95em;font-weight:600}
.again{margin-left:.5em;padding:0 .9em;border-color:#8c1d18;background:var(--paper);color:#8c1d18;font-weight:600}
.choices{list-style:none;margin:8px 0 0;padding:0;display:flex;flex-direction:column;align-items:flex-start;gap:8px;max-width:100%}
.choices button{display:flex;align-items:center;gap:.6em;padding:.45em .95em;background:var(--paper);border-color:var(--brick);color:var(--dark);font-weight:600;text-align:left;overflow-wrap:anywhere}
.choices button:hover{background:#f9e6db}
.choices b{flex:none;min-width:1.7em;height:1.7em;line-height:1.7em;border-radius:50%;background:var(--brick);color:#fff;text-align:center;font-size:.9em}
.choices.old button{border-color:#8d7668;font-weight:400}.choices.old b{display:none}
.note{border-left:4px solid #b9812c;background:#fdf3dc;border-radius:8px;padding:.55em .8em;font-size:.92em}
.note p{margin:0}.note a{display:inline-block;padding:.35em 0;color:#0b4f9e}
.dots{display:flex;gap:5px;padding:.85em 1em}
.dots i{width:8px;height:8px;border-radius:50%;background:var(--brick);animation:dot 1.2s infinite}
.dots i:nth-child(2){animation-delay:.2s}.dots i:nth-child(3){animation-delay:.4s}
@keyframes dot{0%,60%,100%{opacity:.25}30%{opacity:1}}
.status{flex:none;margin:0 14px;padding:0 2px;font-size:.92em;color:#8c1d18}
.status[data-key=cleared],.status[data-key=slow]{color:var(--soft)}
.status:not(:empty){padding:6px 2px}
form{display:flex;flex-wrap:wrap;align-items:flex-end;justify-content:flex-end;gap:8px;padding:10px 12px calc(10px + env(safe-area-inset-bottom,0px));margin:0;background:var(--paper);border-top:1px solid var(--line);flex:none}
textarea{flex:1 1 8em;min-width:0;min-height:48px;max-height:8.5em;padding:.65em .8em;border:1.5px solid #8d7668;border-radius:14px;background:#fff;resize:none;line-height:1.4}
textarea::placeholder{color:#6f5c50;opacity:1}
form button{min-height:48px;padding:0 1.1em;border-radius:14px;background:var(--brick);color:#fff;font-weight:700}
form button:hover{background:var(--dark)}
@media (prefers-reduced-motion:no-preference){.panel[open]{animation:rise .18s ease-out}.item{animation:rise .15s ease-out}@keyframes rise{from{transform:translateY(8px);opacity:.4}}}
@media (prefers-reduced-motion:reduce){.dots i{animation:none;opacity:.7}}
@media (forced-colors:active){button,.text,.note,.panel{border:1px solid}}
@media print{.root{display:none}}`;

  /** Surya Majapahit, the eight-rayed sun of Mojokerto's old kingdom, in a speech bubble. */
  function logo() {
    const ns = 'http://www.w3.org/2000/svg';
    const svg = document.createElementNS(ns, 'svg');
    svg.setAttribute('viewBox', '0 0 48 48');
    svg.setAttribute('aria-hidden', 'true');
    const draw = (name, attributes) => {
      const node = document.createElementNS(ns, name);
      for (const key in attributes) node.setAttribute(key, attributes[key]);
      svg.append(node);
    };
    draw('path', { fill: '#fff6e6', d: 'M24 3C12 3 3 11 3 21.500c0 6.500 3.500 12 9 15.400L10.500 45l9-5.300c1.500.2 3 .3 4.500.3 12 0 21-8 21-18.500S36 3 24 3z' });
    for (let turn = 0; turn < 360; turn += 45) {
      draw('path', { fill: '#96391b', d: 'M24 7.500l3 7h-6z', transform: `rotate(${turn} 24 21.500)` });
    }
    draw('circle', { cx: 24, cy: 21.5, r: 5.5, fill: '#c98a1b' });
    return svg;
  }

  // ---- small tools ------------------------------------------------------------------------------------

  /** An element with attributes (on* are listeners, null is left out) and children; strings stay text. */
  function el(name, attributes, ...children) {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (value === null) continue;
      if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
      else node.setAttribute(key, value);
    }
    node.append(...children.filter((child) => child !== null));
    return node;
  }

  function randomId() {
    return Array.from(crypto.getRandomValues(new Uint8Array(20)), (byte) => byte.toString(16).padStart(2, '0')).join('');
  }

  const INLINE = /(https?:\/\/[^\s<>"]+)|(^|[\s(["'.,:;!?/-])([*_~])(\S(?:[^\n]*?\S)?)\3(?=$|[\s)\]"'.,:;!?/-])/g;
  const STYLES = { '*': 'strong', _: 'em', '~': 's' };

  /** Puts a line with WhatsApp's *bold*, _italic_, ~strike~ and web addresses into a node, as nodes. */
  function inline(text, into) {
    let done = 0;
    for (const hit of text.matchAll(INLINE)) {
      if (hit[1]) {
        const address = hit[1].replace(/[.,;:!?*_~)\]]+$/, '');
        into.append(text.slice(done, hit.index));
        into.append(el('a', { href: address, target: '_blank', rel: 'noopener noreferrer nofollow' }, address));
        done = hit.index + address.length;
      } else {
        into.append(text.slice(done, hit.index) + hit[2]);
        into.append(inline(hit[4], el(STYLES[hit[3]])));
        done = hit.index + hit[0].length;
      }
    }
    into.append(text.slice(done));
    return into;
  }

  /** Puts a reply into a node: paragraphs, numbered and dotted lists, line breaks. */
  function rich(text, into) {
    let block = null, item = null;
    for (const line of text.split('\n')) {
      const numbered = /^\s*(\d{1,3})[.)]\s+(.*)/.exec(line);
      const dotted = numbered ? null : /^\s*[-•–]\s+(.*)/.exec(line);
      if (!line.trim()) {
        block = item = null;
      } else if (numbered || dotted) {
        const kind = numbered ? 'OL' : 'UL';
        if (!block || block.tagName !== kind) into.append((block = el(kind)));
        item = inline(numbered ? numbered[2] : dotted[1], el('li', { value: numbered ? numbered[1] : null }));
        block.append(item);
      } else if (item && /^\s/.test(line)) {
        inline(line.trim(), item).insertBefore(el('br'), item.lastChild);
      } else if (block && block.tagName === 'P') {
        block.append(el('br'));
        inline(line, block);
      } else {
        item = null;
        into.append((block = inline(line, el('p'))));
      }
    }
    return into;
  }

  // ---- what is kept on this device --------------------------------------------------------------------

  let memory = null; // where the browser refuses localStorage, the conversation lives until the page is left
  function load() {
    try { memory = JSON.parse(localStorage.getItem(STORE)) || memory; } catch (refused) { /* keep memory */ }
    const kept = memory && typeof memory.session === 'string' ? memory : {};
    return Object.assign({ session: randomId(), used: 0, lang: '', size: 0, unsent: [] }, kept);
  }
  function save() {
    memory = state;
    try { localStorage.setItem(STORE, JSON.stringify(state)); } catch (refused) { /* memory has it */ }
  }
  function remembered(key, value) {
    try {
      if (value === undefined) return sessionStorage.getItem(key);
      sessionStorage.setItem(key, value);
    } catch (refused) { /* nothing to remember with */ }
    return null;
  }

  const state = load();
  if (!WORDS[state.lang]) state.lang = WORDS[tag.dataset.lang] ? tag.dataset.lang : 'id';
  const word = (key) => WORDS[state.lang][key];

  // ---- the window -------------------------------------------------------------------------------------

  const host = document.createElement('sapa-chat');
  const shadow = host.attachShadow({ mode: 'open' });
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    shadow.adoptedStyleSheets = [sheet];
  } catch (older) {
    shadow.append(el('style', null, STYLE));
  }

  const narrow = matchMedia('(max-width: 540px), (max-height: 440px)');
  const root = el('div', { class: 'root' });
  const badge = el('span', { class: 'badge', 'aria-hidden': 'true', hidden: '' });
  const launchText = el('span');
  const launch = el('button', { class: 'launch', type: 'button', 'aria-haspopup': 'dialog', 'aria-expanded': 'false', onclick: () => open() }, logo(), launchText, badge);
  const subtitle = el('p');
  const menu = el('div', { class: 'menu' });
  const summary = el('summary');
  const details = el('details', null, summary, menu);
  const closeText = el('span');
  const closer = el('button', { type: 'button', onclick: () => close() }, el('span', { class: 'x', 'aria-hidden': 'true' }, '✕'), closeText);
  const log = el('div', { class: 'log', role: 'log', 'aria-live': 'polite', tabindex: '0' });
  const status = el('p', { class: 'status', role: 'status' });
  const field = el('textarea', { id: 'field', rows: '1', maxlength: String(LONGEST), enterkeyhint: 'send', autocomplete: 'off', name: 'pesan' });
  const label = el('label', { class: 'hidden', for: 'field' });
  const sendButton = el('button', { type: 'submit' });
  const form = el('form', { onsubmit: (event) => { event.preventDefault(); submit(); } }, label, field, sendButton);
  const panel = el('dialog', { class: 'panel', 'aria-labelledby': 'title' },
    el('div', { class: 'head' }, logo(), el('div', null, el('h2', { id: 'title' }, 'Sapa'), subtitle), details, closer), log, status, form);
  const news = el('p', { class: 'hidden', role: 'status' }); // says aloud what came while the window was closed
  root.append(launch, news, panel);
  if (tag.dataset.side === 'left') root.classList.add('left');
  shadow.append(root);

  /** (Re)writes everything that has words in it, in the language chosen. */
  function dress() {
    host.lang = state.lang;
    panel.style.fontSize = `${[1, 1.25, 1.5][state.size] || 1}em`;
    launchText.textContent = word('launch');
    subtitle.textContent = word('subtitle');
    summary.textContent = word('options');
    closeText.textContent = word('close');
    closer.setAttribute('aria-label', word('close'));
    log.setAttribute('aria-label', word('log'));
    label.textContent = word('field');
    field.placeholder = word('hint');
    sendButton.textContent = word('send');
    menu.replaceChildren(
      el('button', { type: 'button', onclick: () => pick(() => { state.lang = state.lang === 'id' ? 'jv' : 'id'; }) }, word('other')),
      el('button', { type: 'button', onclick: () => pick(() => { state.size = (state.size + 1) % 3; }) }, word(state.size === 2 ? 'normal' : 'larger')),
      el('button', { type: 'button', onclick: () => pick(startAfresh) }, word('fresh')),
      el('a', { href: `${SERVER}/privasi`, target: '_blank', rel: 'noopener' }, word('privacy')));
    welcome();
    unread(0);
  }

  function pick(action) {
    action();
    details.open = false;
    save();
    dress();
    summary.focus();
  }

  let welcomed = [];
  /** The first lines of the log: who this is, what is kept, what one may ask. They are not part of the history. */
  function welcome() {
    welcomed.forEach((node) => node.remove());
    const note = el('div', { class: 'note' }, el('p', null, word('note').replace('{days}', CONFIG.days)),
      el('a', { href: `${SERVER}/privasi`, target: '_blank', rel: 'noopener' }, word('more')));
    const hello = el('div', { class: 'item' }, el('span', { class: 'hidden' }, 'Sapa: '), rich(word('welcome'), el('div', { class: 'text' })));
    const examples = el('ul', { class: 'choices' }, ...word('ask').map((text) => el('li', null, el('button', { type: 'button', onclick: () => say(text) }, text))));
    welcomed = shown.size ? [note, hello] : [note, hello, examples];
    log.prepend(...welcomed);
  }

  const touch = matchMedia('(pointer: coarse)');
  /** Takes the example questions away once something was asked; whoever stood on them is put into the log. */
  function dropExamples() {
    if (welcomed.length < 3) return;
    const examples = welcomed.pop();
    if (examples.contains(shadow.activeElement)) log.focus();
    examples.remove();
  }

  function isFull() { return narrow.matches; }

  function open(quietly) {
    if (panel.open) return;
    root.classList.toggle('full', isFull());
    if (isFull()) { panel.showModal(); document.documentElement.style.overflow = 'hidden'; } else panel.show();
    fit();
    launch.hidden = true;
    launch.setAttribute('aria-expanded', 'true');
    remembered(STORE, 'open');
    unread(0);
    if (quietly === true) { if (shadow.activeElement) shadow.activeElement.blur(); }
    else (touch.matches ? log : field).focus({ preventScroll: true }); // a phone's keyboard would hide the welcome
    if (shown.size) toEnd(); else log.scrollTop = 0;
    wake();
  }

  function close() {
    if (panel.open) panel.close();
  }

  panel.addEventListener('close', () => {
    if (moving) { moving -= 1; return; }
    document.documentElement.style.overflow = '';
    launch.hidden = false;
    launch.setAttribute('aria-expanded', 'false');
    remembered(STORE, 'closed');
    details.open = false;
    (launch.classList.contains('away') && opener && opener.isConnected ? opener : launch).focus();
  });

  panel.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    if (details.open) { details.open = false; summary.focus(); } else close();
  });
  shadow.addEventListener('click', (event) => { if (details.open && !details.contains(event.target)) details.open = false; });
  details.addEventListener('focusout', (event) => { if (event.relatedTarget && !details.contains(event.relatedTarget)) details.open = false; });

  let opener = null; // the page's own button that opened the window
  let moving = 0; // closings that are only a change of form
  narrow.addEventListener('change', () => { // a phone was turned, a window made narrow
    if (!panel.open) return;
    moving += 1;
    panel.close();
    document.documentElement.style.overflow = '';
    open(true);
  });

  /** On a phone the keyboard covers part of the page: the window takes what is left. */
  function fit() {
    const view = window.visualViewport;
    const full = view && root.classList.contains('full') && panel.open;
    panel.style.height = full ? `${view.height}px` : '';
    panel.style.top = full ? `${view.offsetTop}px` : '';
  }
  if (window.visualViewport) {
    visualViewport.addEventListener('resize', () => { fit(); if (panel.open && shadow.activeElement === field) toEnd(); });
    visualViewport.addEventListener('scroll', fit);
  }

  function toEnd() { log.scrollTop = log.scrollHeight; }

  let waitingOutside = 0;
  function unread(count) {
    waitingOutside = count;
    badge.hidden = !count;
    badge.textContent = count || '';
    if (count) launch.classList.remove('away');
    launch.setAttribute('aria-label', count ? `${word('launch')}, ${count} ${word('unread')}` : word('launch'));
    news.textContent = count ? `${count} ${word('unread')}` : '';
  }

  // ---- messages in the log ----------------------------------------------------------------------------

  const shown = new Map(); // message id -> its element

  function clock(at) {
    const when = at ? new Date(at) : new Date();
    const time = when.toLocaleTimeString('id-ID', { hour: '2-digit', minute: '2-digit' });
    const today = when.toDateString() === new Date().toDateString();
    return today ? time : `${when.toLocaleDateString('id-ID', { day: 'numeric', month: 'short' })} ${time}`;
  }

  /** Shows one message; the same id again changes nothing. */
  function show(message) {
    if (shown.has(message.id)) return null;
    const mine = message.from === 'citizen';
    if (mine) retire();
    const text = el('div', { class: 'text' });
    if (mine) text.append(message.text); else rich(message.text || '', text);
    const node = el('div', { class: mine ? 'item me' : 'item' },
      el('span', { class: 'hidden' }, mine ? `${word('you')}: ` : 'Sapa: '), message.text ? text : null, choices(message), el('div', { class: 'meta' }, clock(message.at)));
    shown.set(message.id, node);
    log.insertBefore(node, typing.isConnected ? typing : null);
    return node;
  }

  function choices(message) {
    const buttons = message.buttons || [];
    if (!buttons.length) return null;
    return el('ul', { class: 'choices', 'aria-label': word('choose') }, ...buttons.map((button, index) => el('li', null,
      el('button', { type: 'button', onclick: () => say(button.payload || button.title, button.title) }, el('b', null, String(index + 1)), el('span', null, button.title)))));
  }

  /** Choices of earlier replies stay usable, without the number that belongs to the last ones. */
  function retire() { log.querySelectorAll('.choices').forEach((list) => list.classList.add('old')); }

  const typing = el('div', { class: 'item' }, el('span', { class: 'hidden' }), el('div', { class: 'text dots', 'aria-hidden': 'true' }, el('i'), el('i'), el('i')));
  let slowly = 0;
  function expecting(yes) {
    if (yes === typing.isConnected) return;
    clearTimeout(slowly);
    if (yes) {
      typing.firstChild.textContent = word('typing');
      log.append(typing);
      slowly = setTimeout(() => tell('slow'), 20000);
    } else {
      typing.remove();
      if (status.dataset.key === 'slow') tell('');
    }
  }

  function tell(key, text) {
    status.dataset.key = key;
    status.textContent = text || (key ? word(key) : '');
  }

  // ---- sending ----------------------------------------------------------------------------------------

  function submit() {
    const text = field.value.trim();
    if (!text) { field.focus(); return; }
    field.value = '';
    grow();
    say(text);
    field.focus();
  }

  function say(text, title) {
    const message = { id: randomId(), text: String(text).slice(0, LONGEST), at: new Date().toISOString() };
    if (title && title !== text) message.title = title;
    if (SOURCE && !state.used) message.source = SOURCE;
    state.unsent.push(message);
    state.used = Date.now();
    save();
    mine(message);
    dropExamples();
    if (!panel.open) open();
    toEnd();
    deliver();
  }

  function mine(message) {
    const node = show({ id: message.id, from: 'citizen', text: message.title || message.text, at: message.at });
    if (node) mark(message.id, 'sending');
  }

  /** Writes below a message of one's own how far it has come. */
  function mark(id, how, detail) {
    const node = shown.get(id);
    if (!node) return;
    const meta = node.querySelector('.meta');
    node.classList.toggle('bad', how === 'unsent' || how === 'refused');
    if (how === 'refused') meta.textContent = detail || word('unsent');
    else if (how === 'unsent') {
      meta.replaceChildren(detail || word('unsent'), el('button', { class: 'again', type: 'button', onclick: () => { field.focus(); deliver(); } }, word('retry')));
    } else {
      meta.textContent = how === 'sending' ? word('sending') : `${clock()} · ${word('sent')}`;
    }
  }

  let delivering = false;
  /** Sends what is unsent, one after the other, and gives up for now after a few tries. */
  async function deliver() {
    if (delivering) return;
    delivering = true;
    state.unsent.forEach((message) => mark(message.id, 'sending'));
    while (state.unsent.length) {
      const message = state.unsent[0];
      const problem = await tryToSend(message);
      if (state.unsent[0] !== message) continue; // a new conversation was begun meanwhile
      if (problem && problem.final) {
        state.unsent.shift();
        mark(message.id, 'refused', problem.text);
        tell('unsent', problem.text);
      } else if (problem) {
        state.unsent.forEach((left) => mark(left.id, 'unsent', left === message ? problem.text : ''));
        if (navigator.onLine === false) tell('offline'); else tell('unsent', problem.text);
        break;
      } else {
        state.unsent.shift();
        mark(message.id, 'sent');
        tell('');
        expecting(true);
        toEnd();
        wake();
      }
      save();
    }
    delivering = false;
  }

  async function tryToSend(message) {
    let text = '';
    for (let attempt = 0; attempt <= RETRIES.length; attempt += 1) {
      let pause = RETRIES[attempt];
      try {
        const answer = await post('/chat/send', Object.assign({ session: state.session }, message), 15);
        if (answer.ok) return null;
        const body = await answer.json().catch(() => ({}));
        text = body.message || '';
        if (answer.status === 429) {
          tell('busy');
          pause = Math.min(60, Number(answer.headers.get('Retry-After')) || 10) * 1000;
        } else if (answer.status < 500) return { text, final: true };
      } catch (unreachable) {
        if (navigator.onLine === false) return { text: '' };
      }
      if (attempt < RETRIES.length) await new Promise((ready) => setTimeout(ready, pause));
    }
    return { text };
  }

  /** POST as text/plain: a simple request, which costs slow lines no extra round trip when embedded elsewhere. */
  async function post(path, body, seconds) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), seconds * 1000);
    try {
      return await fetch(SERVER + path, { method: 'POST', body: JSON.stringify(body), credentials: 'omit', cache: 'no-store', signal: stop.signal });
    } finally {
      clearTimeout(timer);
    }
  }

  // ---- receiving --------------------------------------------------------------------------------------

  let resuming = Boolean(state.used); // the first news after loading the page is what was said before
  let after = '', timer = 0, asking = false, again = false, failures = 0;

  /** Asks the server for news now instead of later. */
  function wake() {
    clearTimeout(timer);
    if (asking) { again = true; return; }
    if (state.used) ask();
  }

  async function ask() {
    const session = state.session;
    asking = true;
    again = false;
    const began = Date.now();
    const wait = typing.isConnected ? WAIT : 0;
    let pause = panel.open && !document.hidden ? POLL_OPEN : POLL_CLOSED;
    try {
      const answer = await post('/chat/poll', { session, after, wait }, wait + 15);
      if (!answer.ok) throw new Error(String(answer.status));
      const quick = Date.now() - began < 1000;
      const news = await answer.json();
      if (session === state.session) receive(news);
      failures = 0;
      if (typing.isConnected) pause = quick ? 1000 : 50;
    } catch (unreachable) {
      failures += 1;
      pause = Math.min(30000, 1500 * 2 ** failures);
    }
    asking = false;
    clearTimeout(timer);
    if (again) { again = false; ask(); return; }
    if (panel.open || typing.isConnected || Date.now() - state.used < LIVELY) timer = setTimeout(wake, pause);
  }

  function receive(news) {
    const first = resuming;
    resuming = false;
    after = news.after;
    if (first) log.setAttribute('aria-live', 'off'); // what was said before the reload is not read out again
    const fresh = news.messages.map(show).filter(Boolean);
    if (first) {
      state.unsent.forEach((message) => { const node = shown.get(message.id); if (node) log.append(node); });
      setTimeout(() => log.setAttribute('aria-live', 'polite'), 500);
    }
    if (news.messages.length) dropExamples();
    expecting(news.waiting);
    const replies = fresh.filter((node) => !node.classList.contains('me'));
    if (!fresh.length) return;
    if (first || !replies.length) toEnd();
    else log.scrollTop = replies[0].offsetTop - log.offsetTop - 12; // the beginning of the answer, not its end
    if (!panel.open && !first) unread(waitingOutside + replies.length);
  }

  function startAfresh() {
    begin(randomId(), 0);
    tell('cleared');
  }

  /** Another window on this device has begun a conversation, or a new one: this one goes along. */
  function goAlong(event) {
    if (event.key !== STORE || !event.newValue) return;
    const other = JSON.parse(event.newValue);
    if (other.session !== state.session) begin(other.session, other.used);
    state.used = other.used;
    wake();
  }

  function begin(session, used) {
    state.session = session;
    state.used = used;
    state.unsent = [];
    after = '';
    resuming = false;
    clearTimeout(timer);
    shown.forEach((node) => node.remove());
    shown.clear();
    expecting(false);
    welcome();
  }

  // ---- listening --------------------------------------------------------------------------------------

  function grow() {
    field.style.height = 'auto';
    field.style.height = `${field.scrollHeight + 3}px`;
  }
  field.addEventListener('input', () => {
    grow();
    if (field.value.length >= LONGEST) tell('long'); else if (status.dataset.key === 'long') tell('');
  });
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) { event.preventDefault(); submit(); }
  });
  addEventListener('storage', goAlong);
  addEventListener('online', () => { tell(''); deliver(); wake(); });
  addEventListener('offline', () => { if (panel.open) tell('offline'); });
  document.addEventListener('visibilitychange', () => { if (!document.hidden) wake(); });
  document.addEventListener('click', (event) => {
    const target = event.target instanceof Element ? event.target.closest('[data-sapa-open],[data-sapa-ask]') : null;
    if (!target) return;
    event.preventDefault();
    opener = target;
    open();
    if (target.dataset.sapaAsk) say(target.dataset.sapaAsk);
  });

  window.Sapa = { open, close, ask: (text) => { open(); say(text); } };

  /** While a button of the page itself opens the window, a second one would only cover the text. */
  function stepAside() {
    const buttons = document.querySelectorAll('[data-sapa-open]');
    if (!buttons.length || !window.IntersectionObserver) return;
    const seen = new Set();
    const watch = new IntersectionObserver((changes) => {
      changes.forEach((change) => (change.isIntersecting ? seen.add(change.target) : seen.delete(change.target)));
      launch.classList.toggle('away', seen.size > 0 && !waitingOutside);
    });
    buttons.forEach((button) => watch.observe(button));
  }

  function start() {
    document.body.append(host);
    dress();
    stepAside();
    state.unsent.forEach(mine);
    if (state.used) ask();
    if (state.unsent.length) deliver();
    if ('open' in tag.dataset || remembered(STORE) === 'open') open(true);
  }
  if (document.body) start(); else addEventListener('DOMContentLoaded', start);
})();
