/** Packages that each stage of a contestant has in work at once, unless a benchmark is about that. */
export const concurrency = 64;
