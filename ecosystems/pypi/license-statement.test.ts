import { normaliseDeclaredLicense } from '@sluice/licenses';
import { expect, it } from 'vitest';
import { readCoreMetadata } from './core-metadata.ts';
import { licenseStatement } from './license-statement.ts';

const mitText = `MIT License

Copyright (c) 2020 A. Author

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

const osi = (name: string) => `Classifier: License :: OSI Approved :: ${name}`;
const folded = `License: ${mitText.split('\n').join('\n        ')}`;

it.each<[string, string[], string | null, string]>([
  [
    'an expression counts alone',
    ['License-Expression: MIT OR Apache-2.0', osi('BSD License')],
    'MIT OR Apache-2.0',
    'high',
  ],
  ['a name', ['License: MIT'], 'MIT', 'high'],
  ['a name and a classifier that agree', ['License: MIT', osi('MIT License')], 'MIT', 'high'],
  [
    'a name and a classifier of its family',
    ['License: Apache 2.0', osi('Apache Software License')],
    'Apache-2.0',
    'low',
  ],
  [
    'a name and a classifier that differ',
    ['License: MIT', osi('GNU General Public License v3 (GPLv3)')],
    null,
    'none',
  ],
  ['a name and a family that differ', ['License: MIT', osi('BSD License')], null, 'none'],
  ['a classifier alone', ['License: UNKNOWN', osi('MIT License')], 'MIT', 'high'],
  ['a family alone', [osi('BSD License')], 'BSD-2-Clause', 'low'],
  ['two classifiers', [osi('MIT License'), osi('ISC License (ISCL)')], 'MIT AND ISC', 'high'],
  ['a whole text', [folded, osi('MIT License')], 'MIT', 'high'],
  ['a pointer and a classifier', ['License: see LICENSE.txt', osi('MIT License')], 'MIT', 'high'],
  ['a proprietary classifier', ['Classifier: License :: Other/Proprietary License'], null, 'none'],
  ['a restriction', ['License: Free for academic use', osi('MIT License')], null, 'none'],
  [
    'a classifier that is not known',
    ['License: MIT', 'Classifier: License :: Free for non-commercial use'],
    null,
    'none',
  ],
  ['a category', ['Classifier: License :: OSI Approved'], null, 'none'],
  ['nothing', [], null, 'none'],
])('%s: %j', (_title, headers, expression, confidence) => {
  const metadata = readCoreMetadata(
    ['Name: a', 'Version: 1', ...headers, '', 'License: GPL-3.0', ''].join('\n'),
  );
  const read = normaliseDeclaredLicense(licenseStatement(metadata));
  expect([read.expression, read.confidence]).toEqual([expression, confidence]);
});
