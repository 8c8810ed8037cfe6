import { deliveryMigrations } from '@sluice/delivery';

export const scannerSchema = 'scanner';

/** The scanner's tables, to be applied in this order. */
export const scannerMigrations = [
  deliveryMigrations(scannerSchema),
  { schema: scannerSchema, folder: new URL('../migrations/', import.meta.url) },
];
