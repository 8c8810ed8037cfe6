/** The scanner's schema and where its migrations are. */
export const scannerMigrations = { schema: 'scanner', folder: new URL('../migrations/', import.meta.url) };
