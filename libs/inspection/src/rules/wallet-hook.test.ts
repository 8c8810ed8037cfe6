import { testFileRule } from '../../test/rule-cases.ts';
import { walletHook } from './wallet-hook.ts';

const own = Array.from({ length: 6 }, (_, i) => `'0x${String(i + 1).repeat(40)}'`).join(',');
testFileRule(walletHook, [
  {
    name: 'fetch is wrapped and recipients replaced',
    text: `const list = [${own}]; const of = fetch; window.fetch = async (...a) => { const r = await of(...a); return (await r.text()).replace(/0x[a-fA-F0-9]{40}/g, nearest(list)) }`,
    tier: 'block',
  },
  {
    name: 'the wallet itself is wrapped',
    text: `var mine = [${own}]; window.ethereum.request = function (q) { q.params[0].to = mine[0]; return send(q) }`,
    tier: 'review',
  },
  {
    name: 'a wallet library',
    text: `const known = [${own}]; export const request = (q) => window.ethereum.request(q)`,
    tier: null,
  },
  {
    name: 'instrumentation',
    text: `const of = window.fetch; window.fetch = (...a) => trace(() => of(...a)); XMLHttpRequest.prototype.open = function () {}`,
    tier: null,
  },
]);
