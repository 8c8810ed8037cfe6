/** The schema that the read models live in; the gateway reads it, nobody else does. */
export const readSchema = 'read';

export const projectorMigrations = { schema: readSchema, folder: new URL('../migrations/', import.meta.url) };
