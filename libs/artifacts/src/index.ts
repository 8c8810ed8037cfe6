/** Content-addressed artifact store. */
export * from './agree-on-store.ts';
export * from './artifact-index.ts';
export * from './file-artifact-store.ts';
export * from './open-artifacts.ts';
export * from './store.ts';
export { artifactStoreHost } from './store-errors.ts';
