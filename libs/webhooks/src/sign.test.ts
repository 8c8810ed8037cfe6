import { Webhook } from 'standardwebhooks';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeSecret, secretBytes } from './secret.ts';
import { signedHeaders } from './sign.ts';

/** The example of the specification's own libraries. */
const vector = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  at: new Date(1_614_265_330_000),
  body: '{"test": 2432232314}',
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};

describe('signatures', () => {
  it('are those of the published example', () => {
    expect(signedHeaders(vector, [vector.secret])).toEqual({
      'webhook-id': vector.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': vector.signature,
    });
  });

  it('are accepted by the reference library for any body, with either of two secrets', () => {
    fc.assert(
      fc.property(fc.json(), fc.uuid(), (body, id) => {
        const secrets = [makeSecret(), makeSecret()];
        const headers = signedHeaders({ id, at: new Date(), body }, secrets);
        for (const secret of secrets)
          expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
      }),
    );
  });

  it('of another body, id, secret or an old moment are refused by the reference library', () => {
    const secret = makeSecret();
    const message = { id: 'a', at: new Date(), body: '{}' };
    const headers = signedHeaders(message, [secret]);
    const receiver = new Webhook(secret);
    expect(() => receiver.verify('{ }', headers)).toThrow(/signature/i);
    expect(() => receiver.verify('{}', { ...headers, 'webhook-id': 'b' })).toThrow(/signature/i);
    expect(() => new Webhook(makeSecret()).verify('{}', headers)).toThrow(/signature/i);
    const old = signedHeaders({ ...message, at: new Date(Date.now() - 6 * 60_000) }, [secret]);
    expect(() => receiver.verify('{}', old)).toThrow(/timestamp/i);
  });
});

it('a secret has 32 bytes behind its prefix, and no two are alike', () => {
  const [one, other] = [makeSecret(), makeSecret()];
  expect(one).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(secretBytes(one)).toHaveLength(32);
  expect(one).not.toBe(other);
});
