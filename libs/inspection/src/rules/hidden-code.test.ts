import { testFileRule } from '../../test/rule-cases.ts';
import { hiddenCode } from './hidden-code.ts';

const blanks = ' '.repeat(400);
testFileRule(hiddenCode, [
  {
    name: 'code far to the right',
    text: `module.exports = 1;${blanks}require('child_process').exec('id')`,
    tier: 'review',
  },
  { name: 'after tabs', text: `a();${'\t'.repeat(200)}eval(atob(b))`, tier: 'review' },
  { name: 'an aligned comment', text: `a();${blanks}// requires care: process this`, tier: null },
  { name: 'an aligned table', text: `var a = [1,${blanks}2,${blanks}3]`, tier: null },
  { name: 'indented code', text: `${blanks}require('x')`, tier: null },
]);
