/**
 * The migrations of the tables that delivery rests on: outbox, inbox and the watch over the stream. A service with state
 * applies them to its schema before its own.
 */
export function deliveryMigrations(schema: string): { schema: string; folder: URL } {
  return { schema, folder: new URL('../migrations/', import.meta.url) };
}
