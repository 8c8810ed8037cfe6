/** Real servers per test file, fake registries and builders, for tests only. */
export {};
