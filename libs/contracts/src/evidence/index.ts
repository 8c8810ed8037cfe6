export * from './download.ts';
export * from './evidence.ts';
export * from './files.ts';
export * from './license.ts';
export * from './registry.ts';
export * from './scan.ts';
export * from './severity.ts';
export * from './verdict.ts';
