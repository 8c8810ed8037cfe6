import { testFileRule } from '../../test/rule-cases.ts';
import { hiddenName } from './hidden-name.ts';

testFileRule(hiddenName, [
  { name: 'decoded', text: `require(atob('Y2hpbGRfcHJvY2Vzcw=='))`, tier: 'review' },
  { name: 'reversed', text: `require('sptth'.split('').reverse().join(''))`, tier: 'review' },
  {
    name: 'by a function',
    text: `const d = (s) => Buffer.from(s, 'hex').toString(); require(d('6e6574'))`,
    tier: 'review',
  },
  { name: 'in pieces', text: `require('child_' + 'process').exec('x')`, tier: 'review' },
  { name: 'joined', text: `process.getBuiltinModule(['child', 'process'].join('_'))`, tier: 'review' },
  { name: 'to evade a bundler', text: `require('cry' + 'pto')`, tier: null },
  { name: 'a name that is kept in a constant', text: `const m = 'child_process'; require(m)`, tier: null },
  { name: 'a path', text: `require(require('path').join(__dirname, 'x'))`, tier: null },
]);
