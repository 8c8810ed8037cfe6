/** The schema that the read models live in; the gateway reads it, nobody else does. */
export const readSchema = 'read';

export const projectorMigrations = { schema: readSchema, folder: new URL('../migrations/', import.meta.url) };

/** For sessions that apply events. */
export const projectingSettings = {
  // Rows and checkpoint are lost together when Postgres crashes, and the stream has the events.
  synchronous_commit: 'off',
  // Every statement finds its rows by their key. Statistics of tables that fill say otherwise: a plan made while one
  // was small reads all of it for each batch, and is kept.
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  jit: 'off',
};
