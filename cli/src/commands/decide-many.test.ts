import { expect, it } from 'vitest';
import { fakeGateway } from '../../test/fake-gateway.ts';

const shown = (name: string, assessmentId: string | null) => ({
  purl: `pkg:npm/${name}@1.0.0`,
  assessmentId,
  sequence: 0,
  decision: null,
  refusal: { code: 'decision.needs-second', detail: 'It would wait for another person.' },
});
const id = '01960d3c-7a4e-7cc2-9f1e-2b7a9c1d0e11';
const answer = { items: [shown('a', id), shown('b', null)], decided: 0, refused: 2 };
const gateway = await fakeGateway(() => ({
  'POST /v1/decisions/preview': [200, answer],
  'POST /v1/decisions': [200, answer],
}));
const sent = () => gateway.asked.map(({ body }) => JSON.parse(body) as Record<string, unknown>);

it.each(['approve-all', 'reject-all'])('%s decides what it has shown, as it was shown', async (command) => {
  await gateway.sluice(command, '--code', 'license.review', '--reason', 'r', '--yes');
  const [preview, act] = sent();
  expect(preview).toMatchObject({ code: 'license.review' });
  expect(act).not.toHaveProperty('code');
  expect(act).toMatchObject({
    expectedCount: 2,
    packages: [
      { purl: 'pkg:npm/a@1.0.0', assessmentId: id, sequence: 0 },
      { purl: 'pkg:npm/b@1.0.0', assessmentId: null, sequence: 0 },
    ],
  });
});

it('names them alone where the gateway does not say on which assessment', async () => {
  const { assessmentId: _, ...older } = shown('a', null);
  gateway.answers['POST /v1/decisions/preview'] = [200, { ...answer, items: [older] }];
  await gateway.sluice('approve-all', '--code', 'license.review', '--reason', 'r', '--yes');
  expect(sent()[1]).toMatchObject({ packages: ['pkg:npm/a@1.0.0'] });
});
