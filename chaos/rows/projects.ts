import { setTimeout as delay } from 'node:timers/promises';
import { startFakeGitServer, type FakeGitServer } from '@sluice/testkit/fakes';
import type { Row } from '../row.ts';

/**
 * A message of a service that died comes back after the ack-wait of 30 s; five more are granted, as everywhere, and 15 for git and the
 * assessments, all of which begin only then.
 */
const barMs = 50_000;
/** Projects at a time: they are read side by side, so that a death is in the middle of several. */
const projectsMax = 3;

/** Row 41: the importer dies while it reads repositories. */
export const clonesKilled: Row[] = ['cloning', 'cloned', 'before-commit'].map((point) => {
  let server: FakeGitServer;
  return {
    number: 41,
    name: `kill -9 of the importer at "${point}" in the middle of clones`,
    world: {
      async prepare() {
        server = await startFakeGitServer();
        return { env: { GIT_HOSTS: server.origin }, close: () => server.stop() };
      },
    },
    async inject(world) {
      const perProject = Math.ceil(world.packages / projectsMax);
      const projects = [];
      for (let count = 0; count < projectsMax; count += 1) {
        const names = world.load.publish(perProject);
        server.commit(`${count}.git`, { 'package-lock.json': world.load.lockfileOf(names) });
        projects.push({ id: await world.load.addProject(`${server.origin}/${count}.git`), names });
      }
      await world.arm('importer', point);
      // Services look for their file every 50 ms.
      await delay(200);
      await Promise.all(projects.map(({ id, names }) => world.load.refreshProject(id, names)));
      const deadline = Date.now() + 60_000;
      while (!(await world.hasFired('importer')) && Date.now() < deadline) await delay(100);
      const died = await world.hasFired('importer');
      return {
        what: `${projectsMax} refreshes, the importer at "${point}"`,
        recovery: { since: Date.now(), barMs, what: 'drained after the death' },
        problems: died ? [] : [`importer never came to "${point}"`],
      };
    },
  };
});
