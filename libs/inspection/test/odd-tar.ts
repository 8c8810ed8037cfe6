import fc from 'fast-check';
import { paxRecord, tar, type TarEntry } from '@sluice/testkit';

const paths = ['package/a', 'package/b.js', 'package/lib/c', './d', 'package/./e', 'other/f', 'package/a/g'];
const oddPaths = [
  'package//h',
  'package/i/',
  'j',
  'package/k\0l',
  'package/m\0\nn',
  'package/.',
  './package/o',
  '/p/q',
];
const path = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...paths) },
  { weight: 1, arbitrary: fc.constantFrom(...oddPaths) },
);
const hidden = tar([{ path: 'package/hidden.js', body: 'hidden' }]);
const body = fc.constantFrom<(string | Buffer)[]>('', 'x', 'y'.repeat(513), hidden);
const type = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom('0', '0', '0', '\0', '5') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('7', '1', '2', 'S', 'V', 'A', 'X', 'N', 'D', 'I', 'M', 'Z', ' ', '\xff'),
  },
);

/** Texts at places of a header. Few entries have one, so that many archives are read to their end. */
const spots: [at: number, text: string][] = [
  [124, '          1'],
  [124, '+0000000001'],
  [124, '00000000001\n'],
  [124, '1\u00007'],
  [124, '\u0000'.repeat(12)],
  [124, '\x80\0\0\0\0\0\0\0\0\0\0\x01'],
  [124, '\x81\0\0\0\0\0\0\0\0\0\0\x01'],
  [124, '\xff'.repeat(12)],
  [124, '00000001000\0'],
  [100, 'rw-r--r-'],
  [100, '0000644 '],
  [108, '\x80\0\0\0\0\0\0\x01'],
  [136, 'yesterday'],
  [136, '00000000000 '],
  [157, 'package/b.js'],
  [157, '\0x'],
  [257, 'ustar  \0'],
  [257, '\0'.repeat(8)],
  [257, 'ustar\u000001'],
  [257, 'nonsense'],
  [345, 'package'],
  [345, 'package/deep\0x'],
  [345, 'x'.repeat(155)],
  [476, '00000000001\u000000000000001\0'],
  [476, 'text'],
  [508, 'tar\0'],
];
const edit = fc.oneof(
  { weight: 6, arbitrary: fc.constant<typeof spots>([]) },
  { weight: 1, arbitrary: fc.subarray(spots, { minLength: 1, maxLength: 2 }) },
);
const spoil = fc.oneof(
  { weight: 30, arbitrary: fc.constant<string | null>(null) },
  { weight: 1, arbitrary: fc.constantFrom('        ', '00000000', '\0\0\0\0\0\0\0\0') },
);

const member = fc
  .record({ path, body, type, edit, spoil })
  .map(({ edit: edits, spoil: sum, ...entry }): TarEntry => {
    const isEmpty = entry.type === '5' && edits.length === 0;
    return {
      ...entry,
      body: isEmpty ? '' : entry.body,
      ...('12'.includes(entry.type) ? { body: '', linkpath: 'package/b.js' } : {}),
      edit: (block) => edits.forEach(([at, text]) => block.write(text, at, 'latin1')),
      spoil: (block) => void (sum !== null && block.write(sum, 148, 'latin1')),
    };
  });

const record = fc
  .tuple(
    fc.constantFrom(
      'path',
      'linkpath',
      'size',
      'mtime',
      'comment',
      'uid',
      'GNU.sparse.name',
      'hdrcharset',
      'type',
      'ACME.x',
    ),
    fc.constantFrom(
      '1',
      '0',
      '-5',
      '513',
      '1536',
      'x',
      '',
      'package/p.js',
      'package/q.js',
      'package/p.js\0z',
      'package/r/',
    ),
  )
  .map(([key, value]) => paxRecord(key, value));
const brokenRecord = fc.constantFrom(
  '99 path=package/p.js\n',
  '7 path=package/p.js\n',
  ' 21 path=package/p.js\n',
  'path=package/p.js\n',
  paxRecord('comment', `a\n${paxRecord('path', 'package/p.js')}`),
  '\0\0',
);
const records = fc
  .array(fc.oneof({ weight: 9, arbitrary: record }, { weight: 1, arbitrary: brokenRecord }), {
    minLength: 1,
    maxLength: 3,
  })
  .map((parts) => parts.join(''));
const usualRecords = fc.constantFrom(paxRecord('path', 'package/usual.js'), paxRecord('mtime', '1.5'));
const extension = fc.oneof(
  {
    weight: 3,
    arbitrary: usualRecords.map((text): TarEntry => ({ path: 'PaxHeader', type: 'x', body: text })),
  },
  { weight: 2, arbitrary: records.map((text): TarEntry => ({ path: 'PaxHeader', type: 'x', body: text })) },
  { weight: 1, arbitrary: records.map((text): TarEntry => ({ path: 'global', type: 'g', body: text })) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom('L', 'L', 'L', 'K'),
        fc.constantFrom('package/long.js\0', 'package/long.js', 'package/l\0m\0', '\0'),
      )
      .map(([kind, name]): TarEntry => ({ path: '././@LongLink', type: kind, body: name })),
  },
);
const part = fc.oneof({ weight: 3, arbitrary: member }, { weight: 1, arbitrary: extension });
const end = fc.constantFrom(1024, 1024, 1024, 10_240, 512, 0).map((bytes) => Buffer.alloc(bytes));

/** Archives of which programs may understand different things, and as many plain ones. */
export const oddTar = fc
  .tuple(fc.array(part, { minLength: 1, maxLength: 4 }), end, fc.option(fc.tuple(member, end), { freq: 12 }))
  .map(([parts, last, more]) =>
    Buffer.concat([tar(parts, last), ...(more ? [tar([more[0]], more[1])] : [])]),
  );
