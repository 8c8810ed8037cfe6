/** The REST API's requests and answers, one schema each: for routes, the OpenAPI document and clients. */
export * from './control-schemas.ts';
export * from './package-schemas.ts';
export * from './schemas.ts';
export * from './system-schemas.ts';
