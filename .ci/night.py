"""Long checks of `netral batch`: python3 .ci/night.py NETRAL WORK CHECK…, where CHECK is kills, disk, append, size or page.

kills: kill -9 at 100 random moments of runs over 200,000 rows; each resumed run equals an undisturbed one, in all it writes and in its state.
disk: the same after a full disk and a read-only folder (needs root, for a file system of its own). append: what 1 % of new rows costs.
size: ten million rows in one night in at most 200 MB. page: the page of a run with hostile posts in headless Chromium (browser.py).
"""
import hashlib, json, os, random, resource, shutil, signal, sqlite3, subprocess, sys, time
from pathlib import Path

netral, work = sys.argv[1], Path(sys.argv[2])
here = Path(__file__).parent
DATE = ['--date', '2026-11-22']


def place(name, rows, **more):
    folder = work / name
    shutil.rmtree(folder, ignore_errors=True)
    (folder / 'drop').mkdir(parents=True)
    (folder / 'key').write_text('a key that only checks have')
    facts = dict(name='checks', dpia='DPIA-1', output='runs', state='state', key='key', **more)
    lines = [f'{key} = {json.dumps(value)}' for key, value in facts.items()]
    (folder / 'nightly.toml').write_text('\n'.join(lines) + '\nrules = ["id-skb-2022"]\n[[input]]\nsource = "x"\npath = "drop"\n')
    if rows:
        os.link(feed(rows), folder / 'drop' / 'a.jsonl')
    return folder


def feed(rows):
    """A feed of so many rows with ids of their own, made once."""
    path = work / f'{rows}.jsonl'
    if not path.exists():
        subprocess.run([sys.executable, here.parent / 'benches/peers/feed.py', work, str(min(rows, 100_000))], check=True, stdout=subprocess.DEVNULL)
        made = (work / 'feed.jsonl').read_bytes()
        with open(path, 'wb') as out:
            for part in range(max(1, rows // 100_000)):
                out.write(made.replace(b'{"id": "17', b'{"id": "%03d17' % part))
            # One in 100,000 cannot be read.
            out.write(b'{"id": "torn\n' * max(1, rows // 100_000))
    return path


def run(folder, *options, **how):
    return subprocess.run([netral, 'batch', folder / 'nightly.toml', '--quiet', *DATE, *options], capture_output=True, text=True, **how)


def written(folder):
    """All that a batch wrote, without times and what follows from them."""
    found = {}
    for path in sorted((folder / 'runs').rglob('*')):
        if path.is_file() and path.name != 'manifest.json':
            found[str(path.relative_to(folder))] = hashlib.sha256(path.read_bytes()).hexdigest()
    for path in sorted((folder / 'runs').rglob('manifest.json')):
        manifest = json.loads(path.read_text())
        for time_of in ('started', 'finished', 'seconds', 'resumed', 'config'):
            manifest.pop(time_of)
        for entry in manifest['inputs']:
            entry.pop('sha256')
        found[str(path.relative_to(folder))] = json.dumps(manifest, sort_keys=True)
    db = sqlite3.connect(folder / 'state' / 'state.sqlite')
    digest = hashlib.sha256()
    for row in db.execute('SELECT key, text, run FROM row ORDER BY key'):
        digest.update(repr(row).encode())
    found['rows'] = digest.hexdigest()
    found['files'] = repr(db.execute('SELECT source, path, bytes, sha256, cuts, run FROM file ORDER BY path').fetchall())
    found['run'] = repr(db.execute('SELECT stage, place, tally FROM run WHERE id = 1').fetchall())
    db.close()
    return found


def same(calm, other, what):
    for name in sorted(set(calm) | set(other)):
        if calm.get(name) != other.get(name):
            sys.exit(f'{what}: {name} differs from the undisturbed run:\n{str(calm.get(name))[:300]}\n{str(other.get(name))[:300]}')


def kills(count=int(os.environ.get('KILLS', 100))):
    calm = place('calm', 200_000)
    start = time.time()
    assert run(calm).returncode == 3
    whole = time.time() - start
    expected = written(calm)
    random.seed(17)
    done, compared, torn = 0, 0, place('torn', 200_000)
    while done < count:
        process = subprocess.Popen([netral, 'batch', torn / 'nightly.toml', '--quiet', *DATE], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(random.uniform(0, whole))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            done += 1
        ended = (torn / 'runs').exists() and any(path.suffix != '.partial' for path in (torn / 'runs').iterdir())
        if ended or done % 5 == 0:
            # A run may have been killed after its folder had its name.
            again = run(torn)
            assert again.returncode in (0, 3), again.stderr
            verified = subprocess.run([netral, 'audit', 'verify', torn / 'nightly.toml'], capture_output=True, text=True)
            assert verified.returncode == 0, verified.stderr
            for later in (torn / 'runs').glob('0002-*'):
                assert (later / 'items.jsonl').read_bytes() == b'', 'a row was scored twice'
                shutil.rmtree(later)
            same(expected, written(torn), f'after {done} kills')
            compared += 1
            torn = place('torn', 200_000)
    print(f'kills: {done} kills within {whole:.1f} s of 200,000 rows; {compared} resumed runs equal the undisturbed one, none lost, none doubled')


def disk():
    calm = place('calm', 200_000)
    run(calm)
    expected = written(calm)
    for what in ('output', 'state'):
        for fault in ('full', 'read-only'):
            folder = place('full', 200_000)
            mount = folder / {'output': 'runs', 'state': 'state'}[what]
            mount.mkdir()
            subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=' + ('4m' if fault == 'full' else '1g'), 'tmpfs', mount], check=True)
            try:
                if fault == 'read-only':
                    subprocess.run(['mount', '-o', 'remount,ro', mount], check=True)
                failed = run(folder)
                assert failed.returncode == 1 and failed.stderr.startswith('netral: '), (failed.returncode, failed.stderr)
                subprocess.run(['mount', '-o', 'remount,rw,size=1g', mount], check=True)
                assert run(folder).returncode == 3
                same(expected, written(folder), f'{fault} {what}')
                print(f'disk: {fault} {what}: "{failed.stderr.strip()[:150]}", then resumed: equal')
            finally:
                subprocess.run(['umount', mount], check=True)


def timed(folder):
    start = time.time()
    done = run(folder)
    assert done.returncode in (0, 3), done.stderr
    return time.time() - start


def append():
    for rows in (200_000, 2_000_000):
        folder = place('append', 0)
        shutil.copy(feed(rows), folder / 'drop' / 'a.jsonl')
        first = timed(folder)
        with open(folder / 'drop' / 'a.jsonl', 'ab') as out, open(feed(100_000), 'rb') as new:
            for _ in range(rows // 100):
                out.write(new.readline().replace(b'{"id": "000', b'{"id": "999'))
        more, again = timed(folder), timed(folder)
        manifests = [json.loads(path.read_text()) for path in sorted((folder / 'runs').rglob('manifest.json'))]
        assert [m['counts']['read'] for m in manifests[1:]] == [rows // 100, 0], [m['counts'] for m in manifests]
        print(f'append: {rows:,} rows {first:.1f} s; 1 % more {more:.2f} s, {100 * more / first:.1f} % of it; nothing new {again:.2f} s, {100 * again / first:.1f} %')


def size():
    folder = place('size', 10_000_000)
    start = time.time()
    assert run(folder).returncode == 3
    seconds = time.time() - start
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    state = (folder / 'state' / 'state.sqlite').stat().st_size >> 20
    print(f'size: ten million rows in {seconds:.0f} s, {peak} MB of memory, a state of {state} MB')
    assert peak <= 200


def page():
    folder = place('page', 0)
    text = 'ayo semua coblos paslon nomor 2, menangkan Bu Melati, pilih nomor 2'
    hostile = ['<script>window.pwned = 1</script>', '"><img src=x onerror="window.pwned=1">', '</p></article></main>', '<a href="javascript:alert(1)">', '{{items}}', '\u202e',
               "' onmouseover=alert(1)", '<iframe src="https://evil.example">', 'https://evil.example/x.png', 'a' * 5000]
    with open(folder / 'drop' / 'a.jsonl', 'w') as out:
        for n in range(40):
            row = {'id': str(n), 'author': f'<b>{n}</b>', 'text': f'{text} {hostile[n % len(hostile)]}', 'created_at': '2024-01-20T10:00:00Z', 'type': 'comment' if n % 2 else 'post'}
            out.write(json.dumps(row) + '\n')
    assert run(folder).returncode == 0
    shown = sum(1 for _ in open(next((folder / 'runs').rglob('items.jsonl'))))
    subprocess.run([sys.executable, here / 'browser.py', next((folder / 'runs').rglob('summary.html')), str(shown)], check=True)
    print(f'page: {shown} items looked at in Chromium')


for check in sys.argv[3:]:
    {'kills': kills, 'disk': disk, 'append': append, 'size': size, 'page': page}[check]()
