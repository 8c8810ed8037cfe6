import fc from 'fast-check';
import { objectText } from './odd-values.ts';

/** The parts of an OpenAPI 3.1 document that requests are made from. */
export interface OpenApiDocument {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}
interface Operation {
  parameters?: { name: string; in: string; required?: boolean; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
}
interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  anyOf?: Schema[];
  format?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  minLength?: number;
  maxLength?: number;
  items?: Schema;
  maxItems?: number;
  properties?: Record<string, Schema>;
  required?: string[];
}

/** A request as it goes over the wire. */
export interface WireRequest {
  method: string;
  /** The operation that it was made for, and the path that was made for it. */
  operation: string;
  pathOfOperation: string;
  path: string;
  query: [name: string, value: string][];
  headers: Record<string, string>;
  body: string | null;
}

/** Values that exist, by the name of a field or parameter: made-up ones would never get far. */
export type KnownValues = Record<string, readonly string[]>;

/** JSON text that a schema allows. */
function jsonOf(
  schema: Schema,
  document: OpenApiDocument,
  known: KnownValues,
  name = '',
): fc.Arbitrary<string> {
  const of = (inner: Schema, called = name) => jsonOf(inner, document, known, called);
  if (schema.$ref) return of(document.components.schemas[schema.$ref.split('/').at(-1)!]!);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((one) => of(one)));
  if (schema.enum) return fc.constantFrom(...schema.enum.map((value) => JSON.stringify(value)));
  const types = [schema.type ?? 'object'].flat();
  if (types.length > 1) return fc.oneof(...types.map((type) => of({ ...schema, type })));
  switch (types[0]) {
    case 'null':
      return fc.constant('null');
    case 'boolean':
      return fc.boolean().map(String);
    case 'integer':
    case 'number': {
      const min = schema.minimum ?? (schema.exclusiveMinimum ?? -1) + 1;
      const max = schema.maximum ?? Number.MAX_SAFE_INTEGER;
      return fc
        .oneof(fc.constantFrom(min, max), fc.integer({ min, max: Math.min(max, min + 100) }))
        .map(String);
    }
    case 'array':
      return fc
        .array(of(schema.items ?? {}), { maxLength: Math.min(schema.maxItems ?? 3, 3) })
        .map((items) => `[${items.join(',')}]`);
    case 'string':
      return textOf(schema, known[name]).map((text) => JSON.stringify(text));
    default: {
      const fields = Object.entries(schema.properties ?? {}).map(([key, inner]) => {
        const value = of(inner, key).map((text): [string, string] | null => [key, text]);
        return schema.required?.includes(key) ? value : fc.oneof(value, fc.constant(null));
      });
      return fc.tuple(...fields).map(objectText);
    }
  }
}

function textOf(
  { format, minLength = 0, maxLength = 30 }: Schema,
  known: readonly string[] = [],
): fc.Arbitrary<string> {
  const made =
    format === 'uuid'
      ? fc.uuid()
      : format === 'date-time'
        ? fc
            .date({ min: new Date('1970-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
            .map((date) => date.toISOString())
        : fc.string({ minLength, maxLength: Math.min(maxLength, 30) }).map((text) => text.trim() || 'x');
  return known.length > 0 ? fc.oneof(fc.constantFrom(...known), made) : made;
}

const unquoted = (json: string) => (json.startsWith('"') ? (JSON.parse(json) as string) : json);

/** Requests of every operation as the document describes them. */
export function validRequests(document: OpenApiDocument, known: KnownValues): fc.Arbitrary<WireRequest> {
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) =>
      requestOf(path, method.toUpperCase(), operation, document, known),
    ),
  );
  return fc.oneof(...all);
}

function requestOf(
  path: string,
  method: string,
  { parameters = [], requestBody }: Operation,
  document: OpenApiDocument,
  known: KnownValues,
): fc.Arbitrary<WireRequest> {
  const given = parameters.map(({ name, in: place, required, schema }) => {
    const value = jsonOf(schema, document, known, name).map(unquoted);
    const isGiven = required ? fc.constant(true) : fc.boolean();
    return fc.tuple(fc.constant({ name, place }), value, isGiven);
  });
  const bodies = Object.entries(requestBody?.content ?? {}).map(([type, { schema }]) =>
    type === 'application/json'
      ? fc.oneof(
          ...(known[`${method} ${path}`] ?? []).map((text) => fc.constant(text)),
          jsonOf(schema, document, known),
        )
      : fc.constant('{}'),
  );
  const types = Object.keys(requestBody?.content ?? {});
  const body =
    bodies.length === 0
      ? fc.constant(null)
      : fc.oneof(...bodies.map((text, index) => text.map((content) => ({ type: types[index]!, content }))));
  return fc.tuple(fc.tuple(...given), body).map(([values, sent]) => {
    const of = (wanted: string) =>
      values
        .filter(([{ place }, , isGiven]) => place === wanted && isGiven)
        .map(([{ name }, value]): [string, string] => [name, value]);
    const inPath = new Map(of('path'));
    const pathOfOperation = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(inPath.get(name)!.toWellFormed()),
    );
    return {
      method,
      operation: `${method} ${path}`,
      pathOfOperation,
      path: pathOfOperation,
      query: of('query'),
      headers: { ...Object.fromEntries(of('header')), ...(sent ? { 'content-type': sent.type } : {}) },
      body: sent?.content ?? null,
    };
  });
}
