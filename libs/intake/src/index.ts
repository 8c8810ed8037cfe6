/** One parser per lockfile format, each turning a submission into items. */
export {};
