import { expect, test } from 'vitest';
import { contentsOf } from '../../test/contents-of.ts';
import { executableStarted } from './executable-started.ts';

const library = Buffer.concat([Buffer.from('MZ'), Buffer.alloc(200)]);
const program = Buffer.concat([Buffer.from('7f454c46', 'hex'), Buffer.alloc(200)]);

test.each<[string, Record<string, string | Buffer>, number]>([
  ['a program', { 'index.js': `require('child_process').spawn(__dirname + '/bin/a')`, 'bin/a': program }, 1],
  [
    'a program by a joined path',
    {
      'index.js': `const p = require('path').join(__dirname, 'bin', 'helper'); require('child_process').execFileSync(p, ['-x'])`,
      'bin/helper': program,
    },
    1,
  ],
  [
    'a library',
    {
      'index.js': `require('child_process').spawn('rund' + 'll32', [require('path').join(__dirname, './x.dll') + ',main'])`,
      'x.dll': library,
    },
    1,
  ],
  [
    'a library that something else loads',
    {
      'index.js': `require('child_process').exec('regsvr32 /s ' + f); const f = __dirname + '/x.dll'`,
      'x.dll': library,
    },
    1,
  ],
  [
    'an addon',
    {
      'index.js': `module.exports = require('./a.node'); require('child_process').spawn('git')`,
      'a.node': program,
    },
    0,
  ],
  ['a program of the system', { 'index.js': `require('child_process').spawn('git')`, 'bin/a': program }, 0],
])('%s: started or not', (_, files, count) => {
  expect([...executableStarted.check(contentsOf(files))]).toHaveLength(count);
});
