import { testFileRule } from '../../test/rule-cases.ts';
import { invisibleUnicode } from './invisible-unicode.ts';

const bytes = [...'payload!'].map((c) => String.fromCodePoint(0xe0100 + c.charCodeAt(0) - 16)).join('');
testFileRule(invisibleUnicode, [
  {
    name: 'a payload in variation selectors',
    text: `const s = \`${bytes}\`; eval(decode(s))`,
    tier: 'block',
  },
  { name: 'invisible data', text: `const s = '${bytes}'`, tier: 'review' },
  { name: 'zero-width data', text: `const s = '${'\u200b\u200c'.repeat(40)}'`, tier: 'review' },
  {
    name: 'shown in another order',
    text: `if (level != 'user\u202e \u2066// admin\u2069 \u2066') {`,
    tier: 'review',
  },
  { name: 'an emoji', text: `const s = '\u2764\ufe0f \u{1f468}\u200d\u{1f469}\u200d\u{1f467}'`, tier: null },
  {
    name: 'a list of such characters',
    text: `const marks = ['\u202a', '\u202b', '\u202e']; const r = /[\u202a-\u202e\u2066-\u2069]/`,
    tier: null,
  },
  { name: 'a byte-order mark', text: `\ufeffmodule.exports = 1`, tier: null },
]);
