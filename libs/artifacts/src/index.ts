/** Content-addressed artifact store. */
export * from './file-artifact-store.ts';
export * from './store.ts';
