import type { OpenAPIHono, z } from '@hono/zod-openapi';
import { PermanentError, jsonPointer, type InputFault } from '@sluice/contracts';
import { matchedRoutes } from 'hono/route';

/** Whether each parameter that a route knows may be given more than once. */
type KnownParameters = ReadonlyMap<string, boolean>;
const none: KnownParameters = new Map();

/**
 * Refuses query parameters that a route does not know, and those given twice. A filter that is mistyped would else show
 * everything, and of two values it is not clear which one counts.
 */
export function refuseUnknownQuery(app: OpenAPIHono): void {
  let routes: Map<string, KnownParameters> | undefined;
  app.use(async (c, next) => {
    const { searchParams } = new URL(c.req.url);
    const route = matchedRoutes(c).findLast(({ path }) => !path.endsWith('*'));
    if (searchParams.size > 0 && route) {
      routes ??= knownParameters(app);
      const faults = faultsOf(searchParams, routes.get(`${route.method} ${route.path}`) ?? none);
      if (faults.length > 0)
        throw new PermanentError('input.invalid', faults.map(({ detail }) => detail).join(' '), { faults });
    }
    await next();
  });
}

/** Reads the parameters of each route from its documentation. */
function knownParameters(app: OpenAPIHono): Map<string, KnownParameters> {
  return new Map(
    app.openAPIRegistry.definitions.flatMap((definition) => {
      if (definition.type !== 'route') return [];
      const { method, path, request } = definition.route;
      const shape = (request?.query as z.ZodObject | undefined)?.shape ?? {};
      const parameters = Object.entries(shape).map(
        ([name, schema]) => [name, (schema as z.ZodType).safeParse([]).success] as const,
      );
      return [
        [`${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`, new Map(parameters)] as const,
      ];
    }),
  );
}

function faultsOf(given: URLSearchParams, known: KnownParameters): InputFault[] {
  const names = [...known.keys()].join(', ');
  return [...new Set(given.keys())].flatMap((name) => {
    const shown = JSON.stringify(name.slice(0, 100));
    const pointer = jsonPointer([name]);
    if (!known.has(name)) {
      const instead = names === '' ? 'This address takes none.' : `Known are ${names}.`;
      return { in: 'query', pointer, detail: `The query parameter ${shown} is not known. ${instead}` };
    }
    if (given.getAll(name).length > 1 && !known.get(name))
      return { in: 'query', pointer, detail: `The query parameter ${shown} may be given once.` };
    return [];
  });
}
