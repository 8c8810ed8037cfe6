import type { OpenAPIHono, RouteConfig, z } from '@hono/zod-openapi';
import { PermanentError, jsonPointer, type InputFault } from '@sluice/contracts';
import type { RouteOf } from '../http/documented-routes.ts';
import { findPage } from '../http/pages.ts';

/** Whether each parameter that a route knows may be given more than once. */
type KnownParameters = ReadonlyMap<string, boolean>;

/**
 * Refuses query parameters that a route does not know, and those given twice. A filter that is mistyped would else show
 * everything, and of two values it is not clear which one counts.
 */
export function refuseUnknownQuery(app: OpenAPIHono, routeOf: RouteOf): void {
  app.use(async (c, next) => {
    const { searchParams } = new URL(c.req.url);
    const isRead = searchParams.size > 0 && findPage(c.req.path)?.readsQuery !== true;
    const faults = isRead ? faultsOf(searchParams, knownParameters(routeOf(c))) : [];
    if (faults.length > 0)
      throw new PermanentError('input.invalid', faults.map(({ detail }) => detail).join(' '), { faults });
    await next();
  });
}

function knownParameters(route: RouteConfig | undefined): KnownParameters {
  const shape = (route?.request?.query as z.ZodObject | undefined)?.shape ?? {};
  return new Map(
    Object.entries(shape).map(([name, schema]) => [name, (schema as z.ZodType).safeParse([]).success]),
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
