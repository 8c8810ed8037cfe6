import { expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import type { EventData } from './define-event.ts';
import type { pkgScanned, requestSubmitted } from './events.ts';
import type { Known } from './known.ts';

const loose = z.looseObject({
  name: z.string(),
  maybe: z.number().optional(),
  nested: z.looseObject({ deep: z.boolean() }).nullable(),
  list: z.array(z.looseObject({ entry: z.string() })),
  record: z.record(z.string(), z.number()),
});

it('leaves the named fields of loose objects, at every depth', () => {
  expectTypeOf<Known<z.infer<typeof loose>>>().toEqualTypeOf<{
    name: string;
    maybe?: number | undefined;
    nested: { deep: boolean } | null;
    list: { entry: string }[];
    record: Record<string, number>;
  }>();
  expectTypeOf<keyof Known<z.infer<typeof loose>>>().toEqualTypeOf<
    'name' | 'maybe' | 'nested' | 'list' | 'record'
  >();
});

it('leaves a value that is no object as it is', () => {
  expectTypeOf<Known<string>>().toEqualTypeOf<string>();
  expectTypeOf<Known<'a' | 1 | null>>().toEqualTypeOf<'a' | 1 | null>();
  expectTypeOf<Known<Record<string, number>>>().toEqualTypeOf<Record<string, number>>();
});

it('makes a misspelt field of an event an error', () => {
  expectTypeOf<EventData<typeof requestSubmitted>>().not.toHaveProperty('requestID');
  expectTypeOf<EventData<typeof requestSubmitted>>().toHaveProperty('requestId');
  expectTypeOf<EventData<typeof pkgScanned>['evidence']['scan']['files'][number]>().not.toHaveProperty(
    'statuses',
  );
});
