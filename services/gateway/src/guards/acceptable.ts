import type { OpenAPIHono, RouteConfig } from '@hono/zod-openapi';
import { PermanentError } from '@sluice/contracts';
import type { RouteOf } from '../http/documented-routes.ts';

/** Refuses requests whose Accept leaves out every media type that the route can answer with (RFC 9110, 15.5.7). */
export function refuseUnacceptable(app: OpenAPIHono, routeOf: RouteOf): void {
  app.use(async (c, next) => {
    const accept = c.req.header('accept')?.trim() ?? '';
    const types = accept === '' ? [] : successTypes(routeOf(c));
    if (types.length > 0 && !types.some((type) => isAccepted(type, accept)))
      throw new PermanentError('input.not-acceptable', `The answer is ${types.join(' or ')}.`);
    await next();
  });
}

function successTypes(route: RouteConfig | undefined): string[] {
  const answers = Object.entries(route?.responses ?? {}).filter(([status]) => status.startsWith('2'));
  return [
    ...new Set(answers.flatMap(([, answer]) => Object.keys(('content' in answer && answer.content) || {}))),
  ];
}

/** Of the ranges that hold the type, the most specific one counts; one with `q=0` excludes it. */
function isAccepted(type: string, accept: string): boolean {
  const ranges = accept.split(',').map((range) => {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    return { name, isExcluded: parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter)) };
  });
  const specific = [type, `${type.split('/')[0]}/*`, '*/*'];
  const counting = specific
    .map((name) => ranges.filter((range) => range.name === name))
    .find((found) => found.length > 0);
  return counting?.some(({ isExcluded }) => !isExcluded) ?? false;
}
