import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import {
  controlBodySchema,
  controlledSchema,
  controlSchema,
  hostParam,
  ifNoneMatch,
  jsonContent,
  page,
  polled,
  stageParam,
  wholePage,
  workerParam,
} from '@sluice/api';
import {
  canonicalHost,
  controlCommand,
  PermanentError,
  type Control,
  type ControlInput,
  type ErrorCode,
} from '@sluice/contracts';
import { openControlBucket, readControls } from '@sluice/stages';
import { sendCommand } from '@sluice/broker';
import { commandBodyProblems } from '../command-body.ts';
import type { GatewayDeps } from '../deps.ts';
import { pageOfNamed } from '../page.ts';
import { askingProblems, commandProblems, problems } from '../problem.ts';

const list = createRoute({
  method: 'get',
  path: '/v1/controls',
  operationId: 'listControls',
  summary: 'What is paused or drained, by whom, since when and why',
  tags: ['operations'],
  request: { headers: ifNoneMatch, query: wholePage },
  responses: {
    ...polled(page(controlSchema, 'ControlPage'), 'As the stages see it.'),
    ...problems(...askingProblems),
  },
});

const body = { required: true, content: { 'application/json': { schema: controlBodySchema } } };
const answers = (...further: ErrorCode[]) => ({
  200: jsonContent(controlledSchema, 'So it is now.'),
  ...problems(...commandBodyProblems, ...commandProblems, ...further),
});

const stageRoute = <Verb extends 'pause' | 'resume'>(verb: Verb, summary: string) =>
  createRoute({
    method: 'post',
    path: `/v1/stages/{stage}/${verb}`,
    operationId: `${verb}Stage`,
    summary,
    description:
      'A paused stage asks for no more work within about a second, and finishes what it runs. What waits costs no ' +
      'attempt and is never late. Doing it again changes nothing.',
    tags: ['operations'],
    request: { params: stageParam, body },
    responses: answers(),
  });

const hostRoute = <Verb extends 'pause' | 'resume'>(verb: Verb, summary: string) =>
  createRoute({
    method: 'post',
    path: `/v1/hosts/{host}/${verb}`,
    operationId: `${verb}Host`,
    summary,
    description:
      'Nothing is fetched from a paused host: package versions that need it wait, others go on. Without a port it is ' +
      'every port of the host.',
    tags: ['operations'],
    request: { params: hostParam, body },
    responses: answers(),
  });

const workerRoute = <Verb extends 'drain' | 'undrain'>(verb: Verb, summary: string) =>
  createRoute({
    method: 'post',
    path: `/v1/workers/{service}/{instance}/${verb}`,
    operationId: `${verb}Worker`,
    summary,
    description:
      'A drained instance finishes what it runs, takes no more and lives on. It holds for the name of the instance, ' +
      'over restarts, until it is lifted or the instance has been gone for an hour.',
    tags: ['operations'],
    request: { params: workerParam, body },
    responses: answers('worker.not-found'),
  });

const routes = {
  pauseStage: stageRoute('pause', 'Pause a stage'),
  resumeStage: stageRoute('resume', 'Let a paused stage go on'),
  pauseHost: hostRoute('pause', 'Pause a host'),
  resumeHost: hostRoute('resume', 'Let a paused host be fetched from again'),
  drain: workerRoute('drain', 'Drain an instance'),
  undrain: workerRoute('undrain', 'Let a drained instance work again'),
};

/** Pauses of stages and hosts, drains of instances. */
export function controls(app: OpenAPIHono, deps: GatewayDeps): void {
  const send = async (input: ControlInput) => (await sendCommand(deps.bus, controlCommand, input)) as never;
  app.openapi(list, async (c) => {
    const held = (await readControls(await openControlBucket(deps.bus))) ?? [];
    const named = ({ kind, name }: Control) => `${kind} ${name}`;
    return c.json(pageOfNamed(c, held, c.req.valid('query'), named), 200);
  });
  for (const verb of ['pause', 'resume'] as const) {
    const held = verb === 'pause';
    app.openapi(routes[`${verb}Stage`], async (c) => {
      const name = c.req.valid('param').stage;
      return c.json(await send({ ...c.req.valid('json'), kind: 'stage', name, held }), 200);
    });
    app.openapi(routes[`${verb}Host`], async (c) => {
      const name = hostOf(c.req.valid('param').host);
      return c.json(await send({ ...c.req.valid('json'), kind: 'host', name, held }), 200);
    });
  }
  for (const verb of ['drain', 'undrain'] as const) {
    app.openapi(routes[verb], async (c) => {
      const { service, instance } = c.req.valid('param');
      const name = `${service}/${instance}`;
      const held = verb === 'drain';
      return c.json(await send({ ...c.req.valid('json'), kind: 'worker', name, held }), 200);
    });
  }
}

function hostOf(text: string): string {
  const host = canonicalHost(text);
  if (host === null) {
    const faults = [{ in: 'path' as const, pointer: '/host', detail: 'is no host' }];
    throw new PermanentError('input.invalid', `${JSON.stringify(text)} is no host.`, { faults });
  }
  return host;
}
