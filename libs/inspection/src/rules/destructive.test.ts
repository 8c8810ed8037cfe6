import { testFileRule } from '../../test/rule-cases.ts';
import { destructive } from './destructive.ts';

testFileRule(destructive, [
  {
    name: 'the home folder',
    text: `const os = require('os'); require('fs').rmSync(os.homedir(), { recursive: true, force: true })`,
    tier: 'block',
  },
  {
    name: 'by a library',
    text: `import rimraf from 'rimraf'; import { homedir } from 'os'; rimraf.sync(homedir())`,
    tier: 'block',
  },
  { name: 'by a command', text: `require('child_process').execSync('rm -rf ~/*')`, tier: 'block' },
  {
    name: 'everything',
    text: `require('child_process').exec('sudo rm -rf --no-preserve-root /')`,
    tier: 'block',
  },
  { name: 'with a variable', text: `require('child_process').exec('rm -fr "$HOME"')`, tier: 'block' },
  { name: 'a script', text: `#!/bin/sh\nrm -rf $HOME\n`, language: 'shell', tier: 'review' },
  {
    name: 'a folder in it',
    text: `require('child_process').exec('rm -rf ~/.cache/tool'); require('fs').rmSync(require('os').homedir() + '/.cache/x', { recursive: true })`,
    tier: null,
  },
  { name: 'the build', text: `require('child_process').execSync('rm -rf dist /tmp/x')`, tier: null },
  {
    name: 'a script that cleans',
    text: `rm -rf "$HOME/.tool"\nrm -rf /tmp/a\n`,
    language: 'shell',
    tier: null,
  },
]);
