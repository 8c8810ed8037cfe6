/** An index and distributions, made up; for tests. Needs no test runner. */
export * from './distributions.ts';
export * from './start-fake-pypi.ts';
