/** SPDX normalisation of declared licenses and detection of license texts. */
export * from './compare-license.ts';
export * from './detect-license-texts.ts';
export * from './normalise-declared-license.ts';
export * from './spdx-expression.ts';
