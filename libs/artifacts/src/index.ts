/** Content-addressed artifact store. */
export * from './artifact-index.ts';
export * from './file-artifact-store.ts';
export * from './store.ts';
export { artifactStoreHost } from './store-errors.ts';
