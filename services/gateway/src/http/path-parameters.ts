import { wholeNumber, z } from '@sluice/api';
import { purlLengthMax, stageNames, stageServices, visibleText } from '@sluice/contracts';

const segment = (name: string, example: string | number) => ({
  param: { name, in: 'path' as const },
  example,
});

export const requestIdParam = z.object({
  id: z.uuid().openapi(segment('id', '01960d3c-7a4e-7cc2-9f1e-2b7a9c1d0e11')),
});

export const refreshParam = requestIdParam.extend({
  refresh: z.uuid().openapi(segment('refresh', '01960d3c-7a4e-7cc2-9f1e-2b7a9c1d0e12')),
});

export const deliveryParam = requestIdParam.extend({
  delivery: z.uuid().openapi(segment('delivery', '01960d3c-7a4e-5cc2-9f1e-2b7a9c1d0e13')),
});

export const purlParam = z.object({
  purl: visibleText(purlLengthMax).openapi({
    ...segment('purl', 'pkg:npm/lodash@4.17.21'),
    description: 'Package URL, percent-encoded.',
  }),
});

export const stageParam = z.object({ stage: z.enum(stageNames).openapi(segment('stage', 'scan')) });
export const hostParam = z.object({
  host: visibleText(260).openapi(segment('host', 'registry.example')),
});
export const workerParam = z.object({
  service: z.enum(stageServices).openapi(segment('service', 'scanner')),
  instance: visibleText(200).openapi(segment('instance', 'scanner-7c9:1')),
});
export const keyParam = z.object({
  key: z
    .string()
    .regex(/^[0-9A-Za-z]{12}$/, 'must be the id of a key')
    .openapi(segment('key', 'k3F9aQ2LmZx0')),
});
export const sessionParam = z.object({
  session: z.uuid().openapi(segment('session', '01960d3c-7a4e-7cc2-9f1e-2b7a9c1d0e13')),
});
export const sequenceParam = z.object({
  sequence: wholeNumber(1, Number.MAX_SAFE_INTEGER).openapi(segment('sequence', 7)),
});
