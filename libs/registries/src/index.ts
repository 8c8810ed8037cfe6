/** Package registries: metadata, artifact addresses, integrity. */
export {};
