"""Drives a page of the agency summary in headless Chromium: python3 browser.py PAGE ITEMS. Exits 1 if an assertion fails, 2 without Chromium.

Chromium itself gets no way out: every name but this machine's own address resolves to nothing.
"""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unicodedata
from html.parser import HTMLParser
from pathlib import Path

KEYS = {'agency': 'agency', 'activity': 'activity', 'signals': 'signals', 'band': 'band', 'phase': 'phase'}
# Chromium's own requests (accounts, dictionaries) have no origin; those of a page in a file have the origin `null`.
OWN = 'not an origin'
POLICY = 'http-equiv="Content-Security-Policy"'

PROBE = r'''
document.addEventListener('DOMContentLoaded', async () => {
  const all = (query) => [...document.querySelectorAll(query)];
  const seen = (node) => node.checkVisibility();
  const items = all('#items > article');
  const visible = () => items.filter(seen).length;
  const wait = () => new Promise((done) => setTimeout(done, 400));
  const count = () => all('#count > span').filter(seen).map((line) => [...line.querySelectorAll('b')].map((b) => Number(b.textContent.replace(/\D/g, '')))).flat();
  const found = {};
  try {
    const nodes = all('*').filter((node) => !node.matches('[data-probe]'));
    found.items = items.length;
    found.articles = all('article').length;
    found.visible = visible();
    found.handlers = nodes.flatMap((node) => node.getAttributeNames().filter((name) => /^on/i.test(name)));
    found.elements = nodes.map((node) => node.localName).filter((name) => /^(img|iframe|frame|object|embed|link|base|form|audio|video|source|svg|template|portal)$/.test(name));
    found.addresses = nodes.flatMap((node) => [...node.attributes]).filter(({ localName, value }) => /^(href|src|srcset|action|formaction|poster|ping|data|background)$/.test(localName) && !/^#\w*$/.test(value)).map(({ value }) => value);
    found.targets = all('[href^="#"]').map((node) => node.getAttribute('href')).filter((href) => !document.getElementById(href.slice(1)));
    found.refresh = all('meta[http-equiv=refresh i]').length;
    found.styles = nodes.map((node) => node.getAttribute('style')).filter((style) => style !== null && !/^width: ?[\d.]+%;?$/.test(style));
    found.scripts = all('script:not([data-probe]), style').map((node) => node.localName + ' in ' + node.parentNode.localName);
    found.strangers = all('.item .text *').filter((node) => !node.matches('mark.for, mark.against')).length;
    found.ran = 'pwned' in window;
    found.undisclaimed = items.filter((item) => !item.querySelector('.disclaimer')).length;
    found.notice = document.querySelector('main').firstElementChild.textContent;
    found.unlabelled = all('select, input').filter((field) => !field.labels.length).length + all('button').filter((button) => button.type !== 'button' || !button.textContent.trim()).length;
    found.tables = all('table').length;
    found.untitled = all('table').filter((table) => !table.caption).length + all('th').filter((th) => !th.scope).length;
    found.doubled = all('[id]').length - new Set(all('[id]').map((node) => node.id)).size;
    found.overflow = document.scrollingElement.scrollWidth - innerWidth;
    found.js = document.documentElement.classList.contains('js');
    found.controls = all('#filters, #language').filter(seen).length;
    if (found.js) {
      found.live = document.getElementById('count').getAttribute('aria-live');
      const selects = all('#filters select');
      const set = (field, value, event) => {
        field.value = value;
        field.dispatchEvent(new Event(event, { bubbles: true }));
      };
      const clear = () => selects.forEach((select) => set(select, '', 'change'));
      found.filters = {};
      for (const select of selects) {
        found.filters[select.name] = {};
        for (const { value } of [...select.options]) {
          set(select, value, 'change');
          found.filters[select.name][value] = [visible(), ...count()];
        }
        set(select, '', 'change');
      }
      found.together = [];
      for (const values of TOGETHER) {
        for (const [name, value] of Object.entries(values)) set(selects.find((select) => select.name === name), value, 'change');
        found.together.push(visible());
        clear();
      }
      const search = document.querySelector('#filters input');
      found.searches = [];
      for (const words of SEARCHES) {
        set(search, words, 'input');
        await wait();
        found.searches.push(visible());
      }
      set(selects[3], 'likely', 'change');
      document.getElementById('reset').click();
      await wait();
      found.reset = [visible(), search.value, selects.map((select) => select.value).join('')];
      // Asking for the visibility of what is off the screen makes Chromium lay it out: of long lists the first items must do.
      const later = new Set(items.slice(40));
      const shown = (lang) => all(`span[lang=${lang}]`).filter((node) => !later.has(node.closest('article'))).filter(seen).length;
      found.languages = [];
      for (let n = 0; n < 3; n += 1) {
        found.languages.push([document.documentElement.lang, shown('id'), shown('en'), document.querySelector('#filters option').text]);
        document.getElementById('language').click();
      }
    }
  } catch (error) {
    found.error = String(error);
  }
  const out = document.createElement('pre');
  out.id = 'probe';
  out.textContent = JSON.stringify(found).replace(/[<&>]/g, (c) => '\\u00' + c.charCodeAt(0).toString(16));
  document.body.append(out);
});
'''


class Page(HTMLParser):
    """Items and options as the file has them, read without a browser."""

    def __init__(self, source):
        super().__init__()
        self.items, self.options, self.select, self.inside = [], {}, None, False
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        classes = (attrs.get('class') or '').split()
        if tag == 'article':
            self.items.append({**{key: attrs.get(f'data-{key}') or '' for key in KEYS}, 'text': ''})
        elif tag == 'p' and 'text' in classes:
            self.inside = True
        elif tag == 'select':
            self.select = self.options.setdefault(attrs['name'], [])
        elif tag == 'option' and self.select is not None:
            self.select.append(attrs['value'])

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != 'p'

    def handle_data(self, data):
        if self.inside:
            self.items[-1]['text'] += data

    def matching(self, chosen, words=''):
        held = lambda item, key, value: not value or value in (item[key].split(' ') if key == 'signals' else [item[key]])
        return sum(all(held(item, *pair) for pair in chosen.items()) and fold(words) in fold(item['text']) for item in self.items)


def fold(text):
    return unicodedata.normalize('NFKC', text).lower()


class Listener:
    """A port of this machine that counts who calls."""

    def __init__(self):
        self.socket = socket.create_server(('127.0.0.1', 0))
        self.port = self.socket.getsockname()[1]
        self.calls = 0
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            call, _ = self.socket.accept()
            self.calls += 1
            call.close()


def browse(chromium, source, size='1200,2000'):
    """What the probe found on the page, and the requests that the page made."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        page, log = Path(folder, 'page.html'), Path(folder, 'net.json')
        page.write_text(source, 'utf-8')
        command = [chromium, '--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update',
                   '--disable-sync', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1', f'--user-data-dir={folder}/profile', f'--window-size={size}',
                   f'--log-net-log={log}', '--dump-dom', '--virtual-time-budget=5000', page.as_uri()]
        run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            dom = run.communicate(timeout=180)[0].decode('utf-8', 'replace')
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
            run.communicate()
            return {'error': 'Chromium took longer than three minutes'}, []
        start = dom.rfind('<pre id="probe">') + len('<pre id="probe">')
        found = json.loads(dom[start:dom.index('</pre>', start)]) if start >= len('<pre id="probe">') else {'error': 'the probe said nothing'}
        net = json.loads(log.read_text('utf-8'))
        begun = net['constants']['logEventTypes']['URL_REQUEST_START_JOB']
        requests = [event['params'] for event in net['events'] if event['type'] == begun and 'url' in event.get('params', {})]
        return found, [r['url'] for r in requests if r.get('initiator') != OWN and r['url'] != page.as_uri()]


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    chromium = os.environ.get('CHROMIUM') or shutil.which('chromium') or shutil.which('chromium-browser') or shutil.which('google-chrome')
    if not chromium:
        print('no Chromium')
        sys.exit(2)
    source, count = Path(sys.argv[1]).read_text('utf-8'), int(sys.argv[2])
    page = Page(source)
    failed = []

    def check(name, got, wanted):
        good = got == wanted
        print(f'ok    {name}' if good else f'FAIL  {name}: wanted {wanted!r}, got {got!r}')
        if not good:
            failed.append(name)

    picked = [{**item, 'signals': item['signals'].split(' ')[0]} for item in page.items[:: max(1, count // 4)]]
    together = [{key: item[key] for key in keys} for item in picked for keys in (('agency', 'band'), ('signals', 'phase', 'activity'))]
    words = [text.split()[len(text.split()) // 2][:12] for text in (item['text'] for item in page.items[:: max(1, len(page.items) // 6)]) if text.split()]
    searches = [*words, *(word.upper() for word in words[:1]), 'zzz no such words', '']
    given = f'const TOGETHER = {json.dumps(together)}, SEARCHES = {json.dumps(searches)};'.replace('<', '\\u003c')
    probe = f'\n<script data-probe>{given}{PROBE}</script>'
    listener = Listener()

    found, requests = browse(chromium, source + probe)
    check('the probe ran', found.get('error'), None)
    if found.get('error'):
        sys.exit(1)
    check(f'{count} items in the file', len(page.items), count)
    check(f'{count} items in the browser, no article elsewhere', [found['items'], found['articles']], [count, count])
    check('all are visible at first', found['visible'], count)
    check('five filters', sorted(found['filters']), sorted(KEYS))
    for name in KEYS:
        values = {value: [n := page.matching({name: value}), n, count] for value in page.options.get(name, [])}
        told = ', '.join(f'{value or "all"} {n[0]}' for value, n in values.items())
        check(f'filter {name}: {told}', found['filters'].get(name), values)
        held = {value for item in page.items for value in (item[name].split() if name == 'signals' else [item[name]])}
        check(f'filter {name} offers every value that items have', sorted(held - set(values)), [])
    check(f'filters hold together: {len(together)} times', found['together'], [page.matching(pair) for pair in together])
    check(f'search: {len(searches)} times', found['searches'], [page.matching({}, text) for text in searches])
    check('reset shows all and empties the fields', found['reset'], [count, '', ''])
    check('the count is read out', found['live'], 'polite')
    langs = [row[0] for row in found['languages']]
    other = {'id': 'en', 'en': 'id'}.get(langs[0])
    check('the button switches the language and back', langs, [langs[0], other, langs[0]])
    check('one language at a time', [row[2 if row[0] == 'id' else 1] for row in found['languages']], [0, 0, 0])
    check('as many labels in both', len({row[1] + row[2] for row in found['languages']}), 1)
    check('options follow the language', [row[3] for row in found['languages']], [{'id': 'semua', 'en': 'all'}[lang] for lang in langs])
    for key, name in (('handlers', 'no on* attribute'), ('elements', 'no element that fetches, frames or sends'), ('addresses', 'no address but #…'),
                      ('targets', 'every #… has its target'), ('styles', 'no style attribute but the width of a bar')):
        check(name, found[key], [])
    for key, name in (('refresh', 'no refresh'), ('strangers', 'nothing but marks in texts'), ('undisclaimed', 'every item says that it is not a finding'),
                      ('unlabelled', 'every field has a label, every button a text'), ('untitled', 'every table has a caption, every th a scope'), ('doubled', 'no id twice')):
        check(name, found[key], 0)
    check('one style and one script, both in the head', sorted(found['scripts']), ['script in head', 'style in head'])
    check('no text of a post ran', found['ran'], False)
    check('the page begins with: bukan putusan / not a finding', 'bukan putusan / not a finding' in found['notice'], True)
    check('no sideways scrolling at 1200', found['overflow'] <= 0, True)
    check('the page made no request', requests, [])
    check('nobody called the port', listener.calls, 0)

    bare, requests = browse(chromium, re.sub(r'(?s)<script>.*?</script>', '', source, count=1) + probe, size='500,1000')
    check('without its script everything is visible', [bare.get('js'), bare.get('visible')], [False, count])
    check('without its script no dead control is shown', bare.get('controls'), 0)
    check('no sideways scrolling at 500', bare.get('overflow', 1) <= 0, True)

    lure = f'\n<img data-probe src="http://127.0.0.1:{listener.port}/lure.png">'
    _, requests = browse(chromium, source + lure + probe)
    check('its policy stops an image put into it', [requests, listener.calls], [[], 0])
    _, requests = browse(chromium, source.replace(POLICY, 'data-off') + lure + probe)
    check('control: without the policy the image is seen in the log and at the port', [len(requests) > 0, listener.calls > 0], [True, True])

    print(f'{len(failed)} failed' if failed else 'all hold')
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    main()
