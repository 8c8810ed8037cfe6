import { testFileRule } from '../../test/rule-cases.ts';
import { cryptoMiner } from './crypto-miner.ts';

testFileRule(cryptoMiner, [
  {
    name: 'a pool and a program',
    text: `require('child_process').spawn('./x', ['-o', 'stratum+tcp://pool.example:3333'])`,
    tier: 'review',
  },
  {
    name: 'by name',
    text: `import { execFile } from 'child_process'; execFile('/tmp/xmrig', ['--donate-level', '1'])`,
    tier: 'review',
  },
  { name: 'a list of what to block', text: `module.exports = ['coinhive', 'xmrig']`, tier: null },
]);
