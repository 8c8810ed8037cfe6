import { describe, expect, it } from 'vitest';
import { fakeGateway } from '../../test/fake-gateway.ts';

const decided = {
  purl: 'pkg:npm/a@1.0.0',
  scope: 'default',
  assessmentId: '01960d3c-7a4e-7cc2-9f1e-2b7a9c1d0e11',
  decision: {
    state: 'approved',
    by: { kind: 'person', name: 'noor' },
    reason: 'r',
    at: '2026-03-01T09:30:00.000Z',
    until: '2026-03-01T17:30:00.000Z',
    sequence: 1,
  },
};
const address = '/v1/packages/pkg%3Anpm%2Fa%401.0.0';
const gateway = await fakeGateway(() => ({
  [`POST ${address}/approve`]: [200, decided],
  [`POST ${address}/approve-in-emergency`]: [200, decided],
}));

describe('sluice approve', () => {
  it('says that another person is needed, which is no mistake of the one who approved', async () => {
    gateway.answers[`POST ${address}/approve`] = [
      409,
      {
        code: 'decision.needs-second',
        detail: 'mira has approved it. The policy wants another person to do so.',
        remedy: 'Ask a second person.',
      },
    ];
    const { code, stderr } = await gateway.sluice('approve', 'a@1.0.0', '--reason', 'r');
    expect(code).toBe(1);
    expect(stderr).toContain('wants another person');
    expect(stderr).toContain('Ask a second person.');
  });

  it('in an emergency takes a ticket, and holds for eight hours unless told otherwise', async () => {
    const { code, stdout } = await gateway.sluice(
      'approve-in-emergency',
      'a@1.0.0',
      '--reason',
      'r',
      '--ticket',
      'INC-7',
    );
    expect([code, stdout]).toEqual([
      0,
      'pkg:npm/a@1.0.0 is approved by noor until 2026-03-01T17:30:00.000Z.\n',
    ]);
    expect(JSON.parse(gateway.asked[0]!.body)).toEqual({ reason: 'r', ticket: 'INC-7', hours: 8 });
    const long = await gateway.sluice(
      'approve-in-emergency',
      'a@1.0.0',
      '--reason',
      'r',
      '--ticket',
      't',
      '--hours',
      '25',
    );
    expect(long.code).toBe(2);
    expect((await gateway.sluice('approve-in-emergency', 'a@1.0.0', '--reason', 'r')).code).toBe(2);
  });
});
