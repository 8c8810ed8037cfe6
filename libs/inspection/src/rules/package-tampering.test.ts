import { testFileRule } from '../../test/rule-cases.ts';
import { packageTampering } from './package-tampering.ts';

const start = `const fs = require('fs'), path = require('path');`;
testFileRule(packageTampering, [
  {
    name: 'a neighbour',
    text: `${start} fs.writeFileSync(path.join(__dirname, '..', 'ethers', 'lib', 'index.js'), x)`,
    tier: 'review',
  },
  {
    name: 'a neighbour by a template',
    text: `${start} fs.copyFileSync('p.js', \`\${__dirname}/../ethers/index.js\`)`,
    tier: 'review',
  },
  {
    name: 'a package of the project',
    text: `${start} fs.appendFileSync(path.resolve(process.cwd(), 'node_modules', '@a', 'b', 'c.js'), x)`,
    tier: 'review',
  },
  {
    name: 'a package that Node finds',
    text: `${start} fs.writeFileSync(require.resolve('axios/lib/axios.js'), x)`,
    tier: 'review',
  },
  {
    name: 'its own file',
    text: `${start} fs.writeFileSync(path.join(__dirname, 'generated.js'), x)`,
    tier: null,
  },
  {
    name: 'a file of the project',
    text: `${start} fs.writeFileSync(path.join(process.cwd(), 'dist', 'x.js'), x)`,
    tier: null,
  },
  {
    name: 'a cache',
    text: `${start} fs.writeFileSync(path.join('node_modules', '.cache', 'x', 'y.json'), x)`,
    tier: null,
  },
]);
