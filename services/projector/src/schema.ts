import { byKeySettings } from '@sluice/postgres';

/** The schema that the read models live in; only the gateway reads it. */
export const readSchema = 'read';

export const projectorMigrations = { schema: readSchema, folder: new URL('../migrations/', import.meta.url) };

/** For sessions that apply events. */
export const projectingSettings = {
  // Rows and checkpoint are lost together when Postgres crashes, and the stream has the events.
  synchronous_commit: 'off',
  ...byKeySettings,
};
