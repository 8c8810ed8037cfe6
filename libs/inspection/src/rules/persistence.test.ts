import { testFileRule } from '../../test/rule-cases.ts';
import { persistence } from './persistence.ts';

const home = `const os = require('os'), fs = require('fs'), path = require('path');`;
testFileRule(persistence, [
  {
    name: 'a shell profile',
    text: `${home} fs.appendFileSync(path.join(os.homedir(), '.bashrc'), 'x')`,
    tier: 'review',
  },
  {
    name: 'one of several',
    text: `${home} ['.zshrc', '.profile'].forEach((f) => fs.appendFileSync(os.homedir() + '/' + f, 'x'))`,
    tier: 'review',
  },
  {
    name: 'hooks of a coding agent',
    text: `${home} fs.promises.writeFile(\`\${os.homedir()}/.claude/settings.json\`, '{}')`,
    tier: 'review',
  },
  {
    name: 'a service',
    text: `${home} fs.copyFileSync(a, path.resolve(os.homedir(), '.config/systemd/user/a.service'))`,
    tier: 'review',
  },
  {
    name: 'git hooks',
    text: `${home} fs.symlinkSync(a, path.join('.git', 'hooks', 'post-checkout'))`,
    tier: 'review',
  },
  {
    name: 'keys that may log in',
    text: `${home} fs.createWriteStream(os.homedir() + '/.ssh/authorized_keys', { flags: 'a' })`,
    tier: 'review',
  },
  {
    name: 'a timetable by command',
    text: `require('child_process').exec('echo "@reboot node /tmp/a" | crontab -')`,
    tier: 'review',
  },
  {
    name: 'a timetable of Windows',
    text: `require('child_process').spawn('schtasks', ['/create', '/tn', 'a', '/tr', 'node a.js'])`,
    tier: 'review',
  },
  {
    name: 'a script',
    text: `#!/bin/sh\necho "node /tmp/a" >> ~/.bashrc\n`,
    language: 'shell',
    tier: 'review',
  },
  { name: 'reading a profile', text: `${home} fs.readFileSync(os.homedir() + '/.bashrc')`, tier: null },
  {
    name: 'a file of its own',
    text: `${home} fs.writeFileSync(os.homedir() + '/.tool/settings.json', '{}')`,
    tier: null,
  },
  { name: 'opening to read', text: `${home} fs.openSync(os.homedir() + '/.bashrc', 'r')`, tier: null },
  { name: 'a list of the timetable', text: `require('child_process').exec('crontab -l')`, tier: null },
  {
    name: 'advice',
    text: `#!/bin/sh\n# tool completion >> ~/.bashrc\necho "add it to ~/.bashrc"\n`,
    language: 'shell',
    tier: null,
  },
]);
