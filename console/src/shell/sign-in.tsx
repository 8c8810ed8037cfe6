import { useState } from 'preact/hooks';
import { findPrincipal, refusal } from '../api/principal.ts';
import { setKey } from '../api/session.ts';
import { ProblemNote } from '../parts/states.tsx';

/** For those who have shown no key, or one that does not count. */
export function SignIn() {
  const [given, setGiven] = useState('');
  return (
    <main class="sign-in">
      <h1>Sign in to Sluice</h1>
      {refusal.value && refusal.value.code !== 'access.unauthenticated' && (
        <ProblemNote problem={refusal.value} />
      )}
      <p>
        On the machine that runs <code>npm start</code>, open the address of the console that it prints: it
        holds the key. Elsewhere, show a key that an admin made for you.
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setKey(given.trim());
          void findPrincipal();
        }}
      >
        <label class="field">
          Key
          <input
            type="password"
            autocomplete="off"
            required
            value={given}
            onInput={({ currentTarget }) => setGiven(currentTarget.value)}
          />
        </label>
        <button type="submit" class="primary">
          Sign in
        </button>
      </form>
      <p style={{ marginTop: '1rem' }}>
        Or{' '}
        <a href={`/sign-in?to=${encodeURIComponent(location.pathname + location.search)}`}>
          sign in at your provider
        </a>
        , where one is set up.
      </p>
    </main>
  );
}
