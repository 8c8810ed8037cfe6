import { testFileRule } from '../../test/rule-cases.ts';
import { selfErasure } from './self-erasure.ts';

testFileRule(selfErasure, [
  { name: 'deletes its own file', text: `require('fs').unlinkSync(__filename)`, tier: 'review' },
  { name: 'by another name', text: `const f = __filename; require('fs').promises.rm(f)`, tier: 'review' },
  { name: 'by a command', text: `require('child_process').exec('rm -f ' + __filename)`, tier: 'review' },
  { name: 'overwrites itself', text: `require('fs').writeFileSync(__filename, '')`, tier: 'review' },
  {
    name: 'another manifest',
    text: `const fs = require('fs'); fs.renameSync(__dirname + '/package.md', __dirname + '/package.json')`,
    tier: 'review',
  },
  {
    name: 'another manifest, copied',
    text: `const p = require('path'); require('fs').copyFileSync(p.join(__dirname, 'a.txt'), p.resolve(__dirname, 'package.json'))`,
    tier: 'review',
  },
  {
    name: 'a file for a while',
    text: `require('fs').unlinkSync(require('path').join(require('os').tmpdir(), 'x'))`,
    tier: null,
  },
  {
    name: 'a version in a manifest',
    text: `require('fs').writeFileSync('package.json', JSON.stringify(p))`,
    tier: null,
  },
  { name: 'its own folder is read', text: `require('fs').readFileSync(__filename)`, tier: null },
]);
